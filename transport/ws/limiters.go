package ws

import "chainmail/transport/limit"

// Limiters returns those of messages and of receipts, to be shared with other ways in: a user has
// no more by using both.
func (s *Server) Limiters() (messages, receipts *limit.Limiter) { return s.messages, s.receipts }

// Share lets the limits count what users do at other servers too.
func (s *Server) Share(e *limit.Exchange) {
	e.Add("messages", s.messages)
	e.Add("receipts", s.receipts)
	e.Add("typing", s.signals)
	e.Add("syncs", s.syncs)
}
