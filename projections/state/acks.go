package state

import (
	"context"
	_ "embed"
	"fmt"

	"chainmail/eventstore/pgarray"
)

// acks are the participants from whom a batch has receipts: what they have acknowledged without a
// hole may have grown.
type acks struct {
	pairs map[member]struct{}
	order []member // the keys of pairs, as they came
}

func (a *acks) add(m member) {
	if _, ok := a.pairs[m]; !ok {
		a.pairs[m] = struct{}{}
		a.order = append(a.order, m)
	}
}

// acksSQL moves acked_seq to just before the first message without a receipt. It walks over each
// message once in the life of a span.
//
//go:embed acks.sql
var acksSQL string

func (a *acks) write(ctx context.Context, tx transaction) error {
	if len(a.order) == 0 {
		return nil
	}
	conversations, users := pgarray.NewUUIDs(), pgarray.NewUUIDs()
	for _, m := range a.order {
		conversations.UUID(m.conversation)
		users.UUID(m.user)
	}
	if _, err := tx.ExecContext(ctx, acksSQL, conversations.Bytes(), users.Bytes()); err != nil {
		return fmt.Errorf("move what is acknowledged: %w", err)
	}
	return nil
}
