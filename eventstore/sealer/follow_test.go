package sealer_test

import (
	"encoding/hex"
	"testing"

	"chainmail/eventstore/sealer"
	"chainmail/merkle"
)

// A seal matches the tree that it covers, and no other.
func TestSealMatches(t *testing.T) {
	t.Parallel()
	var one, two, other merkle.Range
	one.Append(merkle.LeafHash([]byte("a")))
	two = one.Clone()
	two.Append(merkle.LeafHash([]byte("b")))
	other.Append(merkle.LeafHash([]byte("c")))
	root := one.Root()
	seal := sealer.Seal{Position: 2, Size: 1, Root: hex.EncodeToString(root[:])}
	for name, c := range map[string]struct {
		seal sealer.Seal
		tree merkle.Range
		want bool
	}{
		"its own":        {seal, one, true},
		"a larger one":   {seal, two, false},
		"another's":      {seal, other, false},
		"none":           {seal, merkle.Range{}, false},
		"nothing sealed": {sealer.Seal{}, merkle.Range{}, true},
		"no seal of it":  {sealer.Seal{}, one, false},
	} {
		if got := c.seal.Matches(&c.tree); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}
