package sealer

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
)

// Seal is what a seal in the log says; the zero value stands for none.
type Seal struct {
	Position domain.Position // its own
	Size     int64           // how many events are under its root: all up to the position of this number
	Root     string          // lower-case hex
}

// LastSeal reads the last seal of a log. It is an error if the stream of seals ends with anything else.
func LastSeal(ctx context.Context, log *eventstore.Log) (Seal, error) {
	e, err := log.Last(ctx, domain.SealStream)
	if err != nil || e == nil {
		return Seal{}, err
	}
	data, err := domain.Decode(*e)
	if err != nil {
		return Seal{}, fmt.Errorf("the last seal: %w", err)
	}
	d, ok := data.(*domain.MerkleBatchSealed)
	if !ok {
		return Seal{}, fmt.Errorf("%w: a %s at position %d in the stream of seals", errDamaged, e.Type, e.Position)
	}
	return Seal{e.Position, d.TreeSize, d.RootHash}, nil
}

// Matches reports whether a tree has the seal's size and root. The zero Seal has the empty tree.
func (l Seal) Matches(tree *merkle.Range) bool {
	root := tree.Root()
	return tree.Size() == l.Size && (l.Size == 0 || hex.EncodeToString(root[:]) == l.Root)
}

// start takes the tree up from the last seal.
func (s *Sealer) start(ctx context.Context) error {
	head := s.log.Head()
	last, err := LastSeal(ctx, s.log)
	if err != nil {
		return err
	}
	tree, err := s.treeAt(ctx, last)
	if err != nil {
		return err
	}
	s.started, s.own, s.followed = true, true, head
	s.take(tree)
	if err := s.look(ctx); err != nil {
		return err
	}
	return s.findKey(ctx) // so that it is told at once if there is none
}

// treeAt returns the tree that a seal ends: as it is stored, or else from the leaf hashes alone.
func (s *Sealer) treeAt(ctx context.Context, last Seal) (merkle.Range, error) {
	if last.Size == 0 {
		return merkle.Range{}, nil
	}
	tree, err := s.tree.Range(ctx, last.Size)
	if err == nil && last.Matches(&tree) {
		return tree, nil
	}
	if ctx.Err() != nil {
		return merkle.Range{}, ctx.Err()
	}
	s.logger.Warn("the stored tree does not lead to the last seal's root; reading all leaf hashes", "size", last.Size, "error", err)
	if tree, err = s.fold(ctx, merkle.Range{}, last.Size); err != nil {
		return merkle.Range{}, err
	}
	if !last.Matches(&tree) {
		return merkle.Range{}, fmt.Errorf("%w: the seal at position %d has another root than its events", errDamaged, last.Position)
	}
	return tree, nil
}

// follow goes on to the last seal, and reports whether it is another one than was known.
func (s *Sealer) follow(ctx context.Context) (moved bool, err error) {
	head := s.log.Head()
	if head == s.followed {
		return false, nil
	}
	last, err := LastSeal(ctx, s.log)
	if err != nil {
		return false, err
	}
	if last.Size == s.sealed.Size() {
		s.followed = head
		return false, nil
	}
	if last.Size < s.sealed.Size() {
		return false, fmt.Errorf("%w: the seal of the first %d events is gone", errDamaged, s.sealed.Size())
	}
	tree, err := s.fold(ctx, s.sealed, last.Size)
	if err != nil {
		return false, err
	}
	if !last.Matches(&tree) {
		return false, fmt.Errorf("%w: the seal at position %d has another root than its events", errDamaged, last.Position)
	}
	s.followed = head
	s.take(tree)
	return true, s.look(ctx)
}

// take makes a tree the one up to the last seal. It is not known since when the events after it wait.
func (s *Sealer) take(tree merkle.Range) {
	s.sealed = tree
	s.batch = batch{tree: tree.Clone()}
	s.timing.sealedTo(domain.Position(tree.Size()), time.Time{})
	s.sealedTo.Store(tree.Size())
}

// look finds out whether anything but seals is unsealed, and since when.
func (s *Sealer) look(ctx context.Context) error {
	now := time.Now()
	if err := s.fill(ctx); err != nil {
		return err
	}
	if s.batch.events == 0 {
		s.nothingToSeal()
		return nil
	}
	s.timing.seen = now.Add(-s.batch.age)
	return nil
}

func (s *Sealer) nothingToSeal() {
	s.timing.quietTo(domain.Position(s.batch.tree.Size()))
	s.quietTo.Store(s.batch.tree.Size())
}
