package audit

import (
	"encoding/hex"

	"chainmail/domain"
	"chainmail/merkle"
)

// seals grows the log's tree as far as its seals go, and compares the roots.
//
// The tree is of the stored leaf hashes. A row that does not hash to its leaf_hash was found out already. If the
// leaf_hash is what was changed, the hash computed from the row is the right one; so a second tree grows
// beside with that, until a seal tells which of the two it was.
type seals struct {
	keys     *keys
	pending  leaves // of the events that follow the tree
	pushed   int64
	computed map[domain.Position]merkle.Hash // of pending events, where it is not the stored one
	tree     merkle.Range
	other    *merkle.Range       // with the computed hashes; nil while there are none
	sizes    []int64             // at which roots are still to be noted, ascending
	noted    map[int64]notedRoot // those that were
	last     domain.Position     // of the last seal's batch
	good     domain.Position     // of the last good seal's batch
	lost     domain.Position     // the first missing event: the tree ends before it; 0 for none
	bad      *badRoots           // nil while roots are right
}

// notedRoot is the tree at some size.
type notedRoot struct {
	root, other merkle.Hash // other is the second tree's, or root again
}

// badRoots is a run of seals with wrong roots.
type badRoots struct {
	first, last domain.Position // the first one's batch
	seal        domain.Position // the first one
	more        int             // how many followed it
}

func newSeals(dir string, k *keys, sizes []int64) *seals {
	s := &seals{keys: k, sizes: sizes, computed: make(map[domain.Position]merkle.Hash), noted: make(map[int64]notedRoot)}
	s.pending.dir = dir
	s.note()
	return s
}

// lose ends the tree before a missing event.
func (s *seals) lose(missing domain.Position) {
	if s.lost == 0 {
		s.lost = missing
	}
}

// push takes the leaf hash of the next event: as stored, and as computed from the row.
func (s *seals) push(at domain.Position, stored, computed merkle.Hash) error {
	if s.lost > 0 {
		return nil
	}
	if stored != computed && len(s.computed) < maxFindings {
		s.computed[at] = computed
	}
	s.pushed++
	return s.pending.push(stored)
}

// check looks at a seal. Where its signature is good, the signed size and root are believed before the others.
func (s *seals) check(at domain.Position, d *domain.MerkleBatchSealed, f *findings) error {
	claim, signed := s.open(at, d, f)
	first, last := s.last+1, domain.Position(claim.Size)
	if d.FirstPosition != first {
		f.add(at, KindSeal, "the seal's batch begins at %d instead of %d, where the last one ended", d.FirstPosition, first)
	}
	if last >= at || last < first {
		f.add(at, KindSeal, "the seal's batch ends at %d, but it has to be one of %d to %d", last, first, at-1)
		return nil
	}
	s.last = last
	if s.lost > 0 && last >= s.lost {
		return nil
	}
	if err := s.advance(claim.Size); err != nil {
		return err
	}
	switch {
	case s.tree.Root() == claim.Root:
	case s.other != nil && s.other.Root() == claim.Root:
		s.tree = *s.other
	default:
		s.other = nil
		if s.bad == nil {
			s.bad = &badRoots{first: first, last: last, seal: at}
		} else {
			s.bad.more++
		}
		return nil
	}
	s.other = nil
	s.tellBad(f)
	if signed {
		s.good = last
		s.keys.current().sealed = true
	}
	return nil
}

// open reads what a seal claims, and reports whether that is signed with the log's key of its position.
func (s *seals) open(at domain.Position, d *domain.MerkleBatchSealed, f *findings) (merkle.Checkpoint, bool) {
	unsigned := merkle.Checkpoint{Size: d.TreeSize}
	hex.Decode(unsigned.Root[:], []byte(d.RootHash[:min(len(d.RootHash), 2*len(unsigned.Root))]))
	key := s.keys.current()
	if key == nil {
		return unsigned, false // which is a finding already
	}
	c, err := merkle.OpenCheckpoint(d.Checkpoint, key.verifier)
	if err != nil {
		f.add(at, KindSeal, "the seal is not signed with the log's key at its position (%s): %v", key.text, err)
		return unsigned, false
	}
	if c.Size != d.TreeSize || hex.EncodeToString(c.Root[:]) != d.RootHash {
		f.add(at, KindSeal, "the seal says something else than the checkpoint in it")
	}
	return c, true
}

// advance grows the tree to a size that was pushed.
func (s *seals) advance(size int64) error {
	for s.tree.Size() < size {
		stored, err := s.pending.pop()
		if err != nil {
			return err
		}
		at := domain.Position(s.tree.Size() + 1)
		computed, differs := stored, false
		if len(s.computed) > 0 {
			if computed, differs = s.computed[at]; !differs {
				computed = stored
			}
		}
		if differs {
			delete(s.computed, at)
			if s.other == nil {
				fork := s.tree.Clone()
				s.other = &fork
			}
		}
		s.tree.Append(stored)
		if s.other != nil {
			s.other.Append(computed)
		}
		s.note()
	}
	return nil
}

// note keeps the root if it was asked for.
func (s *seals) note() {
	for len(s.sizes) > 0 && s.sizes[0] <= s.tree.Size() {
		n := notedRoot{root: s.tree.Root()}
		n.other = n.root
		if s.other != nil {
			n.other = s.other.Root()
		}
		s.noted[s.sizes[0]] = n
		s.sizes = s.sizes[1:]
	}
}

func (s *seals) tellBad(f *findings) {
	if s.bad == nil {
		return
	}
	also := ""
	if s.bad.more > 0 {
		also = "; the roots of later seals, which cover these events as well, are wrong too"
	}
	f.add(s.bad.first, KindSeal, "the events at positions %d to %d do not have the root of their seal at %d: "+
		"one was changed with its leaf_hash, or put in or taken out, or the seal was changed%s",
		s.bad.first, s.bad.last, s.bad.seal, also)
	s.bad = nil
}

// finish grows the tree to the sizes that are still asked for, as far as it goes.
func (s *seals) finish(f *findings) error {
	s.tellBad(f)
	for len(s.sizes) > 0 && s.sizes[0] <= s.pushed {
		if err := s.advance(s.sizes[0]); err != nil {
			return err
		}
	}
	return nil
}

func (s *seals) close() error { return s.pending.close() }
