package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"chainmail/eventstore"
	"chainmail/projections"
	"chainmail/projections/attest"
	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/rebuild"
	"chainmail/projections/state"
	"chainmail/projections/tasks"
)

type rebuildCommand struct {
	commonFlags
	Projections []string `arg:"" optional:"" name:"projection" help:"Which to rebuild: ${projections} (default: all)."`
	Verify      bool     `help:"Compare a fresh build with the live tables, and change nothing."`
	JSON        bool     `help:"Print JSON."`
}

func (c *rebuildCommand) Help() string {
	return "The server may go on: readers see the old tables or the new ones. A rebuild that is killed leaves the old ones as" +
		" they were. Exit status 1 says that something differs or depends on the tables; docs/rebuild.md tells more.\n\n" +
		"Examples:\n  chainmail rebuild\n  chainmail rebuild --verify messages"
}

// knownProjections are those of this release: what a server runs.
func knownProjections() []projections.Projection {
	return []projections.Projection{
		state.Projection(), batches.Projection(), notifications.Projection(), tasks.Projection(),
	}
}

// projectionNames lists them.
func projectionNames() string {
	var names []string
	for _, p := range knownProjections() {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// chosen are the projections to rebuild, once each.
func (c *rebuildCommand) chosen() ([]projections.Projection, error) {
	known := knownProjections()
	if len(c.Projections) == 0 {
		return known, nil
	}
	var list []projections.Projection
	for i, name := range c.Projections {
		at := slices.IndexFunc(known, func(p projections.Projection) bool { return p.Name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no projection %q: give one of %s", name, projectionNames())
		}
		if !slices.Contains(c.Projections[:i], name) {
			list = append(list, known[at])
		}
	}
	return list, nil
}

func (c *rebuildCommand) Run(ctx context.Context, s streams) (err error) {
	chosen, err := c.chosen()
	if err != nil {
		return err
	}
	logger := c.logger(s.err)
	database, err := c.connect(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close()) }()
	if err := database.migrate(ctx); err != nil {
		return err
	}
	log, err := eventstore.Open(ctx, database.own(), logger) // it locks for as long as it builds
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	bar := &rebuildProgress{bar: newProgress(s.err)}
	if c.Verify {
		err = c.verify(ctx, s, log, chosen, bar)
	} else {
		err = c.rebuild(ctx, s, log, chosen, bar)
	}
	return refusedRebuild(err)
}

// rebuild prints a line for each projection, also for those before one that fails.
func (c *rebuildCommand) rebuild(
	ctx context.Context, s streams, log *eventstore.Log, chosen []projections.Projection, bar *rebuildProgress,
) (err error) {
	t := table{columns: []string{"projection", "events", "seconds", "events_per_second", "position", "checksum"}}
	defer func() { err = errors.Join(err, c.print(s, &t)) }()
	for _, p := range chosen {
		start := time.Now()
		built, err := rebuild.Run(ctx, log, p, bar.show)
		took := time.Since(start)
		bar.end()
		if err != nil {
			return err
		}
		tables, err := attest.Read(ctx, log.DB(), p)
		if err != nil {
			return fmt.Errorf("%s is rebuilt, but not its checksum known: %w", p.Name, err)
		}
		seconds := float64(took.Milliseconds()) / 1000
		t.add(p.Name, int64(built), seconds, int64(float64(built)/took.Seconds()), int64(tables.Position), tables.Sum.String())
	}
	return nil
}

// print prints what there is to say: nothing, for people, where the first projection failed.
func (c *rebuildCommand) print(s streams, t *table) error {
	if len(t.rows) == 0 && !c.JSON {
		return nil
	}
	return t.print(s.out, c.JSON)
}

// refusedRebuild makes a finding of what the user has to settle.
func refusedRebuild(err error) error {
	var (
		busy    *rebuild.BusyError
		foreign *rebuild.ForeignError
		apply   *rebuild.ApplyError
		behind  *rebuild.BehindError
		changed *rebuild.ChangedError
		version *rebuild.VersionError
		stale   *rebuild.StaleError
	)
	switch {
	case errors.Is(err, eventstore.ErrDamaged):
		return finding{err}
	case errors.As(err, &busy), errors.As(err, &foreign), errors.As(err, &apply),
		errors.As(err, &behind), errors.As(err, &changed), errors.As(err, &version), errors.As(err, &stale):
		return finding{err}
	}
	return err
}
