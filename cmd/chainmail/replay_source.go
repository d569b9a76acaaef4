package main

import (
	"context"
	"errors"

	"chainmail/audit"
	"chainmail/domain"
)

// logSource is where a replay or an import reads the log.
type logSource interface {
	audit.Source
	// done is how much was read, from 0 to 1, when the last event's position is known.
	done(last domain.Position) float64
	// Claims says how long the log ought to be. It is complete at the end.
	Claims() []audit.Claim
	// Findings says what is wrong with the place itself. It is complete at the end.
	Findings() []audit.Finding
	Close() error
}

// open opens the file or the database.
func (c *replayCommand) open(ctx context.Context, s streams) (logSource, error) {
	if c.File != "" {
		f, err := audit.OpenFile(c.File)
		if err != nil {
			return nil, err
		}
		return fileSource{f}, nil
	}
	d, err := c.connect(ctx, c.logger(s.err))
	if err != nil {
		return nil, err
	}
	if err := d.migrate(ctx); err != nil {
		return nil, errors.Join(err, d.close())
	}
	snapshot, err := audit.OpenSnapshot(ctx, d.own()) // one long transaction
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return snapshotSource{snapshot, d}, nil
}

type fileSource struct{ *audit.File }

func (f fileSource) done(domain.Position) float64 { return f.Done() }

type snapshotSource struct {
	*audit.Snapshot
	database *database
}

func (s snapshotSource) done(last domain.Position) float64 {
	return float64(last) / float64(max(1, s.Head()))
}

func (s snapshotSource) Close() error {
	return errors.Join(s.Snapshot.Close(), s.database.close())
}
