package push

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"chainmail/domain"
)

// gatherFor is how long receipts are gathered before their counts are pushed: a second, and a
// little so that two frames do not arrive within one because the first was slower on its way.
const gatherFor = 1050 * time.Millisecond

// status is what a message's sender hears of its recipients together.
type status struct {
	message, conversation, sender domain.ID
	tally
}

func statusOf(r receipt) status {
	return status{message: r.message, conversation: r.conversation, sender: r.sender}
}

// gathering holds the messages that got receipts since the last counts were pushed.
type gathering struct {
	mu   sync.Mutex
	due  map[domain.ID]status // guarded by mu; bounded by the receipts that gatherFor can bring
	wake chan struct{}        // capacity 1: says that due is not empty
}

func (g *gathering) init() {
	g.due = make(map[domain.ID]status)
	g.wake = make(chan struct{}, 1)
}

// add notes that the message's counts changed.
func (g *gathering) add(s status) {
	g.mu.Lock()
	g.due[s.message] = s
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

func (g *gathering) take() []status {
	g.mu.Lock()
	defer g.mu.Unlock()
	due := slices.Collect(maps.Values(g.due))
	clear(g.due)
	return due
}

// pushGathered pushes counts, a round at a time: a message has at most one frame a round.
func (p *Pusher) pushGathered(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.gather.wake:
		}
		if !pause(ctx, gatherFor) {
			return nil
		}
		due := slices.DeleteFunc(p.gather.take(), func(s status) bool { return !p.sink.Connected(s.sender) })
		if len(due) == 0 {
			continue
		}
		if err := p.count(ctx, due); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			p.logger.Warn("cannot count receipts; trying again in a second", slog.Any("error", err))
			for _, s := range due {
				p.gather.add(s)
			}
			continue
		}
		p.pushCounts(due)
	}
}

// count fills in the tallies.
func (p *Pusher) count(ctx context.Context, due []status) error {
	messages := make([]domain.ID, len(due))
	wanted := make(map[domain.ID]struct{}, len(due))
	var streams []domain.StreamID
	for i, s := range due {
		messages[i], wanted[s.message] = s.message, struct{}{}
		streams = append(streams, domain.ReceiptStream(s.conversation))
	}
	slices.Sort(streams)
	keep := func(r receipt) bool {
		_, due := wanted[r.message]
		return due
	}
	sums, err := p.openLedger(ctx, slices.Compact(streams), p.view.Position(), time.Time{}, keep)
	if err != nil {
		return err
	}
	tallies, err := sums.count(ctx, messages)
	if err != nil {
		return err
	}
	for i := range due {
		due[i].tally = tallies[due[i].message]
	}
	return nil
}

// pushCounts pushes in a turn of its own. Receipts that came since the count are due again.
func (p *Pusher) pushCounts(due []status) {
	p.turn.Lock()
	defer p.turn.Unlock()
	at := p.view.Position()
	for _, s := range due {
		if s.delivered > 0 {
			p.sink.Push([]domain.ID{s.sender}, at, domain.ID{}, appendCounts(nil, s, at))
		}
	}
}
