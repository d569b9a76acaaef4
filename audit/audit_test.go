package audit_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"chainmail/audit"
)

// auditOf audits a database without anything from outside.
func auditOf(t testing.TB, dsn string) audit.Summary {
	t.Helper()
	return auditWith(t, dsn, audit.Options{})
}

func auditWith(t testing.TB, dsn string, o audit.Options) audit.Summary {
	t.Helper()
	ctx := context.Background()
	s, err := audit.OpenSnapshot(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the snapshot: %v", err)
		}
	}()
	o.TempDir = t.TempDir()
	a := audit.New(o)
	defer a.Close()
	for {
		events, err := s.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Check(events); err != nil {
			t.Fatal(err)
		}
	}
	summary, err := a.Finish(s.Claims())
	if err != nil {
		t.Fatal(err)
	}
	summary.Findings = append(summary.Findings, s.Findings()...)
	return summary
}
