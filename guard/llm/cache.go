package llm

import (
	"container/list"
	"time"
)

// The cache holds at most so many opinions (some 200 bytes each), none longer than so: the model may be changed behind its address.
const (
	cacheEntries = 10_000
	cacheLife    = time.Hour
)

// cache remembers what the model said of a text, and forgets what was not asked for longest. Its callers see to it that they don't use it at once.
type cache struct {
	entries map[hash]*list.Element // of *cached
	order   list.List              // the one last asked for in front
}

type cached struct {
	id      hash
	opinion Opinion
	until   time.Time
}

func newCache() *cache {
	return &cache{entries: make(map[hash]*list.Element)}
}

// get returns the opinion of a text, when there is one that is not too old.
func (c *cache) get(id hash, now time.Time) (Opinion, bool) {
	e := c.entries[id]
	if e == nil {
		return Opinion{}, false
	}
	entry := e.Value.(*cached)
	if !now.Before(entry.until) {
		c.drop(e)
		return Opinion{}, false
	}
	c.order.MoveToFront(e)
	return entry.opinion, true
}

// put takes an opinion in place of any other of the same text.
func (c *cache) put(id hash, o Opinion, now time.Time) {
	if e := c.entries[id]; e != nil {
		c.drop(e)
	}
	c.entries[id] = c.order.PushFront(&cached{id: id, opinion: o, until: now.Add(cacheLife)})
	if len(c.entries) > cacheEntries {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	delete(c.entries, c.order.Remove(e).(*cached).id)
}
