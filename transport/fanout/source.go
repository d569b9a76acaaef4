package fanout

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
)

const (
	// beat is how often the publisher says that it is there.
	beat = time.Second
	// lateAfter is how long an event may be in the log before its marker comes.
	lateAfter = 250 * time.Millisecond
	// soundFor is how long Redis has to be without fault before it is followed again.
	soundFor = time.Second
	// silentAfter is how long no marker may come from a publisher that is there.
	silentAfter = 2*beat + beat/2
	// youth is how long a subscription may take.
	youth = time.Second
)

// Source returns the log's events to the one who pushes them: those that connections here need, from Redis, or all, from
// the log. Next is called by one goroutine.
type Source struct {
	log      *eventstore.Log
	inbox    *inbox
	interest *interest
	refresh  func() // has the lanes subscribe anew
	logger   *slog.Logger
	told     func(eventstore.Followed) // nil: nobody is

	position domain.Position // everything up to it was returned
	tail     *eventstore.Tail
	tailAt   domain.Position
	failed   time.Time       // when Redis last lost something
	owed     domain.Position // a marker of it has to come
	owing    time.Time       // since when
	follows  atomic.Bool
	stats    sourceStats
}

type sourceStats struct {
	published, read atomic.Int64 // events returned
	batches         atomic.Int64 // that were complete
	gaps            atomic.Int64 // what Redis lost: gaps, wrong counts, markers that did not come in time
}

// Next waits for what comes right after what it last returned, and hands it to push, with the position through which it
// is complete for the connections here. After an error it stands where it stood.
func (s *Source) Next(ctx context.Context, push func(events []domain.Event, through domain.Position)) error {
	for {
		follows := s.followed()
		if follows {
			b, state := s.inbox.next(s.position, time.Now())
			switch state {
			case some:
				if s.fromRedis(b, push) {
					return nil
				}
				return s.fromLog(ctx, push)
			case gap:
				s.fail("batches are missing")
				return s.fromLog(ctx, push)
			}
		} else if s.log.Head() > s.position {
			return s.fromLog(ctx, push)
		}
		if err := s.wait(ctx, follows); err != nil {
			return err
		}
	}
}

// followed reports whether Redis is followed, and tells when that changes.
func (s *Source) followed() bool {
	now := time.Now()
	broken, heard := s.inbox.sound()
	silent := now.Sub(heard) > silentAfter
	if s.follows.Load() {
		if silent {
			s.fail("nobody publishes, or nothing arrives")
		}
		return s.follows.Load()
	}
	if silent || now.Sub(broken) < soundFor || now.Sub(s.failed) < soundFor || heard.Before(s.failed) {
		return false
	}
	s.follows.Store(true)
	s.logger.Info("pushes come through Redis")
	return true
}

// fail notes that Redis has lost something: the log is read until all has been well for a while.
func (s *Source) fail(why string) {
	s.stats.gaps.Add(1)
	s.failed = time.Now()
	if s.follows.Swap(false) {
		s.logger.Warn("Redis has not delivered everything: pushes are read from the log until it does", slog.String("reason", why))
	}
}

// patience is how long a marker may still take that tells of the log's head. What is owed is owed until it has come: markers of
// what is older, of other lanes, or that were sent again change nothing about it.
func (s *Source) patience(head domain.Position) time.Duration {
	now := time.Now()
	if s.owed <= s.position || s.owed > head {
		s.owed, s.owing = head, now
	}
	return max(0, lateAfter-now.Sub(s.owing))
}

// wait returns when there may be news. When Redis is followed and the log has moved on, a marker has to tell of it soon.
func (s *Source) wait(ctx context.Context, follows bool) error {
	moved, stop := s.log.Wakeups()
	defer stop()
	timer := time.NewTimer(beat)
	defer timer.Stop()
	late := false
	for {
		if head := s.log.Head(); head > s.position && !late {
			if !follows {
				return nil
			}
			late = true
			timer.Reset(s.patience(head))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.inbox.wake:
			return nil
		case <-moved:
		case <-timer.C:
			if late {
				s.fail("a batch is late")
			}
			return nil
		}
	}
}

// fromRedis pushes a batch if it is complete, and reports whether it was.
func (s *Source) fromRedis(b batch, push func([]domain.Event, domain.Position)) bool {
	if b.readLog {
		return false
	}
	began := time.Now()
	s.interest.mu.Lock()
	defer s.interest.mu.Unlock()
	for _, part := range b.parts {
		switch s.interest.judge(part.counts, part.got, b.settled) {
		case lost:
			s.fail("events are missing")
			s.refresh()
			return false
		case young:
			s.stats.gaps.Add(1)
			return false
		}
	}
	events := b.events(s.position)
	if s.told != nil && len(events) > 0 {
		s.told(eventstore.Followed{Events: events, Began: began, From: "redis"})
	}
	push(events, b.through)
	s.position = b.through
	s.log.Witness(b.through) // the publisher has signed it
	s.stats.batches.Add(1)
	s.stats.published.Add(int64(len(events)))
	return true
}

// fromLog waits for the log and pushes what it has.
func (s *Source) fromLog(ctx context.Context, push func([]domain.Event, domain.Position)) error {
	if s.tail == nil || s.tailAt != s.position {
		s.tail = s.log.Tail(s.position)
		if s.told != nil {
			s.tail.Observe(s.told)
		}
	}
	s.tailAt = s.position
	events, err := s.tail.Next(ctx)
	if err != nil {
		return err
	}
	s.interest.mu.Lock()
	defer s.interest.mu.Unlock()
	s.position = events[len(events)-1].Position
	s.tailAt = s.position
	push(events, s.position)
	s.interest.note(events)
	s.stats.read.Add(int64(len(events)))
	s.prune()
	return nil
}

// prune drops what came through Redis and was read from the log. It is looked at all the same: it has to be complete before
// Redis is followed again. The caller holds the interest's lock.
func (s *Source) prune() {
	b := s.inbox.passed(s.position, time.Now())
	for _, part := range b.parts {
		if s.interest.judge(part.counts, part.got, b.settled) == lost {
			s.fail("events are missing")
			s.refresh()
			return
		}
	}
}
