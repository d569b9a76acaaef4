package ws

import "chainmail/domain"

// act is something that is done on this connection and whose push it need not get.
type act struct {
	after domain.Position // its push comes after this one; what is there already is not of its doing
	at    domain.Position // where it was stored; 0 while that isn't known
}

// begins notes the origin of a push that is to be skipped: a message that is sent here, or a read. head is how far the log is.
func (o *outbox) begins(origin domain.ID, head domain.Position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.own == nil {
		o.own = make(map[domain.ID]act)
	}
	if _, repeat := o.own[origin]; !repeat {
		o.own[origin] = act{after: head}
	}
}

// stored notes the place of what begins announced; 0 says that nothing was stored and no push will come of
// it. The push may have been skipped already.
func (o *outbox) stored(origin domain.ID, at domain.Position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	own, waiting := o.own[origin]
	switch {
	case !waiting || own.at > 0: // it was skipped; or this is a repeat of what was stored
	case at == 0 || o.phase == live && at <= o.from:
		o.forget(origin)
	default:
		own.at = at
		o.own[origin] = own
	}
}

// skips reports whether a push is of this connection's doing, and forgets it: it comes once.
func (o *outbox) skips(origin domain.ID, at domain.Position) bool {
	if len(o.own) == 0 {
		return false
	}
	if own, found := o.own[origin]; !found || at <= own.after {
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
