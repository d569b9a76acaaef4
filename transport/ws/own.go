package ws

import "chainmail/domain"

// begins notes the origin of a push that is to be skipped: a message that is sent here, or a read.
func (o *outbox) begins(origin domain.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.own == nil {
		o.own = make(map[domain.ID]domain.Position)
	}
	if _, repeat := o.own[origin]; !repeat {
		o.own[origin] = 0
	}
}

// stored notes the place of what begins announced; 0 says that nothing was stored and no push will come of
// it. The push may have been skipped already.
func (o *outbox) stored(origin domain.ID, at domain.Position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	place, waiting := o.own[origin]
	switch {
	case !waiting || place > 0: // it was skipped; or this is a repeat of what was stored
	case at == 0 || o.phase == live && at <= o.from:
		o.forget(origin)
	default:
		o.own[origin] = at
	}
}

// skips reports whether a push is of this connection's doing, and forgets it: it comes once.
func (o *outbox) skips(origin domain.ID) bool {
	if len(o.own) == 0 {
		return false
	}
	if _, own := o.own[origin]; !own {
		return false
	}
	o.forget(origin)
	return true
}

func (o *outbox) forget(origin domain.ID) {
	if delete(o.own, origin); len(o.own) == 0 {
		o.own = nil
	}
}
