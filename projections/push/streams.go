package push

import (
	"context"
	"fmt"
	"time"

	"chainmail/domain"
)

// membership is one of a user's conversations, past ones included.
type membership struct {
	conversation domain.ID
	large        bool // it may be large
	sees         bool // the user sees what happens somewhere in the span that was asked for
}

// memberships lists the conversations that the user was in by upTo.
func (p *Pusher) memberships(user domain.ID, after, upTo domain.Position) []membership {
	var list []membership
	p.view.Read(func(s *domain.State) {
		for _, id := range s.ConversationsOf(user) {
			conv := s.Conversation(id)
			list = append(list, membership{id, mayBeLarge(conv), sees(conv, user, after, upTo)})
		}
	})
	return list
}

// sees reports whether the user was in at any position with after < position <= upTo.
func sees(c *domain.Conversation, user domain.ID, after, upTo domain.Position) bool {
	for _, m := range c.Members() {
		if m.User == user && m.From <= upTo && (m.To == 0 || m.To > after) {
			return true
		}
	}
	return false
}

// streamsSince lists the streams that can have something for the user with after < position <= upTo.
func (p *Pusher) streamsSince(user domain.ID, watched Watched, after, upTo domain.Position) []domain.StreamID {
	var streams []domain.StreamID
	if p.movedSince(domain.ID{}, after) {
		streams = append(streams, domain.AnnouncementStream)
	}
	if p.movedSince(user, after) {
		streams = append(streams, domain.NotificationStream(user))
	}
	for _, task := range p.tasksSince(user, watched, after) {
		streams = append(streams, domain.TaskStream(task))
	}
	for _, m := range p.memberships(user, after, upTo) {
		if !p.movedSince(m.conversation, after) {
			continue
		}
		if m.sees {
			streams = append(streams, domain.ConversationStream(m.conversation))
		}
		streams = append(streams, domain.ReceiptStream(m.conversation))
	}
	return streams
}

// crowds lists the receipt streams of the user's large conversations that moved after a position.
func (p *Pusher) crowds(user domain.ID, after domain.Position) []domain.StreamID {
	var streams []domain.StreamID
	for _, m := range p.memberships(user, 0, 0) {
		if m.large && p.movedSince(m.conversation, after) {
			streams = append(streams, domain.ReceiptStream(m.conversation))
		}
	}
	return streams
}

// movedSince is false only when the view is sure that nothing happened after the position. See
// [view.View.LastActivity] for what it can be asked about.
func (p *Pusher) movedSince(about domain.ID, after domain.Position) bool {
	last, _ := p.view.LastActivity(about)
	return last > after
}

// before finds a position before another that was recorded at or before a time, not much further back than need be.
func (p *Pusher) before(ctx context.Context, at domain.Position, then time.Time) (domain.Position, error) {
	for step := domain.Position(1_024); step < at; step *= 4 {
		recorded, err := p.timeOf(ctx, at-step)
		if err != nil {
			return 0, err
		}
		if !recorded.After(then) {
			return at - step, nil
		}
	}
	return 0, nil
}

func (p *Pusher) timeOf(ctx context.Context, at domain.Position) (time.Time, error) {
	events, err := p.log.At(ctx, at)
	if err != nil {
		return time.Time{}, err
	}
	if len(events) != 1 {
		return time.Time{}, fmt.Errorf("position %d is not in the log", at)
	}
	return events[0].RecordedAt, nil
}
