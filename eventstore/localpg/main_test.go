package localpg_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"testing"

	"chainmail/eventstore/localpg"

	"go.uber.org/goleak"
)

// TestMain lets the test binary play the other processes: a keeper, and a user that lives until its
// standard input ends.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 {
		switch os.Args[1] {
		case "keeper":
			exit(localpg.Keep(context.Background(), os.Args[2], slog.New(slog.NewTextHandler(os.Stderr, nil))))
		case "user":
			exit(beUser(os.Args[2]))
		case "temp":
			exit(beTemp())
		}
	}
	goleak.VerifyTestMain(m)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func beUser(dataDir string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, err := localpg.Use(ctx, dataDir, options(dataDir))
	if err != nil {
		return err
	}
	fmt.Println(server.DSN)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}

func beTemp() error {
	server, err := localpg.StartTemp(context.Background())
	if err != nil {
		return err
	}
	fmt.Println(server.DSN)
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}

func options(dataDir string) localpg.Options {
	executable, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return localpg.Options{Keeper: []string{executable, "keeper", dataDir}}
}
