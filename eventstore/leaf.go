package eventstore

import (
	"encoding/binary"

	"chainmail/domain"
)

// Leaf returns the canonical bytes of an event: every column but body and leaf_hash. They are
// what its leaf hash covers and what proofs carry, and can never change. All numbers are
// big-endian; a text is its length in bytes (4 bytes) followed by its UTF-8:
//
//	1   layout, always 1
//	8   position
//	16  event_id
//	4+n stream
//	8   stream_version
//	4+n type
//	4+n payload
//	4+n metadata
//	8   recorded_at, in microseconds since 1970-01-01 UTC
//
// The SQL function event_leaf is its twin; docs/event-format.md is for those who write a third.
func Leaf(e domain.Event) []byte {
	size := 1 + 8 + 16 + 8 + 8 + 4*4 + len(e.Stream) + len(e.Type) + len(e.Payload) + len(e.Metadata)
	return AppendLeaf(make([]byte, 0, size), &e)
}

// AppendLeaf adds an event's Leaf to leaf.
func AppendLeaf(leaf []byte, e *domain.Event) []byte {
	leaf = append(leaf, 1)
	leaf = binary.BigEndian.AppendUint64(leaf, uint64(e.Position))
	leaf = append(leaf, e.ID[:]...)
	leaf = appendText(leaf, e.Stream)
	leaf = binary.BigEndian.AppendUint64(leaf, uint64(e.Version))
	leaf = appendText(leaf, e.Type)
	leaf = appendText(leaf, e.Payload)
	leaf = appendText(leaf, e.Metadata)
	return binary.BigEndian.AppendUint64(leaf, uint64(e.RecordedAt.UnixMicro()))
}

func appendText[T ~string | ~[]byte](dst []byte, text T) []byte {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(text)))
	return append(dst, text...)
}
