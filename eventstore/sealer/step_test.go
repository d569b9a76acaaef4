package sealer_test

import (
	"log/slog"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/logkey"
	"chainmail/eventstore/sealer"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
)

// stepped is a sealer whose steps a test takes by hand.
func (s *server) stepped(settings sealer.Settings, v sealer.View, first *logkey.Key, others ...*logkey.Key) *sealer.Sealer {
	keys := newRing(append(others, first)...)
	return sealer.New(s.log, v, folded{s.log}, first.Verifier, keys.find, settings, slog.New(slog.DiscardHandler))
}

// step takes a step and returns how long the next one can wait.
func (s *server) step(made *sealer.Sealer) time.Duration {
	s.t.Helper()
	wait, err := sealer.Step(made, s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return wait
}

// A log that is sealed, or has only seals unsealed, sets no timer and is not asked.
func TestNothingToDo(t *testing.T) {
	t.Parallel()
	s, key := newServer(t, pgtest.New(t).DSN), newKey(t)
	settings := bySize
	settings.Patience = time.Nanosecond
	made := s.stepped(settings, s.view, key)
	if got := s.step(made); got != sealer.UntilWoken {
		t.Errorf("an empty log: got %s, want %s", got, sealer.UntilWoken)
	}
	s.append(10)
	s.awaitView()
	s.step(made) // no other server is known to seal, so it has no patience
	if got := s.check(key.Verifier); got != 1 {
		t.Fatalf("%d seals, want one", got)
	}
	if got := s.step(made); got != sealer.UntilWoken {
		t.Errorf("only a seal is unsealed: got %s, want %s", got, sealer.UntilWoken)
	}
	if got := s.step(s.stepped(settings, s.view, key)); got != sealer.UntilWoken {
		t.Errorf("a server that starts then: got %s, want %s", got, sealer.UntilWoken)
	}
	s.append(9) // with the seal, a batch
	s.awaitView()
	s.step(made) // whose seal was the last, so it has no patience
	if got := s.check(key.Verifier); got != 2 {
		t.Errorf("%d seals, want a second one at once", got)
	}
}

// The time that an event waited before the server started counts.
func TestWhatWaitedBefore(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, key := newServer(t, db.DSN), newKey(t)
	s.append(1)
	settings := bySize
	settings.Interval = time.Hour
	if got := s.step(s.stepped(settings, s.view, key)); got < 59*time.Minute {
		t.Errorf("a fresh event: got %s, want an hour", got)
	}
	tamper(t, db, `UPDATE events SET recorded_at = recorded_at - interval '50 minutes'`)
	if got := s.step(s.stepped(settings, s.view, key)); got < 9*time.Minute || got > 11*time.Minute {
		t.Errorf("an event of 50 minutes ago: got %s, want ten minutes", got)
	}
	tamper(t, db, `UPDATE events SET recorded_at = recorded_at + interval '5 hours'`)
	if got := s.step(s.stepped(settings, s.view, key)); got < 59*time.Minute || got > 61*time.Minute {
		t.Errorf("the database's clock went back: got %s, want an hour", got)
	}
}

// What comes while a batch is sealed has its own interval, that began when it came.
func TestWhatComesMeanwhile(t *testing.T) {
	t.Parallel()
	s, key := newServer(t, pgtest.New(t).DSN), newKey(t)
	s.append(13)
	s.awaitView()
	settings := bySize
	settings.Patience = time.Nanosecond
	made := s.stepped(settings, s.view, key)
	var got time.Duration
	for range 3 {
		got = s.step(made)
	}
	if seals := s.check(key.Verifier); seals != 1 || got < 59*time.Minute || got > time.Hour {
		t.Errorf("%d seals and then %s, want one and an hour", seals, got)
	}
}

// What is left of a backlog has waited as long as the last event before it.
func TestTheRestOfABacklog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	s, key := newServer(t, db.DSN), newKey(t)
	s.append(13)
	s.awaitView()
	tamper(t, db, `UPDATE events SET recorded_at = recorded_at - interval '50 minutes'`)
	settings := bySize
	settings.Patience = time.Nanosecond
	made := s.stepped(settings, s.view, key)
	var got time.Duration
	for range 3 {
		got = s.step(made)
	}
	if last := s.awaitSeals(10); len(last) != 1 || got < 9*time.Minute || got > 11*time.Minute {
		t.Errorf("%d seals and then %s, want one and ten minutes", len(last), got)
	}
}

// turning is a view that moves on between the look for the key and the decision.
type turning struct {
	*view.View
	reads int // owned by the sealer
	turn  func()
}

func (v *turning) Read(f func(*domain.State)) {
	if v.reads++; v.reads == 3 { // at the start, before the batch, and now
		v.turn()
	}
	v.View.Read(f)
}

// A rotation that becomes known between the signature and the decision makes the sealer sign again.
func TestARotationInTheMidst(t *testing.T) {
	t.Parallel()
	s, old, next := newServer(t, pgtest.New(t).DSN), newKey(t), newKey(t)
	s.append(12)
	s.awaitView()
	settings := bySize
	settings.Patience = time.Nanosecond
	made := s.stepped(settings, &turning{View: s.view, turn: func() { s.rotate(old, next); s.awaitView() }}, old, next)
	for range 3 {
		s.step(made)
	}
	if got := s.check(old.Verifier); got != 1 {
		t.Errorf("%d seals, want one", got)
	}
	if got := s.page(12)[0].Type; got != domain.TypeLogKeyRotated {
		t.Errorf("at 13 there is a %s, want the rotation before the seal", got)
	}
}
