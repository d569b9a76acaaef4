package ws

import (
	"context"
	"errors"
	"log/slog"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// near is how few positions may be left to catch up with when a connection joins the pushes.
const near = 500

// start begins to catch up, for a connection that is new.
func (c *conn) start(m missed, logIDs []string) {
	for _, logID := range logIDs {
		if id, err := domain.ParseID(logID); logID != "" && (err != nil || id != c.server.config.LogID) {
			m = missed{refusal: otherLog()}
		}
	}
	c.launch(c.asked(m))
}

// asked notes where the log is when something is asked for: what the client subscribes to meanwhile it is owed from then on.
func (c *conn) asked(m missed) missed {
	m.at = c.server.config.View.Position()
	return m
}

// launch catches up in a goroutine, which goes on with what is asked for meanwhile.
func (c *conn) launch(m missed) {
	ctx, cancel := context.WithCancel(c.server.ctx)
	c.mu.Lock()
	c.cancel = cancel
	c.mu.Unlock()
	c.tasks.Go(func() {
		defer cancel()
		for next := &m; next != nil; next = c.done() {
			c.serve(ctx, next)
		}
	})
}

// done returns what is to be caught up with next, nil for nothing.
func (c *conn) done() *missed {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.next
	if c.next = nil; next == nil {
		c.cancel = nil
	}
	return next
}

// serve sends what was missed, says so, and lets pushes through.
func (c *conn) serve(ctx context.Context, m *missed) {
	s := c.server
	s.counts.catchUps.Add(1)
	defer s.counts.catchUps.Add(-1)
	began := s.now()
	after := c.out.stepAside()
	at, err := c.catchUp(ctx, m, after)
	switch {
	case err == nil:
		if m.isSync { // before the client can ask for the next
			c.mu.Lock()
			c.syncing = false
			c.mu.Unlock()
		}
		c.out.answer(&frame.Synced{Position: at, Ref: m.ref})
		if !m.isSync {
			c.greet()
		}
		c.out.release()
		if s.config.CaughtUp != nil {
			s.config.CaughtUp(s.now().Sub(began))
		}
	case ctx.Err() != nil || errors.Is(err, errEnded):
	default:
		// A part was sent, and pushes have passed by: only a fresh start puts that right.
		c.logger().Warn("a client cannot catch up", slog.Any("error", err))
		c.out.close(databaseAway.code, databaseAway.reason)
	}
}

// catchUp sends what was missed and joins the pushes. after is the position of the last push that
// was queued. It returns the position up to which everything was queued.
func (c *conn) catchUp(ctx context.Context, m *missed, after domain.Position) (domain.Position, error) {
	s, view := c.server, c.server.config.View
	if err := c.reachable(ctx, m); err != nil {
		return 0, err
	}
	if m.refusal != nil {
		m.refusal.Ref = m.ref
		c.out.answer(m.refusal)
	}
	told := after
	emit := func(at domain.Position, origin domain.ID, payload []byte) error {
		return c.out.emit(ctx, at, origin, payload)
	}
	if m.given {
		after = m.since
	} else {
		if after == 0 {
			after = m.at
		}
		if err := s.pushes.Undelivered(ctx, c.user, after, emit); err != nil {
			return 0, err
		}
	}
	for {
		at := view.Position()
		if at-after <= near {
			break
		}
		if err := s.pushes.CatchUpWatching(ctx, c.user, c.owed(told), after, at, emit); err != nil {
			return 0, err
		}
		after = at
	}
	at := s.join(c)
	return at, s.pushes.CatchUpWatching(ctx, c.user, c.owed(told), after, at, emit)
}
