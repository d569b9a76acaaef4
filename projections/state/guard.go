package state

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// guarded are the messages that the guard kept back in a batch, and those that admins released. Most
// batches have neither and so cost no statement.
type guarded struct {
	blocked  []blockedMessage
	released []releasedMessage
}

type blockedMessage struct {
	event   domain.Event
	data    *domain.MessageBlocked
	verdict verdict
}

// verdict is the part of a payload that the table has to the byte.
type verdict struct {
	Reasons json.RawMessage `json:"reasons"`
	Model   json.RawMessage `json:"model"`
}

type releasedMessage struct {
	event domain.Event
	data  *domain.MessageReleased
}

func (g *guarded) block(e domain.Event, d *domain.MessageBlocked) error {
	b := blockedMessage{event: e, data: d}
	if err := json.Unmarshal(e.Payload, &b.verdict); err != nil {
		return fmt.Errorf("read the verdict at %d: %w", e.Position, err)
	}
	g.blocked = append(g.blocked, b)
	return nil
}

func (g *guarded) release(e domain.Event, d *domain.MessageReleased) {
	g.released = append(g.released, releasedMessage{e, d})
}

// write inserts first: what was blocked in this batch may be released in it.
func (g *guarded) write(ctx context.Context, tx transaction) error {
	if len(g.blocked) > 0 {
		args := append(g.messageColumns(), g.reviewColumns()...)
		if _, err := tx.ExecContext(ctx, blockSQL, args...); err != nil {
			return fmt.Errorf("insert blocked messages: %w", err)
		}
	}
	if len(g.released) > 0 {
		return g.writeReleased(ctx, tx)
	}
	return nil
}

//go:embed guard.sql
var blockSQL string

// messageColumns are what a blocked message has in common with all messages.
func (g *guarded) messageColumns() []any {
	ids, conversations, senders := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewUUIDs()
	positions, times, scores := pgarray.NewInt8s(), pgarray.NewTimes(), pgarray.NewFloat8s()
	salts, hashes := pgarray.NewByteas(), pgarray.NewTexts()
	clientIDs, contents := pgarray.NewTexts(), pgarray.NewTexts()
	for _, b := range g.blocked {
		d := b.data
		ids.UUID(d.MessageID)
		idOrNull(conversations, d.ConversationID)
		senders.UUID(d.SenderID)
		positions.Int8(int64(b.event.Position))
		times.Time(b.event.RecordedAt)
		scores.Float8(d.RiskScore)
		hashes.Text(d.ContentHash)
		optionalText(clientIDs, d.ClientMessageID)
		addWords(salts, contents, d.Erased, d.Salt, d.Content)
	}
	return []any{
		ids.Bytes(), conversations.Bytes(), senders.Bytes(), positions.Bytes(), times.Bytes(), scores.Bytes(),
		salts.Bytes(), hashes.Bytes(), clientIDs.Bytes(), contents.Bytes(),
	}
}

// reviewColumns are what blocked_messages has besides.
func (g *guarded) reviewColumns() []any {
	receivers, policies := pgarray.NewUUIDs(), pgarray.NewTexts()
	reasons, models := pgarray.NewTexts(), pgarray.NewTexts()
	for _, b := range g.blocked {
		idOrNull(receivers, b.data.ReceiverID)
		policies.Text(b.data.PolicyHash)
		reasons.Raw(b.verdict.Reasons)
		if b.data.Model == nil {
			models.Null()
		} else {
			models.Raw(b.verdict.Model)
		}
	}
	return []any{receivers.Bytes(), policies.Bytes(), reasons.Bytes(), models.Bytes()}
}

const releaseSQL = `
	UPDATE blocked_messages AS b
	SET released_at = r.at, released_id = r.id, released_by = r.by
	FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::uuid[]) AS r (message_id, at, id, by)
	WHERE b.message_id = r.message_id AND b.released_id IS NULL`

func (g *guarded) writeReleased(ctx context.Context, tx transaction) error {
	messages, times := pgarray.NewUUIDs(), pgarray.NewTimes()
	ids, admins := pgarray.NewUUIDs(), pgarray.NewUUIDs()
	for _, r := range g.released {
		messages.UUID(r.data.MessageID)
		times.Time(r.event.RecordedAt)
		ids.UUID(r.data.ReleasedID)
		admins.UUID(r.data.ReleasedBy)
	}
	result, err := tx.ExecContext(ctx, releaseSQL, messages.Bytes(), times.Bytes(), ids.Bytes(), admins.Bytes())
	if err != nil {
		return fmt.Errorf("release messages: %w", err)
	}
	return projections.Affected("messages to release", result, len(g.released))
}
