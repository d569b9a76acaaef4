package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// How often a waiting user looks.
	waitInterval = 10 * time.Millisecond

	// How often a user looks whether the keeper is alive, and how long he waits after a keeper that
	// failed.
	guardInterval = 250 * time.Millisecond
	guardPause    = 5 * time.Second
)

// Options say how to use a server.
type Options struct {
	// Keeper is the command line of a process that runs [Keep] on the same data directory: the
	// program's absolute path and its arguments. Of the environment it gets PATH, HOME, PG_BIN and
	// PG_RUN_AS alone. What it prints goes to keeper.log; it exits with 0 if and only if Keep
	// returned nil.
	Keeper []string
	// Logger hears what happens to the keeper while the server is in use; nil: nobody does.
	Logger *slog.Logger
}

// Server is the data directory's server in use. It may be away for a moment when it died; its
// address stays.
type Server struct {
	// DSN is the URL of Chainmail's database, for lib/pq.
	DSN string

	use  use
	end  context.CancelFunc
	done chan struct{} // closed when guard has ended
	once sync.Once
	err  error // of Close; written in once
}

// use is one user's hold on a server, owned by one goroutine at a time.
type use struct {
	layout  layout
	options Options
	users   *os.File // holds the shared lock
	keeper  *os.File // to try for the keeper's lock
	started int      // pid of the keeper that we started and have not seen end; 0: none
	logged  int64    // size of keeper.log before that one started
}

// Use makes sure that the data directory's server runs, starting it if need be, and returns when a
// connection to it has been made. It stays up until the last user has called Close or ended. The
// first use makes the data directory. Recovery after a crash can take minutes: the context bounds
// the wait. A server that died and cannot be started again is an error, though its keeper goes on trying.
func Use(ctx context.Context, dataDir string, options Options) (*Server, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	l, err := newLayout(dataDir)
	if err != nil {
		return nil, fmt.Errorf("use PostgreSQL in %s: %w", dataDir, err)
	}
	u := use{layout: l, options: options}
	dsn, err := u.begin(ctx)
	if err != nil {
		u.release()
		return nil, fmt.Errorf("use PostgreSQL in %s: %w", dataDir, err)
	}
	// The server is kept for as long as it is used, not for as long as its start may take.
	guarding, end := context.WithCancel(context.WithoutCancel(ctx))
	s := &Server{DSN: dsn, use: u, end: end, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.use.guard(guarding)
	}()
	return s, nil
}

// begin takes the lock and waits for the server to be ready.
func (u *use) begin(ctx context.Context) (dsn string, err error) {
	poll := time.NewTicker(waitInterval)
	defer poll.Stop()
	last := errors.New("its keeper is about to end")
	for {
		if u.users == nil {
			// A keeper that is about to end holds the lock until it has.
			u.users, err = lockFile(u.layout.path("users.lock"), syscall.LOCK_SH|syscall.LOCK_NB)
			if err != nil && !errors.Is(err, syscall.EWOULDBLOCK) {
				return "", err
			}
		}
		if u.users != nil {
			failed, err := u.ensureKeeper()
			if err != nil {
				return "", err
			}
			if dsn, last = u.connect(ctx); last == nil {
				return dsn, nil
			}
			if failed != nil {
				return "", failed
			}
		}
		select {
		case <-poll.C:
		case <-ctx.Done():
			return "", fmt.Errorf("not ready: %w (%w)", ctx.Err(), last)
		}
	}
}

// connect returns the server's address if it is ready.
func (u *use) connect(ctx context.Context) (string, error) {
	dsn, err := os.ReadFile(u.layout.path("ready"))
	if err != nil {
		return "", errors.New("it is starting")
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return string(dsn), ping(ctx, string(dsn))
}

// guard starts a new keeper whenever there is none, until the context ends.
func (u *use) guard(ctx context.Context) {
	for {
		pause := guardInterval
		if _, err := u.ensureKeeper(); err != nil {
			u.options.Logger.Error("PostgreSQL cannot be started", "error", err)
			pause = guardPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			u.reap()
			return
		}
	}
}
