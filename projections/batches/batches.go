package batches

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
	"chainmail/projections"
)

// Name is that of the projection, in projection_offsets and on the command line.
const Name = "batches"

// pause is long, for nobody waits for a seal that closely, and a look at the log costs as much as some
// hundred events.
const pause = 200 * time.Millisecond

// Projection returns the projection that keeps the seals and the tree.
func Projection() projections.Projection {
	return projections.Projection{
		Name:    Name,
		Version: 1,
		Tables:  []string{"merkle_batches", "merkle_nodes"},
		Types:   []domain.Type{domain.TypeMerkleBatchSealed},
		Closed:  true,
		Pause:   pause,
		Apply:   Apply,
	}
}

// Apply writes the seals among consecutive events, and the subtrees that they complete. Other events
// are passed over. Beside its own tables it reads the leaf hashes of the events that are sealed, which
// come before their seal and never change.
func Apply(ctx context.Context, tx *sql.Tx, events []domain.Event) error {
	s := newSeals()
	for _, e := range events {
		if e.Type != domain.TypeMerkleBatchSealed {
			continue
		}
		if err := s.add(ctx, tx, e); err != nil {
			return err
		}
	}
	if s.sizes.Len() == 0 {
		return nil
	}
	if err := s.write(ctx, tx); err != nil {
		return err
	}
	return grow(ctx, tx, s.before, s.size)
}

// seals are rows of merkle_batches, in columns.
type seals struct {
	before, size                  int64 // of the tree before the first seal and after the last
	sizes, firsts, lasts, seals   *pgarray.Builder
	sealedAt, rootHashes, signeds *pgarray.Builder
}

func newSeals() *seals {
	return &seals{
		sizes: pgarray.NewInt8s(), firsts: pgarray.NewInt8s(), lasts: pgarray.NewInt8s(), seals: pgarray.NewInt8s(),
		sealedAt: pgarray.NewTimes(), rootHashes: pgarray.NewTexts(), signeds: pgarray.NewTexts(),
	}
}

var errSeal = errors.New("the seal does not fit the log: run replay")

func (s *seals) add(ctx context.Context, tx *sql.Tx, e domain.Event) error {
	data, err := domain.Decode(e)
	if err != nil {
		return err
	}
	d, ok := data.(*domain.MerkleBatchSealed)
	if !ok {
		return fmt.Errorf("%s at %d holds a %s", e.Type, e.Position, data.Type())
	}
	if s.sizes.Len() == 0 {
		if s.before, err = sealedSize(ctx, tx); err != nil {
			return err
		}
		s.size = s.before
	}
	switch {
	case int64(d.FirstPosition) != s.size+1:
		return fmt.Errorf("%w: it begins at %d and the seals before it end at %d", errSeal, d.FirstPosition, s.size)
	case int64(d.LastPosition) != d.TreeSize || d.LastPosition < d.FirstPosition:
		return fmt.Errorf("%w: it covers %d to %d and a tree of %d", errSeal, d.FirstPosition, d.LastPosition, d.TreeSize)
	case d.LastPosition >= e.Position:
		return fmt.Errorf("%w: it covers up to %d and stands at %d", errSeal, d.LastPosition, e.Position)
	}
	s.size = d.TreeSize
	s.sizes.Int8(d.TreeSize)
	s.firsts.Int8(int64(d.FirstPosition))
	s.lasts.Int8(int64(d.LastPosition))
	s.seals.Int8(int64(e.Position))
	s.sealedAt.Time(e.RecordedAt)
	s.rootHashes.Text(d.RootHash)
	s.signeds.Text(d.Checkpoint)
	return nil
}

// sealedSize is how many leaves the seals so far cover.
func sealedSize(ctx context.Context, tx *sql.Tx) (size int64, err error) {
	const query = `SELECT coalesce(max(tree_size), 0) FROM merkle_batches`
	if err := tx.QueryRowContext(ctx, query).Scan(&size); err != nil {
		return 0, fmt.Errorf("read the sealed size: %w", err)
	}
	return size, nil
}

const insertSealsSQL = `
	INSERT INTO merkle_batches (tree_size, first_position, last_position, position, sealed_at, root_hash, checkpoint)
	SELECT x.tree_size, x.first_position, x.last_position, x.position, x.sealed_at, x.root_hash, x.checkpoint
	FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[], $7::text[])
		AS x (tree_size, first_position, last_position, position, sealed_at, root_hash, checkpoint)`

func (s *seals) write(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, insertSealsSQL, s.sizes.Bytes(), s.firsts.Bytes(), s.lasts.Bytes(), s.seals.Bytes(),
		s.sealedAt.Bytes(), s.rootHashes.Bytes(), s.signeds.Bytes())
	if err != nil {
		return fmt.Errorf("insert seals: %w", err)
	}
	return nil
}
