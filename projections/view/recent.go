package view

import "chainmail/domain"

// recent remembers the latest messages. When it is full, each new one takes the oldest's place.
type recent struct {
	refs  []domain.MessageRef // a ring once it has limit entries
	next  int                 // the oldest, when the ring is full
	limit int
	index map[domain.ID]int32 // message to its place in refs
}

func newRecent(limit int) recent {
	return recent{limit: limit, index: make(map[domain.ID]int32)}
}

func (r *recent) add(ref domain.MessageRef) {
	if len(r.refs) < r.limit {
		r.index[ref.ID] = int32(len(r.refs))
		r.refs = append(r.refs, ref)
		return
	}
	delete(r.index, r.refs[r.next].ID)
	r.index[ref.ID] = int32(r.next)
	r.refs[r.next] = ref
	r.next = (r.next + 1) % r.limit
}

func (r *recent) get(id domain.ID) (domain.MessageRef, bool) {
	at, ok := r.index[id]
	if !ok {
		return domain.MessageRef{}, false
	}
	return r.refs[at], true
}
