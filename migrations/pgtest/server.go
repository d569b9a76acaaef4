package pgtest

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"chainmail/eventstore/localpg"
)

const serverVariable = "TEST_DATABASE_URL"

// shared is the server of this process. It has to be found from tests that know nothing of each
// other.
var shared struct {
	mu     sync.Mutex
	server *localpg.Temp // guarded by mu
	err    error         // guarded by mu; a start that went wrong is not tried again

	pooler    *Pooler // guarded by mu
	poolerErr error   // guarded by mu
}

// mustServer returns the DSN of a database on the server, to create others from.
func mustServer(t testing.TB) string {
	t.Helper()
	if dsn := os.Getenv(serverVariable); dsn != "" {
		return dsn
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.server == nil && shared.err == nil {
		// Not the test's context: the server serves the others too.
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
		defer cancel()
		shared.server, shared.err = localpg.StartTemp(ctx)
	}
	if shared.err != nil {
		t.Fatalf("start PostgreSQL: %v", shared.err)
	}
	return shared.server.DSN
}

// Main is the TestMain of a package that uses databases: it runs the tests, stops the server that
// they may have started, and exits.
func Main(m *testing.M) { os.Exit(Runner{m}.Run()) }

// Runner is [Main] without the exit, to be handed to goleak.VerifyTestMain.
type Runner struct {
	// M runs the tests.
	M interface{ Run() int }
}

// Run runs the tests, stops their server and returns the exit status.
func (r Runner) Run() int {
	status := r.M.Run()
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.pooler != nil {
		if err := shared.pooler.close(); err != nil {
			fmt.Fprintln(os.Stderr, "stop PgBouncer:", err)
			status = max(status, 1)
		}
		shared.pooler = nil
	}
	if shared.server == nil {
		return status
	}
	if err := shared.server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		status = max(status, 1)
	}
	shared.server = nil
	return status
}
