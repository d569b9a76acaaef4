package localpg

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// How often the keeper looks whether somebody is left who uses the server.
const usersInterval = 50 * time.Millisecond

// ErrKept says that another keeper has the data directory.
var ErrKept = errors.New("another keeper has the data directory")

var errUnused = errors.New("nobody uses the server any more")

// Keep runs PostgreSQL on the data directory as long as anybody uses it or until the context ends,
// and returns nil once it has stopped. It is all that a process does that [Use] starts: it takes
// over the working directory and the signals that ask a process to end, because only the users
// decide when that is. It logs to logger.
//
// It returns an error if the server never started; later it starts it again however often it dies.
func Keep(ctx context.Context, dataDir string, logger *slog.Logger) error {
	l, err := newLayout(dataDir)
	if err != nil {
		return fmt.Errorf("keep PostgreSQL in %s: %w", dataDir, err)
	}
	lock, err := takeKeeperLock(l)
	if err != nil {
		return fmt.Errorf("keep PostgreSQL in %s: %w", dataDir, err)
	}
	defer lock.Close()
	if err := keep(ctx, l, logger); err != nil {
		noteFailure(l, err)
		return fmt.Errorf("keep PostgreSQL in %s: %w", dataDir, err)
	}
	return nil
}

// takeKeeperLock returns the lock that the user who started us handed down as file 3, else takes
// it.
func takeKeeperLock(l layout) (*os.File, error) {
	const handedDown = 3
	path := l.path("keeper.lock")
	var given syscall.Stat_t
	named, err := os.Stat(path)
	if err == nil && syscall.Fstat(handedDown, &given) == nil {
		if ours := named.Sys().(*syscall.Stat_t); ours.Dev == given.Dev && ours.Ino == given.Ino {
			syscall.CloseOnExec(handedDown)
			return os.NewFile(handedDown, path), nil
		}
	}
	lock, err := lockFile(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, ErrKept
	}
	return lock, err
}

func keep(ctx context.Context, l layout, logger *slog.Logger) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	users, err := os.OpenFile(l.path("users.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	// Closing it lets new users in, so it comes after PostgreSQL's end.
	defer users.Close()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchUsers(ctx, users, logger)
		cancel(errUnused)
	}()
	defer func() { cancel(nil); <-watched }()

	c, err := prepare(ctx, l)
	if err == nil {
		defer c.log.Close()
		err = supervise(ctx, l, c, logger)
		if filepath.Dir(c.sockets) != l.root {
			err = errors.Join(err, os.RemoveAll(c.sockets), os.RemoveAll(c.sockets+"-pgsql"))
		}
	}
	if ctx.Err() != nil {
		logger.Info("PostgreSQL stopped", "error", context.Cause(ctx))
		return nil
	}
	return err
}

// watchUsers returns when nobody is left who uses the server, and holds the lock then, so that
// newcomers wait for our end; or when the context ends.
func watchUsers(ctx context.Context, users *os.File, logger *slog.Logger) {
	signals := make(chan os.Signal, 1) // one more than one is dropped, and nothing is lost
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	again := time.NewTicker(usersInterval)
	defer again.Stop()
	for {
		if flock(users, syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			return
		}
		select {
		case <-again.C:
		case s := <-signals:
			logger.Info("signal ignored while somebody uses PostgreSQL", "signal", s.String())
		case <-ctx.Done():
			return
		}
	}
}
