package ws

import (
	"context"
	"sync/atomic"
	"time"

	"chainmail/domain"
	"chainmail/transport/frame"
)

const (
	heartbeatEvery = 30 * time.Second
	silentAfter    = 75 * time.Second
	// ticksPerSessions and ticksPerLimits are how often ended sessions are asked for, and limits forgotten.
	ticksPerSessions = 8
	ticksPerLimits   = 240
)

// keepTime does what is due, until ctx ends.
func (s *Server) keepTime(ctx context.Context) {
	ticks := s.config.Ticks
	if ticks == nil {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		ticks = ticker.C
	}
	var asking atomic.Bool
	var room []*conn
	for n := 1; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		now := s.now()
		s.expireTyping(now)
		for _, gone := range s.config.Presence.Departures() {
			s.tellPresence(gone.User, false, gone.At)
		}
		if n%ticksPerSweep == 0 {
			room = s.appendConns(room[:0])
			s.sweep(room, now)
			clear(room)
		}
		if n%ticksPerSessions == 0 && s.config.Sessions != nil && asking.CompareAndSwap(false, true) {
			s.work.Go(func() {
				defer asking.Store(false)
				s.endSessions()
			})
		}
		if n%ticksPerLimits == 0 {
			s.forget(now)
		}
	}
}

func (s *Server) appendConns(conns []*conn) []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// sweep does for each connection what time has brought.
func (s *Server) sweep(conns []*conn, now time.Time) {
	inactive := make(map[domain.ID]struct{})
	s.config.View.Read(func(state *domain.State) {
		for _, c := range conns {
			if c.admitted() && !state.Active(c.user) {
				inactive[c.user] = struct{}{}
			}
		}
	})
	beat := beat{at: now, pushed: domain.Position(s.hub.pushed.Load())}
	for _, c := range conns {
		c.out.checkStuck()
		if !c.admitted() {
			continue
		}
		if _, gone := inactive[c.user]; gone {
			c.out.close(noSuchUser.code, noSuchUser.reason)
			continue
		}
		c.checkToken(now)
		if now.Sub(time.Unix(0, c.heard.Load())) > silentAfter && !c.deaf() {
			c.out.vanish()
			continue
		}
		if !now.Before(c.beat) {
			c.beat = c.beat.Add(heartbeatEvery)
			c.heartbeat(&beat)
		}
	}
}

// checkToken ends the connection with its token, and says so some time before.
func (c *conn) checkToken(now time.Time) {
	c.mu.Lock()
	token := c.token
	due := !token.warn.IsZero() && !now.Before(token.warn)
	if due {
		c.token.warn = time.Time{}
	}
	c.mu.Unlock()
	switch {
	case !now.Before(token.expires):
		c.out.close(tokenExpired.code, tokenExpired.reason)
	case due:
		c.out.answer(&frame.TokenExpiring{ExpiresAt: token.expires})
	}
}

// forget drops what limiters need no longer know.
func (s *Server) forget(now time.Time) {
	s.messages.Sweep(now)
	s.receipts.Sweep(now)
	s.signals.Sweep(now)
	s.syncs.Sweep(now)
	s.free.Sweep(now)
}
