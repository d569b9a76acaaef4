// Command withpg runs a command with a PostgreSQL for tests beside it:
//
//	go run ./internal/cmd/withpg go test ./...
//
// The command finds the server in TEST_DATABASE_URL. That value is the same each time, unless another
// such server runs, so that Go's test cache holds. withpg ends with the command's exit status, and the
// server and its data are gone then; killed, it takes the server along. With TEST_DATABASE_URL set
// already it only runs the command.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"chainmail/eventstore/localpg"
)

func main() {
	status, err := run(context.Background(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withpg:", err)
	}
	os.Exit(status)
}

func run(ctx context.Context, args []string) (status int, err error) {
	const usage, trouble = 2, 2
	if len(args) == 0 {
		return usage, errors.New("usage: withpg COMMAND [ARGUMENT…]")
	}
	// A terminal's Ctrl-C reaches the command too: wait for it to end, then clear up.
	ctx, cancel := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	env := os.Environ()
	if os.Getenv("TEST_DATABASE_URL") == "" {
		server, err := localpg.StartTemp(ctx)
		if err != nil {
			return trouble, err
		}
		defer func() {
			if closeErr := server.Close(); closeErr != nil {
				status, err = max(status, 1), errors.Join(err, closeErr)
			}
		}()
		env = append(env, "TEST_DATABASE_URL="+server.DSN)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode(), nil
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled():
		return 128 + int(exit.Sys().(syscall.WaitStatus).Signal()), err
	case err != nil:
		return trouble, err
	}
	return 0, nil
}
