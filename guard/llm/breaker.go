package llm

import (
	"errors"
	"time"

	"github.com/sony/gobreaker"
)

// The breaker opens after a run of so many failures, and lets one request through to see whether the model is back after so long.
const (
	breakerRun  = 5
	breakerRest = 10 * time.Second
)

var errOpen = errors.New("it is not asked for a while: it has failed too often")

// breaker keeps an address that does not answer from being asked for each message.
//
// What counts against the address is what texts don't bring about: no connection, no answer in time, 5xx, 408, 429. A malformed answer does not, nor does a refusal
// (any other 4xx): a text may be written so that the model talks or a provider's filter refuses it, and nobody must be able to switch the model off for everyone by sending
// a few of those. Both come quickly, and are as good a sign as an opinion that the address is there. A timeout of a request that had lost time before, by waiting for a place
// or for a first try, is a sign of nothing: a crowd of questions must not look like a model that is away.
type breaker struct {
	two *gobreaker.TwoStepCircuitBreaker
}

func newBreaker() *breaker {
	return &breaker{two: gobreaker.NewTwoStepCircuitBreaker(gobreaker.Settings{
		MaxRequests: 1,
		Timeout:     breakerRest,
		ReadyToTrip: func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= breakerRun },
	})}
}

// open says that nothing may be asked now.
func (b *breaker) open() bool {
	return b.two.State() == gobreaker.StateOpen
}

// allow asks for leave to send one request. Who got it must call done with its outcome, and with whether the request had the whole time: until then, no other is let
// through when this one is the probe.
func (b *breaker) allow() (done func(err *Error, whole bool), err *Error) {
	report, refused := b.two.Allow()
	if refused != nil {
		return nil, &Error{Failure: Unavailable, Err: errOpen}
	}
	return func(err *Error, whole bool) {
		// Of a probe the breaker must hear, or it waits for ever.
		if err != nil && err.Failure == Timeout && !whole && b.two.State() != gobreaker.StateHalfOpen {
			return
		}
		report(err == nil || !err.Failure.heldAgainst())
	}, nil
}

// heldAgainst says whether a failure counts against the address.
func (f Failure) heldAgainst() bool {
	return f == Timeout || f == Unavailable || f == Overloaded
}
