package ws

import (
	"context"
	"time"
)

// Retire closes the connections that are open now with 1012, after the answers to what they have sent, one by one over a
// time: those who come back at once, to other servers, do not come all at once. Others may still connect, and are closed at the end
// of Run. It returns when the time is over, or when ctx ends.
func (s *Server) Retire(ctx context.Context, over time.Duration) {
	conns := s.appendConns(nil)
	apart := over / time.Duration(len(conns)+1)
	tick := time.NewTimer(apart)
	defer tick.Stop()
	began := time.Now()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if i == len(conns) {
			return
		}
		conns[i].retire()
		tick.Reset(time.Until(began.Add(apart * time.Duration(i+2))))
	}
}

// retire ends a connection as when the server ends.
func (c *conn) retire() {
	c.retired.Store(true)
	c.interrupt()
}
