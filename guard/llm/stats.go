package llm

import "sync/atomic"

// Stats are counts since the client was made, and the state of things now. A question is about one text, however many ask it at once.
type Stats struct {
	Opinions uint64             // questions that were answered
	Failures map[Failure]uint64 // questions without an opinion; has all failures
	Hits     uint64             // Asks answered from the cache
	Requests uint64             // sent over the network, retries included
	UnderWay int                // questions that have a place now, at most Settings.Concurrent
	Breaker  string             // closed (all is well), open (nothing is asked), half-open (one request tries)
}

// counts are what Stats is made of.
type counts struct {
	opinions, hits, requests                                   atomic.Uint64
	timeout, busy, unavailable, overloaded, refused, malformed atomic.Uint64
}

// of returns the count of a failure.
func (n *counts) of(f Failure) *atomic.Uint64 {
	switch f {
	case Timeout:
		return &n.timeout
	case Busy:
		return &n.busy
	case Unavailable:
		return &n.unavailable
	case Overloaded:
		return &n.overloaded
	case Refused:
		return &n.refused
	default:
		return &n.malformed
	}
}

// outcome takes note of how a question ended.
func (n *counts) outcome(err *Error) {
	if err == nil {
		n.opinions.Add(1)
		return
	}
	n.of(err.Failure).Add(1)
}

// Stats returns the counts. It is cheap enough to be called for each metric that is read.
func (c *Client) Stats() Stats {
	s := Stats{
		Opinions: c.counts.opinions.Load(),
		Failures: make(map[Failure]uint64),
		Hits:     c.counts.hits.Load(),
		Requests: c.counts.requests.Load(),
		UnderWay: len(c.places),
		Breaker:  c.breaker.two.State().String(),
	}
	for _, f := range Failures() {
		s.Failures[f] = c.counts.of(f).Load()
	}
	return s
}
