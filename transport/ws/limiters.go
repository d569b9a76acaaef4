package ws

import "chainmail/transport/limit"

// Limiters returns those of messages and of receipts, to be shared with other ways in: a user has
// no more by using both.
func (s *Server) Limiters() (messages, receipts *limit.Limiter) { return s.messages, s.receipts }
