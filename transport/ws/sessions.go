package ws

import (
	"log/slog"

	"chainmail/domain"
)

// endSessions closes the connections whose sessions have ended.
func (s *Server) endSessions() {
	conns := s.appendConns(nil)
	sessions := make(map[domain.ID][]*conn)
	for _, c := range conns {
		if id := c.session(); !id.IsZero() {
			sessions[id] = append(sessions[id], c)
		}
	}
	if len(sessions) == 0 {
		return
	}
	ids := make([]domain.ID, 0, len(sessions))
	for id := range sessions {
		ids = append(ids, id)
	}
	ended, err := s.config.Sessions.Ended(s.ctx, ids)
	if err != nil {
		s.config.Logger.Warn("cannot ask which sessions have ended", slog.Any("error", err))
		return
	}
	for _, id := range ended {
		for _, c := range sessions[id] {
			if c.session() == id { // it may have authenticated anew
				c.out.close(sessionEnded.code, sessionEnded.reason)
			}
		}
	}
}

func (c *conn) session() domain.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.actor.SessionID
}
