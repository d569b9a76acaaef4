package sealer

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/merkle"
)

// seal is what the last seal in the log says; the zero value stands for none.
type seal struct {
	position domain.Position // its own
	size     int64
	root     string // lower-case hex
}

func (s *Sealer) lastSeal(ctx context.Context) (seal, error) {
	e, err := s.log.Last(ctx, domain.SealStream)
	if err != nil || e == nil {
		return seal{}, err
	}
	data, err := domain.Decode(*e)
	if err != nil {
		return seal{}, fmt.Errorf("the last seal: %w", err)
	}
	d, ok := data.(*domain.MerkleBatchSealed)
	if !ok {
		return seal{}, fmt.Errorf("%w: a %s at position %d in the stream of seals", errDamaged, e.Type, e.Position)
	}
	return seal{e.Position, d.TreeSize, d.RootHash}, nil
}

func (l seal) matches(tree *merkle.Range) bool {
	root := tree.Root()
	return tree.Size() == l.size && (l.size == 0 || hex.EncodeToString(root[:]) == l.root)
}

// start takes the tree up from the last seal.
func (s *Sealer) start(ctx context.Context) error {
	head := s.log.Head()
	last, err := s.lastSeal(ctx)
	if err != nil {
		return err
	}
	tree, err := s.treeAt(ctx, last)
	if err != nil {
		return err
	}
	s.started, s.own, s.followed = true, false, head
	s.take(tree)
	if err := s.look(ctx); err != nil {
		return err
	}
	return s.findKey(ctx) // so that it is told at once if there is none
}

// treeAt returns the tree that a seal ends: as it is stored, or else from the leaf hashes alone.
func (s *Sealer) treeAt(ctx context.Context, last seal) (merkle.Range, error) {
	if last.size == 0 {
		return merkle.Range{}, nil
	}
	tree, err := s.tree.Range(ctx, last.size)
	if err == nil && last.matches(&tree) {
		return tree, nil
	}
	if ctx.Err() != nil {
		return merkle.Range{}, ctx.Err()
	}
	s.logger.Warn("the stored tree does not lead to the last seal's root; reading all leaf hashes", "size", last.size, "error", err)
	if tree, err = s.fold(ctx, merkle.Range{}, last.size); err != nil {
		return merkle.Range{}, err
	}
	if !last.matches(&tree) {
		return merkle.Range{}, fmt.Errorf("%w: the seal at position %d has another root than its events", errDamaged, last.position)
	}
	return tree, nil
}

// follow goes on to the last seal, and reports whether it is another one than was known.
func (s *Sealer) follow(ctx context.Context) (moved bool, err error) {
	head := s.log.Head()
	if head == s.followed {
		return false, nil
	}
	last, err := s.lastSeal(ctx)
	if err != nil {
		return false, err
	}
	if last.size == s.sealed.Size() {
		s.followed = head
		return false, nil
	}
	if last.size < s.sealed.Size() {
		return false, fmt.Errorf("%w: the seal of the first %d events is gone", errDamaged, s.sealed.Size())
	}
	tree, err := s.fold(ctx, s.sealed, last.size)
	if err != nil {
		return false, err
	}
	if !last.matches(&tree) {
		return false, fmt.Errorf("%w: the seal at position %d has another root than its events", errDamaged, last.position)
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
