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

const (
	// database is where Chainmail's tables are.
	database = "chainmail"

	// How often the keeper looks whether somebody is left who uses the server.
	usersInterval = 50 * time.Millisecond

	logInterval = time.Minute
	logLimit    = 16 << 20
)

// ErrKept says that another keeper has the data directory.
var ErrKept = errors.New("another keeper has the data directory")

var errUnused = errors.New("nobody uses the server any more")

// Keep runs PostgreSQL on the data directory as long as anybody uses it or until the context ends, and returns
// nil once it has stopped. It is all that a process does that [Use] starts: it takes over the working directory and the
// signals that ask a process to end, because only the users decide when that is. It logs to logger.
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
		// For the user that started this process.
		_ = os.WriteFile(l.path("failed"), []byte(err.Error()), 0o600)
		return fmt.Errorf("keep PostgreSQL in %s: %w", dataDir, err)
	}
	return nil
}

// takeKeeperLock returns the lock that the user who started us handed down as file 3, else takes it.
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
		logger.Info("PostgreSQL stopped", "reason", context.Cause(ctx))
		return nil
	}
	return err
}

// watchUsers returns when nobody is left who uses the server, and holds the lock then, so that newcomers wait for our
// end; or when the context ends.
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

// prepare makes the data directory ready for a server.
func prepare(ctx context.Context, l layout) (*cluster, error) {
	data := l.path("data")
	id, err := chooseIdentity(data)
	if err != nil {
		return nil, err
	}
	reachable := id.canEnter(l.root)
	if !reachable && !canHideData {
		return nil, fmt.Errorf("user %d, as whom PostgreSQL runs, cannot enter %s: choose another data directory", id.uid, l.root)
	}
	c := &cluster{id: id, data: data, sockets: l.sockets(reachable), settings: durableSettings, reachable: reachable}
	major, err := majorVersion(data)
	if err != nil {
		return nil, err
	}
	copyTo := l.path("pgsql")
	if !reachable {
		copyTo = c.sockets + "-pgsql"
	}
	if c.bin, err = findBinaries(ctx, id, major, copyTo); err != nil {
		return nil, err
	}
	if err := os.Chdir("/"); err != nil {
		return nil, err
	}
	c.log, err = os.OpenFile(l.path("postgres.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := c.initialize(ctx); err != nil {
		return nil, errors.Join(err, c.log.Close())
	}
	return c, nil
}

// supervise runs the server until the context ends, starting it again when it dies. It returns an error if
// the first start goes wrong.
func supervise(ctx context.Context, l layout, c *cluster, logger *slog.Logger) error {
	const shortest, longest = 100 * time.Millisecond, 10 * time.Second
	pause := shortest
	for first := true; ; first = false {
		began := time.Now()
		err := runOnce(ctx, l, c, logger)
		if ctx.Err() != nil || first && !errors.Is(err, errDied) {
			return err
		}
		if time.Since(began) > longest {
			pause = shortest
		}
		logger.Warn("PostgreSQL starts again", "after", pause, "reason", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		pause = min(2*pause, longest)
	}
}

// errDied says that a server that had been ready ended by itself.
var errDied = errors.New("PostgreSQL died")

// runOnce runs a server from its start to its end. While it is ready, the file "ready" holds its address.
func runOnce(ctx context.Context, l layout, c *cluster, logger *slog.Logger) error {
	if err := clearOrphans(c.data); err != nil {
		return err
	}
	if err := clearSockets(c.id, c.sockets); err != nil {
		return err
	}
	from := logSize(c.log)
	server, err := c.start(ctx)
	if err != nil {
		return err
	}
	defer stop(server)
	if err := createDatabase(ctx, c.sockets); err != nil {
		return fmt.Errorf("create database %s: %w", database, err)
	}
	defer os.Remove(l.path("ready"))
	if err := writeWhole(l.path("ready"), socketDSN(c.sockets, database)); err != nil {
		return err
	}
	logger.Info("PostgreSQL ready", "programs", c.bin, "data", c.data, "pid", server.pid)
	look := time.NewTicker(logInterval)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if err := boundLog(c.log); err != nil {
				logger.Warn("log not cut", "reason", err)
			}
		case <-server.done:
			return fmt.Errorf("%w: %w; its last words:\n%s", errDied, orEnded(server.err), tail(c.log.Name(), from))
		case <-ctx.Done():
			return nil
		}
	}
}

// orEnded names an end without an error.
func orEnded(err error) error {
	if err == nil {
		return errors.New("ended by itself")
	}
	return err
}
