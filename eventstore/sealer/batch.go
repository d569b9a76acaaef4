package sealer

import (
	"context"
	"time"

	"chainmail/domain"
	"chainmail/merkle"
)

// batch is what has been read after the last seal's batch.
type batch struct {
	tree     merkle.Range  // everything up to what was read
	events   int64         // of what was read, without seals
	age      time.Duration // of the first of them, by the database's clock
	youngest time.Duration // the age of the last event that was read
	whole    bool          // it was read to the head
}

// read adds the leaves up to a position, which is in the log.
func (b *batch) read(ctx context.Context, from *leaves, upTo domain.Position) error {
	if int64(upTo) <= b.tree.Size() {
		return nil
	}
	p, err := from.read(ctx, b.tree.Size(), int64(upTo))
	if err != nil {
		return err
	}
	if b.events == 0 {
		b.age = p.age
	}
	b.events += p.events
	b.youngest = p.youngest
	for _, hash := range p.hashes {
		b.tree.Append(hash)
	}
	return nil
}

// pageSize is how many leaf hashes are read at once where no batch says so.
const pageSize = 1 << 16

// fold adds the leaves up to a position to a tree, however many there are.
func (s *Sealer) fold(ctx context.Context, tree merkle.Range, upTo int64) (merkle.Range, error) {
	b := batch{tree: tree.Clone()}
	for b.tree.Size() < upTo {
		if err := b.read(ctx, &s.leaves, domain.Position(min(b.tree.Size()+pageSize, upTo))); err != nil {
			return merkle.Range{}, err
		}
	}
	return b.tree, nil
}

// fill reads on until the batch is full or ends with the head. A batch of seals alone is read on, so that
// each seal covers something else.
func (s *Sealer) fill(ctx context.Context) error {
	size := int64(s.settings.BatchSize)
	head := int64(s.log.Head())
	for {
		end := s.sealed.Size() + size
		if b := &s.batch; b.events == 0 && b.tree.Size() >= end {
			end = b.tree.Size() + size
		}
		if err := s.batch.read(ctx, &s.leaves, domain.Position(min(end, head))); err != nil {
			return err
		}
		s.batch.whole = s.batch.tree.Size() >= head
		if s.batch.events > 0 || s.batch.whole {
			return nil
		}
	}
}
