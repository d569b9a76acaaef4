package projections

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/ThreeDotsLabs/watermill/message"

	"chainmail/domain"
)

// claimSQL moves the offset if the batch follows it. Its row lock makes others wait until the
// commit, after which they find that it has moved. A commit that is lost in a crash of the database
// loses rows and offset alike, so it need not wait for the disk. The other settings keep plans the
// same however large the tables are, and spare planning where statements are prepared.
const claimSQL = `
	UPDATE projection_offsets
	SET position = $4, updated_at = now(), failed_position = NULL, failure = NULL, failed_at = NULL
	WHERE projection = $1 AND version = $2 AND position = $3
	RETURNING set_config('synchronous_commit', 'off', true),
		set_config('plan_cache_mode', 'force_generic_plan', true),
		set_config('enable_seqscan', 'off', true)`

// errNotNext says that a batch does not follow the offset.
var errNotNext = errors.New("the batch does not follow the offset")

// handle applies the batch that a message stands for.
func (w *worker) handle(msg *message.Message) error {
	w.underway.Add(1)
	defer w.underway.Done()
	b, ok := w.open(string(msg.Payload))
	if !ok {
		return nil
	}
	err := w.advance(w.hard, b)
	if errors.Is(err, errNotNext) {
		return w.missed(w.hard, b.after)
	}
	return err
}

// advance applies a batch up to the first event that cannot be applied. A batch that is refused is halved
// until that event stands alone, so that those before it take effect.
func (w *worker) advance(ctx context.Context, b batch) error {
	err := w.commit(ctx, b)
	var gap *gapError
	switch {
	case err == nil:
		w.applied(b.through)
		return nil
	case errors.Is(err, errNotNext) || transient(err) || len(b.events) == 0:
		return err
	case len(b.events) == 1 && errors.As(err, &gap):
		return err
	case len(b.events) == 1:
		bad := b.events[0]
		if before := bad.Position - 1; before > b.after { // events of other types
			if err := w.advance(ctx, batch{after: b.after, through: before}); err != nil {
				return err
			}
		}
		return &eventError{bad, err}
	}
	first, second := b.split()
	if err := w.advance(ctx, first); err != nil {
		return err
	}
	return w.advance(ctx, second)
}

// commit applies a batch and moves the offset past it in one transaction, or does nothing.
func (w *worker) commit(ctx context.Context, b batch) (err error) {
	apply, err := w.prepare(ctx)
	if err != nil {
		return err
	}
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{r, debug.Stack()}
		}
		if err != nil {
			_ = tx.Rollback() // what went wrong is in err
		}
	}()
	var setting [3]string
	err = tx.QueryRowContext(ctx, claimSQL,
		w.projection.Name, w.projection.Version, int64(b.after), int64(b.through)).Scan(&setting[0], &setting[1], &setting[2])
	if errors.Is(err, sql.ErrNoRows) {
		return errNotNext
	}
	if err != nil {
		return fmt.Errorf("move the offset: %w", err)
	}
	if err := w.gap(b); err != nil {
		return err
	}
	if len(b.events) > 0 {
		if err := apply(ctx, tx, b.events); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// gap returns an error if events are missing from a batch that should have all, and if one is there that a projection of some types
// cannot tell whether it matters.
func (w *worker) gap(b batch) error {
	if types := w.projection.Types; types != nil {
		for _, e := range b.events {
			if !slices.Contains(types, e.Type) {
				return fmt.Errorf("%s at %d: %w", e.Type, e.Position, domain.ErrUnknownType)
			}
		}
		return nil
	}
	for i, e := range b.events {
		if before := b.after + domain.Position(i); e.Position != before+1 {
			return &gapError{before}
		}
	}
	return nil
}

// missed finds out why a batch does not follow the offset. Nearly always another server was
// quicker.
func (w *worker) missed(ctx context.Context, after domain.Position) error {
	w.mu.Lock()
	w.mismatch = true
	floor, moves := w.floor, w.moves
	w.mu.Unlock()
	all, err := readOffsets(ctx, w.db)
	if err != nil {
		return err
	}
	o, ok := all[w.projection.Name]
	if !ok || o.version != w.projection.Version {
		return nil
	}
	w.observe(o, moves)
	if w.projection.Types == nil && floor <= o.position && o.position < after {
		return &gapError{o.position}
	}
	return nil
}
