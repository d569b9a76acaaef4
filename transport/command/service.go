package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/judge"
	"chainmail/transport/tracing"
)

// View is the state that decisions rest on, kept true by the log.
type View interface {
	Read(func(*domain.State))
	Position() domain.Position
	// Wait returns when the view includes the position, or with the context's error.
	Wait(ctx context.Context, position domain.Position) error
	// Message finds a recent message.
	Message(id domain.ID) (domain.MessageRef, bool)
}

// Messages finds messages of any age. Those that are not there by the given position are left out.
type Messages interface {
	Find(ctx context.Context, ids []domain.ID, by domain.Position) (map[domain.ID]domain.MessageRef, error)
}

// Service decides and appends. All methods may be called concurrently.
type Service struct {
	log      *eventstore.Log
	view     View
	messages Messages
	logger   *slog.Logger
	judge    *judge.Judge    // nil: nothing is judged
	traces   *tracing.Tracer // nil: nothing is traced

	notifications Notifications // set where they are read

	mu    sync.Mutex
	lanes map[laneKey]*lane // guarded by mu; the lanes that have work
	work  sync.WaitGroup    // the goroutines of the lanes
}

// freshTimeout bounds how long a refusal waits for the view to catch up.
const freshTimeout = 5 * time.Second

// maxAttempts bounds how often a command is decided again. Each time somebody else has
// succeeded meanwhile, so only a storm of changes to the very same thing gets there.
const maxAttempts = 20

// New returns a service. Close it before the log ends.
func New(log *eventstore.Log, view View, messages Messages, logger *slog.Logger) *Service {
	return &Service{log: log, view: view, messages: messages, logger: logger, lanes: make(map[laneKey]*lane)}
}

// UseTraces has what commands do traced. It is called before the first command.
func (s *Service) UseTraces(t *tracing.Tracer) { s.traces = t }

// Close waits until all that was handed over is answered. Nothing may be handed over any more.
func (s *Service) Close() { s.work.Wait() }

// attempt is one command on its way to a result or an error.
type attempt struct {
	decide func(*domain.State) (domain.Decision, *domain.Refusal)
	// again says that a key was taken by something on which the command can be decided anew.
	again  func(domain.Key) bool
	result eventstore.Result
	err    error            // a *domain.Refusal, or one of the log's errors
	trace  *tracing.Command // nil where nothing is traced, and until it is done for those who wait for it
}

// do brings one command to its end.
func (s *Service) do(
	ctx context.Context, decide func(*domain.State) (domain.Decision, *domain.Refusal),
) (eventstore.Result, error) {
	a := attempt{decide: decide}
	s.doAll(ctx, []*attempt{&a})
	return a.result, a.err
}

// doAll brings commands to their ends, keeping their order in the log.
func (s *Service) doAll(ctx context.Context, attempts []*attempt) {
	if s.traces != nil {
		for _, a := range attempts {
			if a.trace == nil {
				a.trace = s.traces.Begin(ctx)
			}
		}
		defer func() {
			for _, a := range attempts {
				a.trace.End(a.result.Events)
			}
		}()
	}
	open := attempts
	for try := 0; len(open) > 0; try++ {
		if try == maxAttempts {
			for _, a := range open {
				a.err = eventstore.ErrUnavailable
			}
			return
		}
		open = s.try(ctx, open)
	}
}

// try decides and appends once. It returns what has to be decided again, in order, when the view
// already includes what changed.
func (s *Service) try(ctx context.Context, attempts []*attempt) (again []*attempt) {
	deciding := s.traces.Now()
	accepted, decisions := s.decide(ctx, attempts)
	if len(accepted) == 0 {
		return nil
	}
	decided := s.traces.Now()
	results, err := s.log.Append(ctx, decisions...)
	if s.traces != nil {
		for _, a := range accepted {
			a.trace.Tried(deciding, decided, s.traces.Now())
		}
	}
	if results == nil || err != nil && len(accepted) == 1 {
		for _, a := range accepted {
			a.err = err
		}
		return nil
	}
	var upTo domain.Position
	for i, a := range accepted {
		r := results[i]
		switch {
		case r.Conflict, r.Duplicate > 0 && a.again != nil && a.again(r.DuplicateKey):
			upTo = max(upTo, r.Head)
			again = append(again, a)
		case r.Head == 0: // no result: it failed, or its batch did
			a.err = err
		default:
			a.result = r
		}
	}
	if err := s.wait(ctx, upTo); err != nil {
		for _, a := range again {
			a.err = err
		}
		return nil
	}
	return again
}

// decide decides all attempts on one state. Refusals for want of something, and that there is
// nothing to do, are final only on a state that includes the log's head.
func (s *Service) decide(ctx context.Context, attempts []*attempt) (accepted []*attempt, decisions []domain.Decision) {
	for fresh := false; ; fresh = true {
		accepted, decisions = accepted[:0], decisions[:0]
		stale := false
		s.view.Read(func(state *domain.State) {
			for _, a := range attempts {
				d, refusal := a.decide(state)
				if refusal != nil {
					a.err = refusal
					stale = stale || !fresh && refusal.FromMissing()
					continue
				}
				// That there is nothing to do may be old news, just like a refusal.
				stale = stale || !fresh && len(d.Drafts) == 0
				a.err = nil
				accepted, decisions = append(accepted, a), append(decisions, d)
			}
		})
		if !stale {
			return accepted, decisions
		}
		if err := s.catchUp(ctx); err != nil {
			for _, a := range attempts {
				a.err = err
			}
			return nil, nil
		}
	}
}

// catchUp brings the view to the log's head as it is now.
func (s *Service) catchUp(ctx context.Context) error {
	head, err := s.log.Fresh(ctx)
	if err != nil {
		return err
	}
	return s.wait(ctx, head)
}

func (s *Service) wait(ctx context.Context, position domain.Position) error {
	if s.view.Position() >= position {
		return nil
	}
	waiting, cancel := context.WithTimeout(ctx, freshTimeout)
	defer cancel()
	if err := s.view.Wait(waiting, position); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%w: the view stays behind position %d: %w", eventstore.ErrUnavailable, position, err)
	}
	return nil
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func newSalt() domain.Salt {
	var salt domain.Salt
	rand.Read(salt[:]) // never fails (crypto/rand)
	return salt
}

// isRefusal reports whether an error is a refusal, as opposed to a failure.
func isRefusal(err error) bool {
	var r *domain.Refusal
	return errors.As(err, &r)
}
