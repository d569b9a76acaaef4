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
	for id, own := range o.own {
		if own.at > 0 && own.at <= o.from { // it was passed over, or is of before the catch-up
			o.forget(id)
		}
	}
	held, waiting := o.held, o.waiting
	o.held, o.waiting = nil, 0
	if !o.closing && held.len() > 0 {
		o.append(held.b)
		o.frames += int64(waiting) - 1 // queued counts one
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
