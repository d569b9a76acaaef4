package domain

import "encoding/hex"

// SealingKey returns the verifier key that vouches for seals from here on, given the log's first one.
func (s *State) SealingKey(first string) string {
	if s.rotated != "" {
		return s.rotated
	}
	return first
}

// Batch is what a seal covers that no earlier one does, and the tree that it ends.
type Batch struct {
	First, Last Position
	Root        [32]byte
	Checkpoint  string // over Last and Root, signed with the log's current key
}

// Seal decides to seal a batch. The log lets one seal begin at a position, and none that was signed with
// a key that has been replaced since this state.
func (s *State) Seal(b Batch) Decision {
	d := Decision{Actor: Actor{Auth: AuthSystem}, At: s.Position, Keys: []Key{SealKey(b.First)}}
	s.expectLogKey(&d)
	d.draft(SealStream, &MerkleBatchSealed{
		TreeSize: int64(b.Last), RootHash: hex.EncodeToString(b.Root[:]),
		FirstPosition: b.First, LastPosition: b.Last, Checkpoint: b.Checkpoint,
	})
	return d
}

// RotateLogKey decides to announce a new key. Of two announcements at once, the log takes one.
func (s *State) RotateLogKey(actor Actor, r LogKeyRotated) Decision {
	d := Decision{Actor: actor, At: s.Position}
	s.expectLogKey(&d)
	d.draft(LogStream, &r)
	return d
}

func (s *State) expectLogKey(d *Decision) {
	d.Expect = append(d.Expect, Expectation{LogStream, s.rotation})
}
