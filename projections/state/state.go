package state

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/domain"
	"chainmail/projections"
)

// Name is that of the projection, in projection_offsets and on the command line.
const Name = "messages"

// Projection returns the projection that keeps the state tables.
func Projection() projections.Projection {
	return projections.Projection{
		Name: Name,
		// The guard's events came later, with blocked_messages. A log without them gives every row as before, so
		// the version stayed, and tables that were built before go on.
		Version: 1,
		Tables: []string{
			"users", "conversations", "conversation_participants", "user_blocks",
			"messages", "message_receipts", "message_counts", "blocked_messages",
		},
		Apply:   Apply,
		Forget:  forget,
		Prepare: prepare,
	}
}

// Apply writes what consecutive events do to the state tables.
func Apply(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
	return apply(ctx, transaction{Tx: tx}, events)
}

func apply(ctx context.Context, tx transaction, events []domain.Event) error {
	b := newBatch()
	for _, e := range events {
		if err := b.add(e); err != nil {
			return err
		}
	}
	// What a statement reads was written by one before it.
	for _, write := range []func(context.Context, transaction) error{
		b.users.write,
		b.conversations.write,
		b.spans.write,
		b.messages.write,
		b.guarded.write,
		b.receipts.write,
		b.erasures.write,
		b.acks.write,
		b.blocks.write,
	} {
		if err := write(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// batch is what a run of events does to the tables, a part for each table.
type batch struct {
	users         users
	conversations conversations
	spans         spans
	messages      messages
	guarded       guarded
	receipts      receipts
	erasures      erasures
	acks          acks
	blocks        blocks
}

func newBatch() *batch {
	return &batch{
		spans:    spans{open: make(map[member]int)},
		messages: messages{changes: make(map[domain.ID]*change)},
		receipts: receipts{index: make(map[receiptKey]int)},
		acks:     acks{pairs: make(map[member]struct{})},
		blocks:   blocks{pairs: make(map[blockKey]*block)},
	}
}

func (b *batch) add(e domain.Event) error {
	data, err := domain.Decode(e)
	if err != nil {
		return err
	}
	switch d := data.(type) {
	case *domain.LogCreated, *domain.LogKeyRotated, *domain.MerkleBatchSealed,
		*domain.GuardPolicyInstalled, *domain.MessageJudged,
		*domain.ProjectCreated, *domain.TaskCreated, *domain.TaskStatusChanged,
		*domain.NotificationCreated, *domain.NotificationRead, *domain.AnnouncementMade:
	case *domain.UserRegistered:
		b.users.register(e, d)
	case *domain.UserDeactivated:
		b.users.deactivate(e, d)
	case *domain.ConversationStarted:
		b.start(e, d)
	case *domain.ParticipantAdded:
		b.spans.join(e, member{d.ConversationID, d.UserID})
		b.messages.change(d.ConversationID).joined++
	case *domain.ParticipantLeft:
		b.spans.leave(e, member{d.ConversationID, d.UserID})
		b.messages.change(d.ConversationID).joined--
	case *domain.MessageSent:
		b.messages.send(e, d)
	case *domain.MessageBlocked:
		return b.guarded.block(e, d)
	case *domain.MessageReleased:
		b.guarded.release(e, d)
	case *domain.MessageDelivered:
		b.receipts.deliver(e, receiptKey{d.MessageID, d.UserID})
		b.acks.add(member{d.ConversationID, d.UserID})
	case *domain.MessageRead:
		b.receipts.read(e, receiptKey{d.MessageID, d.UserID})
		b.acks.add(member{d.ConversationID, d.UserID})
	case *domain.ContentErased:
		b.erasures.erase(e, d)
	case *domain.UserBlocked:
		b.blocks.block(e, d)
	case *domain.UserUnblocked:
		b.blocks.unblock(d)
	default:
		return fmt.Errorf("%s at %d: %w", e.Type, e.Position, domain.ErrUnknownType)
	}
	return nil
}

func (b *batch) start(e domain.Event, d *domain.ConversationStarted) {
	b.conversations.start(e, d)
	for _, id := range d.ParticipantIDs {
		b.spans.join(e, member{d.ConversationID, id})
	}
}
