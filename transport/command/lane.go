package command

import (
	"context"

	"chainmail/domain"
)

// laneKey names a lane: a sender and where he writes to, or a user and his receipts.
type laneKey struct {
	user, target domain.ID
}

// How many jobs of a lane may be without an answer. Beyond that nothing is taken.
const (
	maxSends    = 1_024
	maxReceipts = 16_384 // more than all sockets of one user may have under way
)

// unavailable is the protocol's code for what was not stored and can be tried again. No decision has it.
const unavailable domain.Code = "unavailable"

// errFull is a refusal that is gone as soon as something is answered.
func errFull(what string) *domain.Refusal {
	return &domain.Refusal{Code: unavailable, Message: "too many of your " + what + " wait to be stored: try again when some are answered"}
}

// lane holds what waits for the wave under way.
type lane struct {
	waiting []job // guarded by Service.mu
	jobs    int   // guarded by Service.mu: how many wait, here and in the wave under way
}

// job is a command whose caller does not wait.
type job struct {
	attempt *attempt
	judged  <-chan struct{} // closed when it can be decided; nil: it can
	done    func(*attempt)  // runs in the lane's goroutine, in order; must not block
}

// enter hands jobs to their lane, all or, when it would then have more than most, none. A lane without work has no goroutine.
func (s *Service) enter(ctx context.Context, key laneKey, most int, jobs ...job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lanes[key]
	switch {
	case l == nil && len(jobs) <= most:
		s.lanes[key] = &lane{jobs: len(jobs)}
		s.work.Add(1)
		go s.runLane(ctx, key, jobs)
	case l != nil && l.jobs+len(jobs) <= most:
		l.waiting = append(l.waiting, jobs...)
		l.jobs += len(jobs)
	default:
		return false
	}
	return true
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
		s.leave(key, n)
		for _, j := range wave[:n] {
			j.done(j.attempt)
		}
		wave = s.next(key, wave[n:])
	}
}

// judged waits until the first job can be decided, and counts those that can be together with it.
func judged(wave []job) int {
	if wave[0].judged != nil {
		<-wave[0].judged // behind the sender's earlier questions, each within the judge's deadline
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

// leave makes room for others, before the answers, so that who has got them all finds all of it.
func (s *Service) leave(key laneKey, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lanes[key].jobs -= n
}

// Lanes tells how many lanes have work, and how many commands wait in them or are being appended.
func (s *Service) Lanes() (lanes, commands int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		commands += l.jobs
	}
	return len(s.lanes), commands
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
