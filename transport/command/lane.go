package command

import (
	"context"

	"chainmail/domain"
)

// laneKey names a lane: a sender and where he writes to, or a user and his receipts.
type laneKey struct {
	user, target domain.ID
}

// lane holds what waits for the wave under way. Its length is bounded by what its user's
// connections may have in flight.
type lane struct {
	waiting []job // guarded by Service.mu
}

// job is a command whose caller does not wait.
type job struct {
	attempt *attempt
	done    func(*attempt) // runs in the lane's goroutine, in order; must not block
}

// enter hands a job to its lane. A lane without work has no goroutine.
func (s *Service) enter(ctx context.Context, key laneKey, j job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.lanes[key]; l != nil {
		l.waiting = append(l.waiting, j)
		return
	}
	s.lanes[key] = new(lane)
	s.work.Add(1)
	go s.runLane(ctx, key, []job{j})
}

// runLane appends wave after wave until nothing waits.
func (s *Service) runLane(ctx context.Context, key laneKey, wave []job) {
	defer s.work.Done()
	for {
		attempts := make([]*attempt, len(wave))
		for i := range wave {
			attempts[i] = wave[i].attempt
		}
		s.doAll(ctx, attempts)
		for _, j := range wave {
			j.done(j.attempt)
		}
		s.mu.Lock()
		l := s.lanes[key]
		wave, l.waiting = l.waiting, wave[:0:0]
		if len(wave) == 0 {
			delete(s.lanes, key)
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
	}
}
