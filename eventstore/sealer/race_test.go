package sealer_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/sealer"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
)

// Several servers share the work without sealing anything twice, while others append as fast as they can.
func TestSeveralServers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	key := newKey(t)
	servers := []*server{newServer(t, db.DSN), newServer(t, db.DSN), newServer(t, db.DSN)}
	settings := quick
	settings.Patience = time.Millisecond // so that they race
	for _, s := range servers {
		s.seal(settings, key.Verifier, newRing(key), nil)
	}
	var last domain.Position
	for range 100 {
		for _, s := range servers {
			last = s.append(7)
		}
	}
	s := servers[0]
	s.awaitSeals(last)
	if got := s.check(key.Verifier); got < 20 {
		t.Errorf("only %d seals", got)
	}
}

// frozen is a view at which a sealer stops while the gate is closed.
type frozen struct {
	*view.View
	gate atomic.Pointer[chan struct{}]
}

func (f *frozen) close() (open func()) {
	gate := make(chan struct{})
	f.gate.Store(&gate)
	return func() { f.gate.Store(nil); close(gate) }
}

func (f *frozen) Read(read func(*domain.State)) {
	if gate := f.gate.Load(); gate != nil {
		<-*gate
	}
	f.View.Read(read)
}

// A server that froze in the midst of a seal, and wakes when another has made it, is refused by the log. It
// then follows the other's seals, and takes over when that one ends.
func TestAServerThatWakesLate(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	key := newKey(t)
	a, b := newServer(t, db.DSN), newServer(t, db.DSN)
	stuck := &frozen{View: a.view}
	late := sealer.New(a.log, stuck, folded{a.log}, key.Verifier, newRing(key).find, bySize, slog.New(slog.DiscardHandler))
	background(t, func(ctx context.Context) { _ = late.Run(ctx) })
	a.append(10)
	a.awaitSeals(10)
	open := stuck.close()
	b.append(10)
	_, stop := b.seal(bySize, key.Verifier, newRing(key), nil)
	b.awaitSeals(20)
	b.append(8)
	b.awaitSeals(30)
	stop()
	open()
	a.append(50) // more than a batch, so that it tries at once
	a.awaitSeals(70)
	if got := a.check(key.Verifier); got < 7 {
		t.Errorf("%d seals, want seven at least", got)
	}
}

// stale is a view that nobody keeps up to date: it reads the log only from the third wait on.
type stale struct {
	*view.View
	waits int // owned by the sealer
}

func (s *stale) Wait(ctx context.Context, _ domain.Position) error {
	if s.waits++; s.waits < 3 {
		return nil
	}
	return s.Refresh(ctx)
}

// A server that has not heard of a rotation is refused by the log when it seals with the old key, and seals with the new one.
func TestAServerThatMissedARotation(t *testing.T) {
	t.Parallel()
	s, old, next := newServer(t, pgtest.New(t).DSN), newKey(t), newKey(t)
	s.append(5)
	behind, err := view.Load(t.Context(), s.log, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s.rotate(old, next)
	s.append(4) // with the rotation, the batch is full
	v := &stale{View: behind}
	made := sealer.New(s.log, v, folded{s.log}, old.Verifier, newRing(old, next).find, bySize, slog.New(slog.DiscardHandler))
	stop := background(t, func(ctx context.Context) { _ = made.Run(ctx) })
	s.awaitSeals(10)
	stop()
	if got := s.check(old.Verifier); got != 1 || v.waits < 3 {
		t.Errorf("%d seals after %d waits, want one after three at least", got, v.waits)
	}
}
