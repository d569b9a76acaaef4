package ws

import "chainmail/domain"

// stepAside lets pushes pass by from now on. It returns the position of the last one that was
// queued, 0 if there was none.
func (o *outbox) stepAside() domain.Position {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.phase = apart
	return o.last
}

// join holds back what is pushed from now on, save what is at or before the position. The caller
// lets nobody push meanwhile.
func (o *outbox) join(at domain.Position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.phase, o.from, o.last = holding, at, at
}

// release queues what was held back, and lets pushes through from now on.
func (o *outbox) release() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.phase, o.ready = live, true
	for id, at := range o.own {
		if at > 0 && at <= o.from { // it was passed over, or is of before the catch-up
			delete(o.own, id)
		}
	}
	held := o.held
	o.held = nil
	if !o.closing && held.len() > 0 {
		o.append(held.b)
		o.queued()
	}
	held.free()
}

// reached returns the position up to which everything was queued, given how far the pushes are.
// While the connection catches up it isn't known.
func (o *outbox) reached(pushed domain.Position) (at domain.Position, known bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return max(pushed, o.last), o.phase == live
}

// sends notes a message that is sent here, so that its push is skipped.
func (o *outbox) sends(message domain.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.own == nil {
		o.own = make(map[domain.ID]domain.Position)
	}
	o.own[message] = 0
}

// stored notes where a message that was sent here has its place. Its push may have been skipped already.
func (o *outbox) stored(message domain.ID, at domain.Position) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, waiting := o.own[message]; !waiting {
		return
	}
	o.own[message] = at
	if o.phase == live && at <= o.from {
		o.forget(message)
	}
}

// unsent takes sends back: there will be no push.
func (o *outbox) unsent(message domain.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.forget(message)
}

// skips reports whether a push is of a message that was sent here, and forgets it: it comes once.
func (o *outbox) skips(message domain.ID) bool {
	if len(o.own) == 0 {
		return false
	}
	if _, own := o.own[message]; !own {
		return false
	}
	o.forget(message)
	return true
}

func (o *outbox) forget(message domain.ID) {
	if delete(o.own, message); len(o.own) == 0 {
		o.own = nil
	}
}

// closes reports whether the last frame is queued or written.
func (o *outbox) closes() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing
}
