package sealer

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// View is the state that a seal is decided on.
type View interface {
	// Wait returns when the state includes the position.
	Wait(ctx context.Context, position domain.Position) error
	Read(f func(*domain.State))
}

// Tree knows the tree over the log's sealed events, so that a start need not read them all.
type Tree interface {
	// Range returns the tree of the first size leaves.
	Range(ctx context.Context, size int64) (merkle.Range, error)
}

// Keys finds the key that belongs to a verifier key. Its error says why there is none.
type Keys func(verifier string) (*logkey.Key, error)

// Settings tune a Sealer. A zero field has the default that stands behind it.
type Settings struct {
	// BatchSize is how many events make a batch full, seals included: 1024.
	BatchSize int
	// Interval is how long after its first event a batch is sealed though it is not full: 10 s.
	Interval time.Duration
	// Patience is how much longer a server waits once another has sealed: 1 s.
	Patience time.Duration
	// KeyRetry is how often the key is looked for again when it is not here: 5 s.
	KeyRetry time.Duration
	// FirstRetry and LastRetry bound the wait after an error: 100 ms, 10 s. It doubles from one to the other.
	FirstRetry, LastRetry time.Duration
}

// damageRetry is how often a log that contradicts its own seals is looked at again.
const damageRetry = 10 * time.Minute

func (s Settings) withDefaults() Settings {
	if s.BatchSize == 0 {
		s.BatchSize = 1024
	}
	if s.Interval == 0 {
		s.Interval = 10 * time.Second
	}
	if s.Patience == 0 {
		s.Patience = time.Second
	}
	if s.KeyRetry == 0 {
		s.KeyRetry = 5 * time.Second
	}
	if s.FirstRetry == 0 {
		s.FirstRetry = 100 * time.Millisecond
	}
	if s.LastRetry == 0 {
		s.LastRetry = 10 * time.Second
	}
	return s
}

// Sealer seals one log. Run does all the work; Status may be called from anywhere.
type Sealer struct {
	log      *eventstore.Log
	view     View
	tree     Tree
	keys     Keys
	first    string // the verifier key that the log began with
	settings Settings
	logger   *slog.Logger

	// Owned by Run.
	started   bool
	sealed    merkle.Range    // ends with the last seal's batch
	own       bool            // the last seal is this sealer's, or was there when it started: no other is known to be at work
	followed  domain.Position // the head when the last seal was looked for; it has moved if there is a newer one
	batch     batch           // what has been read since
	leaves    leaves
	timing    timing
	key       *logkey.Key // the one that sealed last; the current one unless the log has another by now
	notBefore time.Time   // no step is taken earlier
	retry     time.Duration
	trouble   string // why this server does not seal, as it was last told; empty when it does

	// For Status.
	sealedTo atomic.Int64
	quietTo  atomic.Int64
	sealing  atomic.Bool
}

// New returns a sealer of a log whose first key is given.
func New(
	log *eventstore.Log, view View, tree Tree, first string, keys Keys, settings Settings, logger *slog.Logger,
) *Sealer {
	return &Sealer{
		log: log, view: view, tree: tree, first: first, keys: keys,
		settings: settings.withDefaults(), logger: logger, followed: never, leaves: leaves{db: log.DB()},
	}
}

// never is no head.
const never domain.Position = -1

// Status is how far the log is sealed, as far as this server knows: others' seals become known when one is due here.
type Status struct {
	Sealed   domain.Position // the last one that a seal covers
	Unsealed int64           // how many events wait for a seal; 0 when they are only seals
	Sealing  bool            // this server has the key and can seal
}

// Status may be called from anywhere.
func (s *Sealer) Status() Status {
	status := Status{Sealed: domain.Position(s.sealedTo.Load()), Sealing: s.sealing.Load()}
	if head := int64(s.log.Head()); head > max(s.quietTo.Load(), int64(status.Sealed)) {
		status.Unsealed = head - int64(status.Sealed)
	}
	return status
}

// Run seals until ctx ends. Errors are told of and tried again; a log that was cut short is left alone.
func (s *Sealer) Run(ctx context.Context) error {
	wake, stop := s.log.Wakeups()
	defer stop()
	defer func() {
		s.sealing.Store(false)
		if err := s.leaves.close(); err != nil {
			s.logger.Debug("close the statement that reads leaf hashes", "error", err)
		}
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait, err := s.step(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errDamaged) { // what is missing may be the end, or what a standby does not show yet
			if trouble := s.log.Check(ctx); trouble != nil {
				err = trouble
			}
		}
		if err != nil {
			if errors.Is(err, eventstore.ErrCutShort) {
				s.unable(ctx, slog.LevelError, "the log was cut short, so this server seals no more", err)
				<-ctx.Done()
				return nil
			}
			wait = s.failed(ctx, err)
		}
		var due <-chan time.Time
		if wait >= 0 {
			timer.Reset(wait)
			due = timer.C
		}
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-due:
		}
	}
}

// untilWoken is the wait of a sealer that has nothing to do.
const untilWoken time.Duration = -1

// step does what is due and returns how long nothing will be, unless the head moves.
func (s *Sealer) step(ctx context.Context) (time.Duration, error) {
	for {
		now := time.Now()
		if now.Before(s.notBefore) {
			return s.notBefore.Sub(now), nil
		}
		if !s.started {
			if err := s.start(ctx); err != nil {
				return 0, err
			}
			continue
		}
		patience := s.settings.Patience
		if s.own {
			patience = 0
		}
		wait := s.timing.wait(now, s.log.Head(), s.settings, patience)
		if wait != 0 {
			return wait, nil
		}
		if err := s.attempt(ctx); err != nil {
			return 0, err
		}
		s.retry = 0
	}
}

// failed tells of an error and returns how long to leave the log alone.
func (s *Sealer) failed(ctx context.Context, err error) time.Duration {
	var wait time.Duration
	switch {
	case errors.Is(err, errNoKey):
		s.unable(ctx, slog.LevelWarn, "the log's current key is not here, so this server never seals; set --log-key-file", err)
		wait = s.settings.KeyRetry
	case errors.Is(err, errDamaged) && s.retry > 0: // on a second look: the first may have met a standby that has become the primary since
		s.unable(ctx, slog.LevelError, "the log contradicts its seals and is sealed no more; run 'chainmail replay'", err)
		s.started = false
		wait = damageRetry
	default:
		// A seal of which it isn't known whether it was stored is refused as a repeat next time if it was.
		s.retry = min(max(2*s.retry, s.settings.FirstRetry), s.settings.LastRetry)
		wait = s.retry
		s.logger.Warn("cannot seal the log; trying again", "after", wait, "error", err)
	}
	s.notBefore = time.Now().Add(wait)
	return wait
}

// unable says once why this server does not seal.
func (s *Sealer) unable(ctx context.Context, level slog.Level, why string, err error) {
	s.sealing.Store(false)
	if s.trouble == why {
		return
	}
	s.trouble = why
	s.logger.Log(ctx, level, why, "error", err)
}

// able takes that back.
func (s *Sealer) able() {
	s.sealing.Store(true)
	if s.trouble != "" {
		s.logger.Info("this server seals again")
	}
	s.trouble = ""
}
