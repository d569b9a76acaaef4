package audit_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// A server goes on while an audit reads, erases what was not read yet, seals and appends: the audit is of
// one moment.
func TestServerGoesOn(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	for range 1200 { // more than is read ahead
		s.say(s.team, s.bob, "on and on")
	}
	last := s.say(s.team, s.bob, "to be erased")
	head := s.state.Position
	snapshot, err := audit.OpenSnapshot(t.Context(), s.db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	s.erase(last, s.bob)
	s.erase(s.plan, s.carol)
	s.seal()
	if snapshot.Head() != head {
		t.Errorf("head: got %d, want %d", snapshot.Head(), head)
	}
	a := audit.New(audit.Options{TempDir: t.TempDir()})
	defer a.Close()
	for first := true; ; first = false {
		events, err := snapshot.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if first {
			s.say(s.team, s.bob, "more")
		}
		if err := a.Check(events); err != nil {
			t.Fatal(err)
		}
	}
	got, err := a.Finish(snapshot.Claims())
	if err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, got, nil)
	if got.Events != int64(head) || got.Sealed != s.seal2-1 {
		t.Errorf("got %d events, sealed to %d; want %d and %d", got.Events, got.Sealed, head, s.seal2-1)
	}
	if got := auditOf(t, s.db.DSN); len(got.Findings) > 0 || got.Events != int64(head)+4 {
		t.Errorf("afterwards: got %+v", got)
	}
}

// What a snapshot gives is what the event store gives.
func TestSnapshotIsTheLog(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	log := eventstoretest.Open(t, s.db.DSN)
	want, err := log.Read(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := audit.OpenSnapshot(t.Context(), s.db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	got, err := snapshot.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i := range want {
		if !asStored(&got[i], &want[i]) {
			t.Errorf("got %+v\nwant %+v", got[i], want[i])
		}
	}
	if _, err := snapshot.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: got %v, want io.EOF", err)
	}
	if _, err := snapshot.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("and again: got %v, want io.EOF", err)
	}
}

func asStored(a, b *domain.Event) bool {
	return a.Position == b.Position && a.ID == b.ID && a.Stream == b.Stream && a.Version == b.Version && a.Type == b.Type &&
		string(a.Payload) == string(b.Payload) && string(a.Metadata) == string(b.Metadata) &&
		string(a.Body) == string(b.Body) && (a.Body == nil) == (b.Body == nil) &&
		a.RecordedAt.Equal(b.RecordedAt) && a.RecordedAt.Location() == b.RecordedAt.Location() && a.LeafHash == b.LeafHash
}

// A log is read whole however its rows fall on pages and batches; bodies of ten kilobytes fill batches by bytes.
func TestManyPages(t *testing.T) {
	t.Parallel()
	h := newHistory(t)
	h.chatter(21_000)
	if got := auditOf(t, h.db.DSN); len(got.Findings) > 0 || got.Events != int64(h.state.Position) || got.Sealed != h.last {
		t.Errorf("got %d events, sealed to %d, %v", got.Events, got.Sealed, got.Findings)
	}
}

func TestWideRows(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.sayMuch()
	checkPlaces(t, auditOf(t, s.db.DSN), nil)
}

// sayMuch appends more than is read ahead: 300 messages of 20 kB of JSON.
func (s *story) sayMuch() {
	s.t.Helper()
	content := strings.Repeat(`"`, domain.MaxContent) // two bytes each in JSON
	for range 300 {
		s.say(s.team, s.bob, content)
	}
}

// Whoever stops half-way leaves nothing behind: TestMain looks for goroutines, PostgreSQL for connections.
func TestSnapshotGivenUp(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.sayMuch()
	snapshot, err := audit.OpenSnapshot(t.Context(), s.db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 { // some may have been read ahead
		if _, err = snapshot.Next(ctx); err != nil {
			break
		}
	}
	if !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if err := snapshot.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestEmptyLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	if got := auditOf(t, db.DSN); got.Events != 0 || len(got.Findings) > 0 {
		t.Errorf("got %+v", got)
	}
}

// Tables that are not there claim nothing.
func TestNoStateTables(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	if _, err := s.db.SQL.Exec(`DROP TABLE projection_offsets, merkle_batches`); err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, auditOf(t, s.db.DSN), nil)
}

func TestNoLogAtAll(t *testing.T) {
	t.Parallel()
	if _, err := audit.OpenSnapshot(t.Context(), pgtest.Empty(t).DSN); err == nil {
		t.Error("a snapshot of a database without a log")
	}
}

// An interrupt ends the transaction before Close does, which is no error of Close.
func TestSnapshotInterrupted(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.sayMuch()
	ctx, interrupt := context.WithCancel(t.Context())
	snapshot, err := audit.OpenSnapshot(ctx, s.db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Next(ctx); err != nil {
		t.Fatal(err)
	}
	interrupt()
	for err == nil { // until the reader meets the end of the transaction, or of the log
		_, err = snapshot.Next(t.Context())
	}
	if err := snapshot.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
