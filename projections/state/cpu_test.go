package state_test

import (
	"context"
	"database/sql"
	"syscall"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

// cpu is the processor time of this process and of one server process.
type cpu struct{ client, server time.Duration }

// measure reads the processor time used so far. The server's is that of the connection, where it
// runs on this machine, else 0.
func measure(tb testing.TB, conn *sql.Conn) cpu {
	tb.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	var pid int
	if err := conn.QueryRowContext(context.Background(), `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
		tb.Fatal(err)
	}
	return cpu{time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), pgtest.ProcessTime(pid)}
}
