package sealer_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/sealer"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

// spans are the positions that seals cover.
func spans(seals []*domain.MerkleBatchSealed) (got [][2]domain.Position) {
	for _, d := range seals {
		got = append(got, [2]domain.Position{d.FirstPosition, d.LastPosition})
	}
	return got
}

// A backlog is sealed a full batch at a time. What is left waits for more.
func TestFullBatches(t *testing.T) {
	t.Parallel()
	s, key := newServer(t, pgtest.New(t).DSN), newKey(t)
	s.append(35)
	s.seal(bySize, key.Verifier, newRing(key), nil)
	want := [][2]domain.Position{{1, 10}, {11, 20}, {21, 30}}
	if got := spans(s.awaitSeals(30)); !slices.Equal(got, want) {
		t.Errorf("seals: got %v, want %v", got, want)
	}
	s.append(2) // with three seals, 31 to 40 is full
	if got := spans(s.awaitSeals(40)); len(got) != 4 || got[3] != [2]domain.Position{31, 40} {
		t.Errorf("seals: got %v, want a fourth of 31 to 40", got)
	}
	if got := s.check(key.Verifier); got != 4 {
		t.Errorf("%d seals, want 4", got)
	}
}

// A batch that does not fill up is sealed after a while.
func TestInterval(t *testing.T) {
	t.Parallel()
	s, key := newServer(t, pgtest.New(t).DSN), newKey(t)
	sealing, _ := s.seal(quick, key.Verifier, newRing(key), nil)
	for range 3 {
		s.awaitSeals(s.append(1))
	}
	// Each seal falls into the next batch; the last one is left alone.
	want := [][2]domain.Position{{1, 1}, {2, 3}, {4, 5}}
	if got := spans(s.awaitSeals(5)); !slices.Equal(got, want) {
		t.Errorf("seals: got %v, want %v", got, want)
	}
	if got := s.check(key.Verifier); got != 3 {
		t.Errorf("%d seals, want 3", got)
	}
	wantStatus := sealer.Status{Sealed: 5, Sealing: true}
	for deadline := time.After(patience); sealing.Status() != wantStatus; { // told right after the seal
		select {
		case <-time.After(time.Millisecond):
		case <-deadline:
			t.Fatalf("status: got %+v, want %+v", sealing.Status(), wantStatus)
		}
	}
}

// With batches of one event the seals themselves fill batches. They are sealed with the next event, not alone, or
// there would be ever more of them.
func TestBatchesOfOne(t *testing.T) {
	t.Parallel()
	s, key := newServer(t, pgtest.New(t).DSN), newKey(t)
	s.append(5)
	settings := bySize
	settings.BatchSize = 1
	_, stop := s.seal(settings, key.Verifier, newRing(key), nil)
	s.awaitSeals(5)
	s.append(1) // at 11, after five seals
	want := [][2]domain.Position{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 11}}
	if got := spans(s.awaitSeals(11)); !slices.Equal(got, want) {
		t.Errorf("seals: got %v, want %v", got, want)
	}
	stop()
	if got := s.check(key.Verifier); got != 6 {
		t.Errorf("%d seals, want 6", got)
	}
}

// A server that starts goes on where the last one ended, and counts the time of what waited meanwhile.
func TestStartsFromTheLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	key := newKey(t)
	first := newServer(t, db.DSN)
	first.append(12)
	_, stop := first.seal(quick, key.Verifier, newRing(key), nil)
	first.awaitSeals(12)
	stop()
	last := first.append(3)
	second := newServer(t, db.DSN)
	second.seal(quick, key.Verifier, newRing(key), nil)
	second.awaitSeals(last)
	second.check(key.Verifier)
}

// brokenTree is a tree whose storage went wrong.
type brokenTree struct{ err error }

func (b brokenTree) Range(context.Context, int64) (merkle.Range, error) { return merkle.Range{}, b.err }

// The stored tree is never believed against the last seal: the leaf hashes decide.
func TestAStoredTreeThatIsWrong(t *testing.T) {
	t.Parallel()
	for _, broken := range []brokenTree{{nil}, {errors.New("a node is missing")}} {
		s, key := newServer(t, pgtest.New(t).DSN), newKey(t)
		s.append(10)
		_, stop := s.seal(quick, key.Verifier, newRing(key), nil)
		s.awaitSeals(10)
		stop()
		s.append(10)
		made := sealer.New(s.log, s.view, broken, key.Verifier, newRing(key).find, quick, slog.New(slog.DiscardHandler))
		background(t, func(ctx context.Context) { _ = made.Run(ctx) })
		s.awaitSeals(20)
		s.check(key.Verifier)
	}
}

// A log that is not what it once sealed is never sealed again, and the server says so.
func TestATamperedLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, key := newServer(t, db.DSN), newKey(t)
	s.append(10)
	_, stop := s.seal(quick, key.Verifier, newRing(key), nil)
	s.awaitSeals(10)
	stop()
	tamper(t, db, `UPDATE events SET leaf_hash = sha256('another') WHERE position = 4`)
	s.append(10)
	log := newTold()
	sealing, stop := s.seal(quick, key.Verifier, newRing(key), slog.New(log))
	log.await(t, slog.LevelError)
	s.append(20)
	stop()
	if got := log.at(slog.LevelError); len(got) != 1 {
		t.Errorf("told %q, want it once", got)
	}
	if got := sealing.Status(); got.Sealing {
		t.Errorf("status: got %+v, want no sealing", got)
	}
	if last, err := s.log.Last(t.Context(), domain.SealStream); err != nil || last.Version != 1 {
		t.Errorf("the last seal: got %+v, %v, want the first", last, err)
	}
}

// Of a log with a gap nothing is sealed that comes after it.
func TestAGap(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, key := newServer(t, db.DSN), newKey(t)
	s.append(25)
	tamper(t, db, `DELETE FROM events WHERE position = 14`)
	log := newTold()
	s.seal(quick, key.Verifier, newRing(key), slog.New(log))
	log.await(t, slog.LevelError)
	if last, err := s.log.Last(t.Context(), domain.SealStream); err != nil || last == nil || last.Version != 1 {
		t.Errorf("the last seal: got %+v, %v, want that of 1 to 10", last, err)
	}
}

func tamper(t testing.TB, db *pgtest.DB, statement string) {
	t.Helper()
	tx, err := db.SQL.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, query := range []string{
		`ALTER TABLE events_000000 DISABLE TRIGGER events_append_only`, statement,
		`ALTER TABLE events_000000 ENABLE ALWAYS TRIGGER events_append_only`,
	} {
		if _, err := tx.ExecContext(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// A log that was cut is left alone for good.
func TestALogCutShort(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, key := newServer(t, db.DSN), newKey(t)
	s.append(25)
	s.awaitView()
	tamper(t, db, `DELETE FROM events WHERE position > 5`)
	log := newTold()
	sealing, _ := s.seal(quick, key.Verifier, newRing(key), slog.New(log))
	log.await(t, slog.LevelError)
	if got := log.at(slog.LevelError); !strings.Contains(got[0], "cut short") || sealing.Status().Sealing {
		t.Errorf("told %q, status %+v, want no sealing of a log that was cut short", got, sealing.Status())
	}
}

func (s *server) awaitView() {
	s.t.Helper()
	if err := s.view.Wait(s.t.Context(), s.log.Head()); err != nil {
		s.t.Fatal(err)
	}
}

// Without the key a server says so once; when it gets the key it seals.
func TestNoKey(t *testing.T) {
	t.Parallel()
	s, key, keys := newServer(t, pgtest.New(t).DSN), newKey(t), newRing(newKey(t))
	s.append(15)
	log := newTold()
	sealing, _ := s.seal(quick, key.Verifier, keys, slog.New(log))
	log.await(t, slog.LevelWarn)
	if got := sealing.Status(); got != (sealer.Status{Unsealed: 15}) {
		t.Errorf("status: got %+v, want 15 unsealed", got)
	}
	for range 3 { // each time it could say it again
		<-keys.asked
	}
	keys.add(key)
	s.awaitSeals(15)
	if got := log.at(slog.LevelWarn); len(got) != 1 {
		t.Errorf("told %q, want it once", got)
	}
	log.await(t, slog.LevelInfo)
	s.check(key.Verifier)
}

// After a rotation seals are signed with the new key, by whoever has it.
func TestRotation(t *testing.T) {
	t.Parallel()
	s, old, next := newServer(t, pgtest.New(t).DSN), newKey(t), newKey(t)
	keys := newRing(old)
	s.append(10)
	s.seal(quick, old.Verifier, keys, nil)
	s.awaitSeals(10)
	s.rotate(old, next)
	last := s.append(10)
	keys.add(next)
	s.awaitSeals(last)
	if got := s.check(old.Verifier); got < 2 {
		t.Errorf("%d seals, want two at least", got)
	}
}

// The database goes away and comes back.
func TestOutage(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, key := newServer(t, db.DSN), newKey(t)
	s.seal(quick, key.Verifier, newRing(key), nil)
	for range 5 {
		s.append(7)
		_, err := db.SQL.ExecContext(t.Context(), `
			SELECT pg_terminate_backend(pid)
			FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		if err != nil {
			t.Fatal(err)
		}
	}
	s.awaitSeals(35)
	s.check(key.Verifier)
}
