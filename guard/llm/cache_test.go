package llm

import (
	"encoding/binary"
	"testing"
	"time"
)

func numbered(i int) (id hash) {
	binary.BigEndian.PutUint64(id[:], uint64(i))
	return id
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c, now := newCache(), time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	for i := range cacheEntries {
		c.put(numbered(i), Opinion{Label: Scam}, now)
	}
	if _, ok := c.get(numbered(0), now); !ok { // now the one asked for last
		t.Fatal("the first is gone before the cache is full")
	}
	c.put(numbered(cacheEntries), Opinion{Label: Scam}, now)
	if len(c.entries) != cacheEntries || c.order.Len() != cacheEntries {
		t.Errorf("entries: got %d, %d, want %d", len(c.entries), c.order.Len(), cacheEntries)
	}
	for i, want := range map[int]bool{0: true, 1: false, 2: true, cacheEntries: true} {
		if _, ok := c.get(numbered(i), now); ok != want {
			t.Errorf("entry %d: got %v, want %v", i, ok, want)
		}
	}
}

func TestCacheReplaces(t *testing.T) {
	t.Parallel()
	c, now := newCache(), time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	c.put(numbered(1), Opinion{Label: Scam}, now)
	c.put(numbered(1), Opinion{Label: Spam}, now.Add(time.Minute))
	if o, ok := c.get(numbered(1), now.Add(cacheLife)); !ok || o.Label != Spam || len(c.entries) != 1 || c.order.Len() != 1 {
		t.Errorf("got %+v, %v of %d", o, ok, len(c.entries))
	}
	if _, ok := c.get(numbered(1), now.Add(time.Minute+cacheLife)); ok || len(c.entries) != 0 || c.order.Len() != 0 {
		t.Errorf("got %v of %d, want it gone", ok, len(c.entries))
	}
}
