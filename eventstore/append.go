package eventstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"chainmail/domain"
)

// maxWaiting bounds the requests that wait for the appender. When it is full, Append waits, and
// with it whoever called: load is pushed back to the sockets.
const maxWaiting = 1024

// Result is what became of one decision.
type Result struct {
	// Events are those that were appended, with their data attached. None when there was
	// nothing to append or the decision was refused.
	Events []domain.Event
	// Duplicate is the position of the event that took DuplicateKey first; 0 if none did.
	Duplicate    domain.Position
	DuplicateKey domain.Key
	// Conflict says that the decision rests on something that has changed since. Decide again
	// on a state that includes Head.
	Conflict bool
	// Head is a position that includes everything the log held when it answered.
	Head domain.Position
}

// request is what one call of Append waits for.
type request struct {
	results []Result
	left    int   // commands that have no result yet; owned by the appender
	err     error // the first failure, or ErrUnknown if any is one; owned by the appender until done is closed
	done    chan struct{}
}

// command is one decision, ready to be written.
type command struct {
	request  *request
	index    int // into the request's results
	decision *domain.Decision
	ids      []domain.ID
	encoded  []domain.Encoded
	tries    int  // how often its answer was lost
	alone    bool // it was in a batch that the database rejected, so it is tried by itself
}

// Append stores decisions, each whole or not at all, and returns when all of them are durable or
// refused. Decisions of one call are
// stored in their order, save those that repeat another's key. It returns ErrUnavailable when
// nothing was stored, ErrUnknown when that can't be known of some of them. If ctx ends first it
// returns the context's error, and what was handed over may still be stored.
func (l *Log) Append(ctx context.Context, decisions ...domain.Decision) ([]Result, error) {
	r := &request{results: make([]Result, len(decisions)), done: make(chan struct{})}
	commands := make([]command, 0, len(decisions))
	for i := range decisions {
		if len(decisions[i].Drafts) == 0 {
			r.results[i].Head = l.Head()
			continue
		}
		c, err := encode(r, i, &decisions[i])
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	if len(commands) == 0 {
		return r.results, nil
	}
	r.left = len(commands)
	select {
	case l.queue <- commands:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.ended:
		return nil, ErrUnavailable
	}
	select {
	case <-r.done:
		return r.results, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.ended:
		return nil, ErrUnknown
	}
}

func encode(r *request, index int, d *domain.Decision) (command, error) {
	c := command{
		request: r, index: index, decision: d,
		ids:     make([]domain.ID, len(d.Drafts)),
		encoded: make([]domain.Encoded, len(d.Drafts)),
	}
	for i, draft := range d.Drafts {
		id, err := uuid.NewV7()
		if err != nil {
			return command{}, fmt.Errorf("make an event id: %w", err)
		}
		c.ids[i] = domain.ID(id)
		if c.encoded[i], err = domain.Encode(draft.Data, d.Actor); err != nil {
			return command{}, err
		}
	}
	return c, nil
}

// answer gives a command its result, and its request an end when it was the last.
func (c *command) answer(result Result) {
	c.request.results[c.index] = result
	c.finish()
}

// fail ends a command without a result. A request has one error for all its commands, which may have gone into several
// batches: that nothing was stored must hold for each of them.
func (c *command) fail(err error) {
	if c.request.err == nil || errors.Is(err, ErrUnknown) {
		c.request.err = err
	}
	c.finish()
}

func (c *command) finish() {
	if c.request.left--; c.request.left == 0 {
		close(c.request.done)
	}
}
