package audit_test

import (
	"testing"

	"go.uber.org/goleak"

	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) {
	// A listener of lib/pq whose database went away sleeps some seconds before it sees that it was closed.
	goleak.VerifyTestMain(pgtest.Runner{M: m}, goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
}
