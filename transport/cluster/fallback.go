package cluster

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Fallback is a Bus that speaks through one carrier while that works, and through another meanwhile. It hears both. Words
// that are said as one fails are lost, and the last of one carrier may come after the first of the other. That a server is there,
// or ends, is said through both: so nobody takes it for dead who hears the second alone, or the second for dead.
type Fallback struct {
	First, Second Bus
	// Works says whether the first carries words now. It is asked for each word.
	Works func() bool
}

// Send implements Bus.
func (f *Fallback) Send(w Word) {
	works := f.Works()
	if works {
		f.First.Send(w)
	}
	if !works || w.Kind == Beat || w.Kind == Bye {
		f.Second.Send(w)
	}
}

// Run implements Bus.
func (f *Fallback) Run(ctx context.Context, receive func(Word)) error {
	var turn sync.Mutex // words are handed on one at a time
	g, ctx := errgroup.WithContext(ctx)
	for _, bus := range []Bus{f.First, f.Second} {
		g.Go(func() error {
			return bus.Run(ctx, func(w Word) {
				turn.Lock()
				defer turn.Unlock()
				receive(w)
			})
		})
	}
	return g.Wait()
}
