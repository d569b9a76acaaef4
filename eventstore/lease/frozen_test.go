//go:build unix

package lease_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"chainmail/eventstore/lease"
	"chainmail/migrations/pgtest"
)

// playVariable makes the test binary a server that holds the lease in the database at this address.
const playVariable = "LEASE_TEST_PLAY"

// play is that server: it says when it has the lease, and for each line that it reads whether it believes that it has it.
func play() bool {
	dsn := os.Getenv(playVariable)
	if dsn == "" {
		return false
	}
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		panic(err)
	}
	l := lease.NewFor(db, "work", "child", short)
	go l.Run(context.Background(), func(ctx context.Context, epoch int64) { // ends with the process
		fmt.Println("has", epoch)
		lines := bufio.NewScanner(os.Stdin)
		for lines.Scan() {
			_, held := l.Held()
			fmt.Println("holds", held)
		}
		os.Exit(0)
	})
	select {}
}

// A process that was frozen beyond its lease does not believe in it when it wakes, be it the first thing that it looks at.
func TestFrozenProcess(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), playVariable+"="+db.DSN)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	said := bufio.NewScanner(out)
	hears := func(ask, want string) {
		t.Helper()
		if _, err := fmt.Fprint(in, ask); err != nil {
			t.Fatal(err)
		}
		if !said.Scan() || said.Text() != want {
			t.Fatalf("said %q, want %q", said.Text(), want)
		}
	}
	hears("", "has 1")
	hears("?\n", "holds true")
	if err := child.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	b := start(t, db.SQL, "b", short)
	if epoch := await(t, b.began); epoch != 2 {
		t.Errorf("epoch: got %d, want 2", epoch)
	}
	if _, err := fmt.Fprint(in, "?\n"); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	hears("", "holds false")
	b.holds(t, 2)
}
