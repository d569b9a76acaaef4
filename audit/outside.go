package audit

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"chainmail/domain"
	"chainmail/merkle"
)

// outside are checkpoints that others hold, by name.
type outside map[string]string

// sizes are the tree sizes at which the log's root will be asked for, ascending. They are read from
// checkpoints whose signatures can't be checked yet: the keys are in the log.
func (o outside) sizes() []int64 {
	var sizes []int64
	for _, signed := range o {
		lines := strings.SplitN(signed, "\n", 3)
		if size, err := strconv.ParseInt(lines[min(1, len(lines)-1)], 10, 64); err == nil && size >= 0 {
			sizes = append(sizes, size)
		}
	}
	slices.Sort(sizes)
	return slices.Compact(sizes)
}

// finish compares each checkpoint with the log that ends at head.
func (o outside) finish(head domain.Position, k *keys, s *seals, f *findings) {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		c, err := merkle.OpenCheckpoint(o[name], k.verifiers()...)
		noted, reached := s.noted[c.Size]
		switch {
		case errors.Is(err, merkle.ErrUnsigned):
			f.add(1, KindCheckpoint, "the checkpoint %s is not signed with a key of this log", name)
		case err != nil:
			f.add(1, KindCheckpoint, "the checkpoint %s cannot be read: %v", name, err)
		case c.Size > int64(head):
			f.add(head+1, KindEnd, "the log ends at %d, but the checkpoint %s is over %d events", head, name, c.Size)
		case !reached:
			f.add(s.lost, KindCheckpoint, "the checkpoint %s covers an event that is missing, and cannot be compared", name)
		case noted.root != c.Root && noted.other != c.Root:
			first := s.good + 1
			if int64(s.good) >= c.Size { // the log's own seals vouch for another history
				first = 1
			}
			f.add(first, KindCheckpoint, "the events at positions %d to %d are not those of the checkpoint %s", first, c.Size, name)
		}
	}
}
