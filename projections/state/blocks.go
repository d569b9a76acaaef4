package state

import (
	"context"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// blocks are what a batch does to user_blocks, folded to its outcome a pair.
type blocks struct {
	pairs map[blockKey]*block
	order []blockKey // the keys of pairs, as they came
}

type blockKey struct{ user, blocked domain.ID }

type block struct {
	removed bool          // what stood before the batch is gone
	added   *domain.Event // the block that stands after it, nil for none
}

func (b *blocks) pair(k blockKey) *block {
	p := b.pairs[k]
	if p == nil {
		p = new(block)
		b.pairs[k] = p
		b.order = append(b.order, k)
	}
	return p
}

func (b *blocks) block(e domain.Event, d *domain.UserBlocked) {
	if p := b.pair(blockKey{d.UserID, d.BlockedID}); p.added == nil {
		p.added = &e
	}
}

func (b *blocks) unblock(d *domain.UserUnblocked) {
	*b.pair(blockKey{d.UserID, d.BlockedID}) = block{removed: true}
}

const deleteBlocksSQL = `
	DELETE FROM user_blocks AS b
	USING unnest($1::uuid[], $2::uuid[]) AS x (user_id, blocked_id)
	WHERE b.user_id = x.user_id AND b.blocked_id = x.blocked_id`

const insertBlocksSQL = `
	INSERT INTO user_blocks (user_id, blocked_id, created_at)
	SELECT x.user_id, x.blocked_id, x.created_at
	FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS x (user_id, blocked_id, created_at)
	ON CONFLICT DO NOTHING`

func (b *blocks) write(ctx context.Context, tx transaction) error {
	removers, removed := pgarray.NewUUIDs(), pgarray.NewUUIDs()
	blockers, blocked, times := pgarray.NewUUIDs(), pgarray.NewUUIDs(), pgarray.NewTimes()
	for _, k := range b.order {
		p := b.pairs[k]
		if p.removed {
			removers.UUID(k.user)
			removed.UUID(k.blocked)
		}
		if p.added != nil {
			blockers.UUID(k.user)
			blocked.UUID(k.blocked)
			times.Time(p.added.RecordedAt)
		}
	}
	if removers.Len() > 0 {
		if _, err := tx.ExecContext(ctx, deleteBlocksSQL, removers.Bytes(), removed.Bytes()); err != nil {
			return fmt.Errorf("delete blocks: %w", err)
		}
	}
	if blockers.Len() > 0 {
		_, err := tx.ExecContext(ctx, insertBlocksSQL, blockers.Bytes(), blocked.Bytes(), times.Bytes())
		if err != nil {
			return fmt.Errorf("insert blocks: %w", err)
		}
	}
	return nil
}
