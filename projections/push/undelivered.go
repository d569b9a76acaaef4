package push

import (
	"context"
	"fmt"
	"slices"

	"chainmail/domain"
)

const (
	// undeliveredPage is how many positions the tables are asked for at once; each page walks over those before it.
	undeliveredPage = 4_096
	// messagesAtOnce is how many messages are read at once.
	messagesAtOnce = 256
	// maxAcknowledged bounds what is remembered of receipts that the tables lack. Beyond it a
	// message may come though it was acknowledged, as delivery is at least once.
	maxAcknowledged = 100_000
)

// undelivered is one call of Undelivered.
type undelivered struct {
	p     *Pusher
	user  domain.ID
	upTo  domain.Position
	route *router

	offset       domain.Position // up to here the tables answer, after it the log
	last         domain.Position // of the last message that the tables named
	acknowledged map[domain.ID]struct{}
}

// Undelivered emits the messages to the user with position <= upTo that none of his connections
// has acknowledged, in order of position. The state tables tell as far as they go and the log from there, so that
// nothing is missing when they lag. It waits until the view includes upTo and goes at the pace of emit.
func (p *Pusher) Undelivered(ctx context.Context, user domain.ID, upTo domain.Position, emit EmitFunc) error {
	if err := p.view.Wait(ctx, upTo); err != nil {
		return err
	}
	u := &undelivered{p: p, user: user, upTo: upTo, offset: upTo, route: p.routerOf(user, emit)}
	if err := u.fromTables(ctx); err != nil {
		return err
	}
	return u.fromLog(ctx)
}

func (u *undelivered) fromTables(ctx context.Context) error {
	for {
		positions, offset, err := u.p.tables.Undelivered(ctx, u.user, u.last, u.offset, undeliveredPage)
		if err != nil {
			return fmt.Errorf("read undelivered messages after %d: %w", u.last, err)
		}
		if offset < u.offset {
			if err := u.endTablesAt(ctx, offset); err != nil {
				return err
			}
		}
		if len(positions) == 0 {
			return nil
		}
		for chunk := range slices.Chunk(positions, messagesAtOnce) {
			events, err := u.p.log.At(ctx, chunk...)
			if err != nil {
				return fmt.Errorf("read undelivered messages: %w", err)
			}
			if err := u.emitMessages(events); err != nil {
				return err
			}
		}
		u.last = positions[len(positions)-1]
	}
}

// endTablesAt reads which messages were acknowledged after the tables' offset.
func (u *undelivered) endTablesAt(ctx context.Context, offset domain.Position) error {
	u.offset, u.acknowledged = offset, make(map[domain.ID]struct{})
	var streams []domain.StreamID
	for _, m := range u.p.memberships(u.user, offset, u.upTo) {
		if u.p.movedSince(m.conversation, offset) {
			streams = append(streams, domain.ReceiptStream(m.conversation))
		}
	}
	return u.p.readReceipts(ctx, streams, offset, u.upTo, func(_ domain.Event, r receipt) {
		if r.user == u.user && len(u.acknowledged) < maxAcknowledged {
			u.acknowledged[r.message] = struct{}{}
		}
	})
}

// fromLog goes on where the tables end.
func (u *undelivered) fromLog(ctx context.Context) error {
	after := max(u.offset, u.last)
	var streams []domain.StreamID
	for _, m := range u.p.memberships(u.user, after, u.upTo) {
		if m.sees && u.p.movedSince(m.conversation, after) {
			streams = append(streams, domain.ConversationStream(m.conversation))
		}
	}
	log := merge(u.p.log, streams, after, u.upTo)
	for {
		events, err := log.next(ctx)
		if err != nil {
			return fmt.Errorf("read undelivered messages after %d: %w", after, err)
		}
		if len(events) == 0 {
			return nil
		}
		if err := u.emitMessages(events); err != nil {
			return err
		}
	}
}

// emitMessages emits, of the events, the messages to the user that he has not acknowledged.
func (u *undelivered) emitMessages(events []domain.Event) error {
	for _, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			continue // it was logged and counted when it was to be pushed
		}
		m, ok := data.(*domain.MessageSent)
		if !ok || m.SenderID == u.user {
			continue
		}
		if _, done := u.acknowledged[m.MessageID]; done {
			continue
		}
		if err := u.route.message(e, m); err != nil {
			return err
		}
	}
	return nil
}
