package presence

import (
	"encoding/binary"

	"chainmail/domain"
)

// maxUsers bounds how many users another server may have. What it tells beyond is passed over.
const maxUsers = 1 << 18

// counts are how many connections users have, those who have any, and a sum by which two servers see whether they have the same.
type counts struct {
	of  map[domain.ID]int
	sum uint64
}

func newCounts() counts { return counts{of: make(map[domain.ID]int)} }

// set changes a user's count and returns what it was.
func (c *counts) set(user domain.ID, n int) (before int) {
	if before = c.of[user]; before > 0 {
		c.sum ^= mix(user, before)
	}
	if n > 0 {
		c.of[user] = n
		c.sum ^= mix(user, n)
	} else {
		delete(c.of, user)
	}
	return before
}

// mix spreads a user and his count over 64 bits, by the finalizer of SplitMix64. It need not withstand an adversary: other servers
// could lie about all of it anyway.
func mix(user domain.ID, n int) uint64 {
	x := binary.BigEndian.Uint64(user[:8])
	for _, y := range []uint64{binary.BigEndian.Uint64(user[8:]), uint64(told(n))} {
		x += y + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// told is a count as others are told of it, in one byte.
func told(n int) byte { return byte(max(0, min(n, 255))) }
