package rebuild

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/projections"
	"chainmail/projections/attest"
)

// Comparison is what Verify found.
type Comparison struct {
	// Live and Rebuilt are the checksums of both at one position.
	Live, Rebuilt attest.State
	// Rows is how many rows differ, Differences the values of the first hundred.
	Rows        int64
	Differences []Difference
}

// maxRounds is how often a comparison is begun that an erasure came in between.
const maxRounds = 3

// Verify builds a projection anew and compares it with the live tables at their position, row by row
// and column by column. It changes nothing. Servers may go on. It returns a [BusyError], [ApplyError],
// [BehindError], [VersionError] or [StaleError] where it cannot compare, and an [InterruptedError] where ctx ended.
func Verify(ctx context.Context, log Log, p projections.Projection, report func(Progress)) (c Comparison, err error) {
	for range maxRounds {
		var erased bool
		c, erased, err = verifyOnce(ctx, log, p, report)
		if err != nil {
			return c, interrupted(ctx, p.Name, err)
		}
		if c.Rows == 0 || !erased {
			return c, nil
		}
	}
	return Comparison{}, &StaleError{p.Name, c.Live.Position}
}

// verifyOnce also tells whether content was erased after the position of the comparison: then the live tables, which lose
// it at once, may lack what the rebuilt ones were given before, or the other way round where a row was being written.
func verifyOnce(
	ctx context.Context, log Log, p projections.Projection, report func(Progress),
) (c Comparison, erased bool, err error) {
	b, err := open(ctx, log, p, report)
	if err != nil {
		return Comparison{}, false, err
	}
	defer func() { err = errors.Join(err, b.close(ctx)) }()
	if err := b.checkHead(ctx); err != nil {
		return Comparison{}, false, err
	}
	if err := b.catchUpWithLive(ctx); err != nil {
		return Comparison{}, false, err
	}
	if c, err = b.compare(ctx); err != nil {
		return Comparison{}, false, fmt.Errorf("compare tables of %s: %w", p.Name, err)
	}
	const query = `SELECT EXISTS (SELECT FROM events WHERE position > $1 AND type = $2)`
	err = b.session.QueryRowContext(ctx, query, int64(c.Live.Position), string(domain.TypeContentErased)).Scan(&erased)
	return c, erased, err
}

// catchUpWithLive fills the shadow up to the live tables, but not beyond: those may stand still.
func (b *build) catchUpWithLive(ctx context.Context) error {
	for {
		version, live, err := b.offset(ctx, b.session)
		if err != nil {
			return err
		}
		if version != b.projection.Version {
			return &VersionError{b.projection.Name, version, b.projection.Version}
		}
		near := live-b.position <= nearby
		if live > b.position {
			err = b.fill(ctx, live)
		}
		if err != nil || near {
			return err
		}
	}
}

// compare works in one snapshot of the live tables, into which the last events are applied: what a
// transaction wrote itself it sees. It is rolled back.
func (b *build) compare(ctx context.Context) (Comparison, error) {
	tx, err := b.session.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return Comparison{}, err
	}
	defer func() { _ = tx.Rollback() }()
	if err := attest.Hold(ctx, tx, b.projection.Tables); err != nil {
		return Comparison{}, err
	}
	version, live, err := b.offset(ctx, tx)
	if err != nil {
		return Comparison{}, err
	}
	if version != b.projection.Version {
		return Comparison{}, &VersionError{b.projection.Name, version, b.projection.Version}
	}
	b.report(Progress{Projection: b.projection.Name, Stage: StageCompare, Position: live, Goal: live})
	var c Comparison
	c.Live = attest.State{Projection: b.projection.Name, Version: version, Position: live}
	c.Rebuilt = c.Live
	if c.Live.Sum, c.Live.Rows, err = attest.Tables(ctx, tx, b.projection.Tables); err != nil {
		return Comparison{}, err
	}
	if err := b.point(ctx, tx); err != nil {
		return Comparison{}, err
	}
	for b.position < live {
		p, err := b.readPage(ctx, b.position, live)
		if err != nil {
			return Comparison{}, err
		}
		if err := b.projection.Apply(ctx, tx, p.events); err != nil {
			return Comparison{}, err
		}
		b.position = p.last
	}
	if c.Rebuilt.Sum, c.Rebuilt.Rows, err = attest.Tables(ctx, tx, b.projection.Tables); err != nil {
		return Comparison{}, err
	}
	for _, table := range b.projection.Tables {
		if err := b.compareTable(ctx, tx, table, &c); err != nil {
			return Comparison{}, fmt.Errorf("%s: %w", table, err)
		}
	}
	return c, nil
}
