package push

import (
	"context"
	"fmt"
	"slices"

	"chainmail/domain"
)

// A catch-up reads its streams in groups of streamsAtOnce, so that the many that have nothing new
// are asked once and not again for every page of the few that have. All groups together hold about pageEvents.
const (
	streamsAtOnce = 16
	pageEvents    = 16_384
	maxPage       = 1_024
)

// merged reads events of many streams with after < position <= upTo in order of position.
type merged struct {
	log    Log
	upTo   domain.Position
	groups []group
	page   int
}

// group is some of the streams and what was read of them ahead of the others.
type group struct {
	streams []domain.StreamID
	events  []domain.Event
	through domain.Position // the group was read through it
}

func merge(log Log, streams []domain.StreamID, after, upTo domain.Position) *merged {
	m := &merged{log: log, upTo: upTo}
	for chunk := range slices.Chunk(streams, streamsAtOnce) {
		m.groups = append(m.groups, group{streams: chunk, through: after})
	}
	m.page = min(maxPage, pageEvents/max(1, len(m.groups)))
	return m
}

// next returns the next events, none at the end.
func (m *merged) next(ctx context.Context) ([]domain.Event, error) {
	for {
		through, err := m.fill(ctx)
		if err != nil {
			return nil, err
		}
		if events := m.takeUpTo(through); len(events) > 0 || through >= m.upTo {
			return events, nil
		}
	}
}

// fill reads on in the groups with nothing left and returns the position through which all were read.
func (m *merged) fill(ctx context.Context) (domain.Position, error) {
	through := m.upTo
	for i := range m.groups {
		g := &m.groups[i]
		if len(g.events) == 0 && g.through < m.upTo {
			events, read, err := m.log.ReadStreams(ctx, g.streams, g.through, m.upTo, m.page)
			if err != nil {
				return 0, err
			}
			if read <= g.through {
				return 0, fmt.Errorf("read streams after %d: no progress", g.through)
			}
			g.events, g.through = events, read
		}
		through = min(through, g.through)
	}
	return through, nil
}

func (m *merged) takeUpTo(through domain.Position) []domain.Event {
	var taken []domain.Event
	sources := 0
	for i := range m.groups {
		g := &m.groups[i]
		n, _ := slices.BinarySearchFunc(g.events, through+1, func(e domain.Event, at domain.Position) int {
			return int(e.Position - at)
		})
		if n > 0 {
			taken = append(taken, g.events[:n]...)
			g.events = g.events[n:]
			sources++
		}
	}
	if sources > 1 {
		slices.SortFunc(taken, func(a, b domain.Event) int { return int(a.Position - b.Position) })
	}
	return taken
}

// readReceipts calls f with every receipt of the streams with after < position <= upTo, in order.
func (p *Pusher) readReceipts(
	ctx context.Context, streams []domain.StreamID, after, upTo domain.Position, f func(domain.Event, receipt),
) error {
	if after >= upTo {
		return nil
	}
	m := merge(p.log, streams, after, upTo)
	for {
		events, err := m.next(ctx)
		if err != nil {
			return fmt.Errorf("read receipts: %w", err)
		}
		if len(events) == 0 {
			return nil
		}
		for _, e := range events {
			if r, ok := receiptOf(e); ok {
				f(e, r)
			}
		}
	}
}
