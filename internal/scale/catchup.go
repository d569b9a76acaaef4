package scale

import (
	"encoding/base64"
	"encoding/binary"
	"math"
)

// Touched returns how many partitions hold at least one of so many conversations, on average, when each is in a
// partition drawn at random.
func Touched(partitions, conversations int) float64 {
	p := float64(partitions)
	return p * (1 - math.Pow(1-1/p, float64(conversations)))
}

// Cursor is what a client keeps to come back with: the generation of the map of partitions, and the position that it has
// reached in each. It is base64url over varints.
func Cursor(generation uint64, positions []int64) string {
	raw := binary.AppendUvarint(nil, generation)
	for _, at := range positions {
		raw = binary.AppendUvarint(raw, uint64(at))
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}
