package push

import (
	"context"
	"fmt"
	"slices"
	"time"

	"chainmail/domain"
)

const (
	// lookBack is how far before since a gathered status may have waited for its turn when the
	// client went, so that the client never got it.
	lookBack = 5 * time.Second
	// maxKnown bounds the tallies that a catch-up remembers; beyond it, it counts again.
	maxKnown = 4_096
)

// EmitFunc takes one frame of one user: its position, its origin as [Sink] has it, and the frame, which it may
// keep. It may block; an error ends the catch-up.
type EmitFunc = func(position domain.Position, origin domain.ID, frame []byte) error

// catchUp is one call of CatchUp.
type catchUp struct {
	p           *Pusher
	user        domain.ID
	after, upTo domain.Position
	emit        EmitFunc

	route  *router
	ledger *ledger              // nil when the user is in no large conversation
	known  map[domain.ID]tally  // bounded by maxKnown and a page's messages
	late   map[domain.ID]status // of the user's messages whose counts may not have reached him by after
}

// CatchUp emits every frame with after < position <= upTo that a connected client of the user
// would have been pushed, his own messages included, in order of position. It waits until
// the view includes upTo, and goes at the pace of emit. Counts of receipts come once a message, as of upTo;
// those that were due at the time of after but perhaps not yet pushed come last, at upTo. It returns the
// first error of the log, the tables or emit, unwrapped if emit's; what was emitted till then is in order.
func (p *Pusher) CatchUp(
	ctx context.Context, user domain.ID, after, upTo domain.Position, emit EmitFunc,
) error {
	return p.CatchUpWatching(ctx, user, nil, after, upTo, emit)
}

// CatchUpWatching is CatchUp for a connection that watches tasks and projects besides.
func (p *Pusher) CatchUpWatching(
	ctx context.Context, user domain.ID, watched Watched, after, upTo domain.Position, emit EmitFunc,
) error {
	if after >= upTo {
		return nil
	}
	if err := p.view.Wait(ctx, upTo); err != nil {
		return err
	}
	c := &catchUp{
		p: p, user: user, after: after, upTo: upTo, emit: emit,
		known: make(map[domain.ID]tally), late: make(map[domain.ID]status),
	}
	c.route = p.routerOf(user, emit)
	c.route.gather, c.route.watched = c.gathered, watched
	if err := c.prepare(ctx); err != nil {
		return err
	}
	m := merge(p.log, p.streamsSince(user, watched, after, upTo), after, upTo)
	for {
		events, err := m.next(ctx)
		if err != nil {
			return fmt.Errorf("catch up after %d: %w", after, err)
		}
		if len(events) == 0 {
			return c.finish(ctx)
		}
		if err := c.page(ctx, events); err != nil {
			return err
		}
	}
}

// routerOf returns a router for one user.
func (p *Pusher) routerOf(user domain.ID, emit EmitFunc) *router {
	return &router{view: p.view, only: user, emit: emit}
}

// prepare opens the ledger for the user's large conversations and looks back for counts that
// were due. Users without any are spared it.
func (c *catchUp) prepare(ctx context.Context) error {
	if len(c.p.crowds(c.user, 0)) == 0 {
		return nil
	}
	until, err := c.p.timeOf(ctx, c.upTo)
	if err != nil {
		return err
	}
	from, due := c.after, time.Time{}
	if from > 0 {
		then, err := c.p.timeOf(ctx, c.after)
		if err != nil {
			return err
		}
		due = then.Add(-lookBack)
		if from, err = c.p.before(ctx, c.after, due); err != nil {
			return err
		}
	}
	crowds := c.p.crowds(c.user, from)
	own := func(r receipt) bool { return r.sender == c.user }
	if c.ledger, err = c.p.openLedger(ctx, crowds, c.upTo, until, own); err != nil {
		return err
	}
	return c.p.readReceipts(ctx, crowds, from, c.after, func(e domain.Event, r receipt) {
		if own(r) && e.RecordedAt.After(due) && c.route.large(r, e.Position) {
			c.late[r.message] = statusOf(r)
		}
	})
}

// page makes the frames of some events, after counting what they need counted.
func (c *catchUp) page(ctx context.Context, events []domain.Event) error {
	var uncounted []domain.ID
	if len(c.known) > maxKnown {
		clear(c.known)
	}
	for i, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			continue
		}
		events[i] = e.WithData(data)
		if r, ok := receiptOf(events[i]); ok && c.ledger != nil && r.sender == c.user && c.route.large(r, e.Position) {
			if _, ok := c.known[r.message]; !ok {
				c.known[r.message] = tally{}
				uncounted = append(uncounted, r.message)
			}
		}
	}
	if len(uncounted) > 0 {
		tallies, err := c.ledger.count(ctx, uncounted)
		if err != nil {
			return err
		}
		for _, id := range uncounted {
			c.known[id] = tallies[id]
		}
	}
	for _, e := range events {
		// What cannot be read was logged and counted when it was to be pushed.
		if data, err := domain.Decode(e); err == nil {
			if err := c.route.route(e, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// gathered emits the counts at the message's latest receipt and passes over those before it.
func (c *catchUp) gathered(e domain.Event, r receipt) error {
	sum := c.known[r.message]
	if sum.delivered == 0 || e.RecordedAt.Before(sum.latest) {
		return nil
	}
	delete(c.late, r.message)
	s := statusOf(r)
	s.tally = sum
	return c.emit(e.Position, domain.ID{}, appendCounts(nil, s, e.Position))
}

// finish emits the counts that were due by after and did not change since.
func (c *catchUp) finish(ctx context.Context) error {
	if len(c.late) == 0 {
		return nil
	}
	var messages []domain.ID
	for id := range c.late {
		messages = append(messages, id)
	}
	slices.SortFunc(messages, func(a, b domain.ID) int { return slices.Compare(a[:], b[:]) })
	tallies, err := c.ledger.count(ctx, messages)
	if err != nil {
		return err
	}
	for _, id := range messages {
		s := c.late[id]
		if s.tally = tallies[id]; s.delivered == 0 {
			continue
		}
		if err := c.emit(c.upTo, domain.ID{}, appendCounts(nil, s, c.upTo)); err != nil {
			return err
		}
	}
	return nil
}
