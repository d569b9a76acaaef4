package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections"
)

// importBatch is how many events a projection applies in one commit while nobody reads its tables.
const importBatch = 5000

// errBuilt ends what runs once the projections are there.
var errBuilt = errors.New("the projections are built")

// project builds the projections as a server does, up to the head, and brings the database's statistics up
// to date, on which its plans rest.
func (i *importing) project(ctx context.Context, dsn string, head domain.Position, logger *slog.Logger) (err error) {
	log, err := eventstore.Open(ctx, dsn, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	runner := projections.New(log, projections.Settings{BatchSize: importBatch}, logger, knownProjections()...)
	g, running := errgroup.WithContext(ctx)
	g.Go(func() error { return log.Run(running) })
	g.Go(func() error { return runner.Run(running) })
	g.Go(func() error { return i.follow(running, runner, head) })
	switch err := g.Wait(); {
	case err == nil: // all ended because ctx did
		return ctx.Err()
	case !errors.Is(err, errBuilt):
		return err
	}
	if _, err := log.DB().ExecContext(ctx, `ANALYZE`); err != nil {
		return fmt.Errorf("analyse what was imported: %w", err)
	}
	return nil
}

// follow shows how far the projections are until all have reached the head, and then returns errBuilt.
func (i *importing) follow(ctx context.Context, runner *projections.Runner, head domain.Position) error {
	i.progress.show("building projections", 0)
	building := tenths{bar: i.progress}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		least := head
		for _, status := range runner.Status() {
			if status.Stuck != "" {
				return fmt.Errorf("projection %s: %s", status.Projection, status.Stuck)
			}
			least = min(least, status.Position)
		}
		building.show("building projections", "", float64(least)/float64(max(1, head)))
		if least == head {
			return errBuilt
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}
