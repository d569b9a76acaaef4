package scale

import (
	"errors"
	"fmt"

	"chainmail/merkle"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// TwoLevel shows that an event is in one of many partitions. Root is the proof of a leaf of the root log: the text of
// the partition's checkpoint, with no signature of its own, at the end of whatever else the event says. Path leads from
// the event's leaf to the root that this text names.
type TwoLevel struct {
	Partition string // the origin of its tree
	Index     int64  // of the event, in its partition
	Leaf      []byte
	Path      []merkle.Hash
	Root      merkle.Proof
}

// Verify checks the proof against keys of the root log, and returns the root log's checkpoint.
func (p TwoLevel) Verify(verifiers ...note.Verifier) (merkle.Checkpoint, error) {
	signed, err := p.Root.Verify(verifiers...)
	if err != nil {
		return merkle.Checkpoint{}, fmt.Errorf("the seal in the root log: %w", err)
	}
	var sealed merkle.Checkpoint
	var root string
	if _, err := fmt.Sscanf(string(p.Root.Leaf), "%s\n%d\n%s\n", &sealed.Origin, &sealed.Size, &root); err != nil {
		return merkle.Checkpoint{}, fmt.Errorf("the seal's text: %w", err)
	}
	if sealed.Origin != p.Partition {
		return merkle.Checkpoint{}, errors.New("the seal is another partition's")
	}
	if sealed.Root, err = tlog.ParseHash(root); err != nil {
		return merkle.Checkpoint{}, fmt.Errorf("the seal's root: %w", err)
	}
	if p.Index < 0 || p.Index >= sealed.Size {
		return merkle.Checkpoint{}, fmt.Errorf("index %d is not in a tree of %d leaves", p.Index, sealed.Size)
	}
	if err := tlog.CheckRecord(p.Path, sealed.Size, sealed.Root, p.Index, merkle.LeafHash(p.Leaf)); err != nil {
		return merkle.Checkpoint{}, fmt.Errorf("the event in its partition: %w", err)
	}
	return signed, nil
}

// Sizes are the hashes of the longest proofs, and the leaves of the trees that they lead through.
type Sizes struct {
	Leaves, RootLeaves int64 // of a partition's tree, of the root log's
	Inclusion          int   // in one tree over all events
	TwoInclusion       int   // through both
	Consistency        int   // of one tree, from half of it to all
	TwoConsistency     int   // of the root log, of two seals in it, and of the partition between them
}

// ProofSizes returns how large proofs are with so many events over so many partitions of equal size, sealed every
// batch events. It counts the last leaves but one, whose paths are as long as any.
func ProofSizes(events, partitions, batch int64) (s Sizes, err error) {
	s.Leaves, s.RootLeaves = events/partitions, events/batch
	count := func(size int64) (inclusion, consistency int) {
		path, e := tlog.ProveRecord(size, 1, hashless)
		err = errors.Join(err, e)
		tree, e := tlog.ProveTree(size, size/2+1, hashless)
		err = errors.Join(err, e)
		return len(path), len(tree)
	}
	s.Inclusion, s.Consistency = count(events)
	below, belowTree := count(s.Leaves)
	above, aboveTree := count(s.RootLeaves)
	s.TwoInclusion = below + above
	s.TwoConsistency = aboveTree + 2*above + belowTree
	return s, err
}

// hashless reads hashes that are all zero: only how many are asked for counts.
var hashless = tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
	return make([]tlog.Hash, len(indexes)), nil
})
