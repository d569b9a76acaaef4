package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"
)

const (
	// database is where Chainmail's tables are.
	database = "chainmail"

	logInterval = time.Minute
	logLimit    = 16 << 20
)

// errDied says that a server that had been ready ended by itself.
var errDied = errors.New("PostgreSQL died")

// supervise runs the server until the context ends, starting it again when it dies. It returns an
// error if the first start goes wrong; where a later one does, the file "failed" says why until the next begins.
func supervise(ctx context.Context, l layout, c *cluster, logger *slog.Logger) error {
	const shortest, longest = 100 * time.Millisecond, 10 * time.Second
	pause := shortest
	for first := true; ; first = false {
		began := time.Now()
		err := runOnce(ctx, l, c, logger)
		if ctx.Err() != nil || first && !errors.Is(err, errDied) {
			return err
		}
		if !errors.Is(err, errDied) {
			noteFailure(l, err)
		}
		if time.Since(began) > longest {
			pause = shortest
		}
		logger.Warn("PostgreSQL starts again", "after", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		pause = min(2*pause, longest)
	}
}

// runOnce runs a server from its start to its end. While it is ready, the file "ready" holds its
// address.
func runOnce(ctx context.Context, l layout, c *cluster, logger *slog.Logger) error {
	if err := os.Remove(l.path("failed")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
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
				logger.Warn("log not cut", "error", err)
			}
		case <-server.done:
			return fmt.Errorf("%w: %w; its last words:\n%s", errDied, orEnded(server.err), tail(c.log.Name(), from))
		case <-ctx.Done():
			return nil
		}
	}
}

// noteFailure tells users that wait why the server could not be started. They see the file whole, or
// empty where the disk is full.
func noteFailure(l layout, err error) {
	if writeWhole(l.path("failed"), err.Error()) != nil {
		_ = writeWhole(l.path("failed"), "")
	}
}

// orEnded names an end without an error.
func orEnded(err error) error {
	if err == nil {
		return errors.New("ended by itself")
	}
	return err
}
