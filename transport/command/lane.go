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
	judged  <-chan struct{} // closed when it can be decided; nil: it can
	done    func(*attempt)  // runs in the lane's goroutine, in order; must not block
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

// runLane appends wave after wave until nothing waits. What is still being judged holds up what came after it.
func (s *Service) runLane(ctx context.Context, key laneKey, wave []job) {
	defer s.work.Done()
	for len(wave) > 0 {
		n := judged(wave)
		attempts := make([]*attempt, n)
		for i := range attempts {
			attempts[i] = wave[i].attempt
		}
		s.doAll(ctx, attempts)
		for _, j := range wave[:n] {
			j.done(j.attempt)
		}
		wave = s.next(key, wave[n:])
	}
}

// judged waits until the first job can be decided, and counts those that can be together with it.
func judged(wave []job) int {
	if wave[0].judged != nil {
		<-wave[0].judged // within the judge's deadline
	}
	for n := 1; n < len(wave); n++ {
		if wave[n].judged == nil {
			continue
		}
		select {
		case <-wave[n].judged:
		default:
			return n
		}
	}
	return len(wave)
}

// next returns what a lane has to do after what is left of a wave. With nothing to do it has ended.
func (s *Service) next(key laneKey, left []job) []job {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[key]
	left, l.waiting = append(left, l.waiting...), nil
	if len(left) == 0 {
		delete(s.lanes, key)
	}
	return left
}
