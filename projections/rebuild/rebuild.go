package rebuild

import (
	"context"
	_ "embed"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/projections"
	"chainmail/projections/attest"
)

//go:embed clone.sql
var cloneSQL string

//go:embed foreign.sql
var foreignSQL string

// Stage is what a rebuild is busy with.
type Stage string

// The stages of a rebuild, in order.
const (
	StageFill    Stage = "reading the log"
	StageFinish  Stage = "making indexes"
	StageSwap    Stage = "swapping"
	StageCompare Stage = "comparing"
)

// Progress is how far a rebuild is.
type Progress struct {
	Projection string
	Stage      Stage
	// Position is the last that was applied, Goal the head as it was last seen.
	Position, Goal domain.Position
	// Waiting are the database processes that the swap waits for.
	Waiting []int
}

// nearby is how many events may be left for the moment of the swap.
const nearby = 500

// Run builds a projection anew and swaps it in. It returns the position of the new tables, and a
// [BusyError], [ForeignError], [ApplyError], [BehindError] or [ChangedError] where it must not go on, and an
// [InterruptedError] where ctx ended before the swap. The live tables are then as they were, as after any other
// error but a [CommitError] and one of clearing up, which says that they are swapped. report may be nil; it is
// called by one goroutine at a time.
func Run(ctx context.Context, log Log, p projections.Projection, report func(Progress)) (position domain.Position, err error) {
	b, err := open(ctx, log, p, report)
	if err != nil {
		return 0, interrupted(ctx, p.Name, err)
	}
	defer func() {
		closed := b.close(ctx)
		if closed != nil && err == nil {
			closed = fmt.Errorf("the tables of %s are swapped, but clearing up failed: %w", p.Name, closed)
		}
		err = errors.Join(err, closed)
	}()
	if err := b.run(ctx); err != nil {
		return 0, interrupted(ctx, p.Name, err)
	}
	return b.position, nil
}

// run takes the empty shadow into the place of the live tables.
func (b *build) run(ctx context.Context) error {
	if err := b.refuseForeign(ctx, b.session); err != nil {
		return err
	}
	if err := b.begin(ctx); err != nil {
		return err
	}
	if err := b.checkHead(ctx); err != nil {
		return err
	}
	if err := b.catchUp(ctx); err != nil {
		return err
	}
	if err := b.finish(ctx); err != nil {
		return fmt.Errorf("finish the shadow of %s: %w", b.projection.Name, err)
	}
	return b.swap(ctx)
}

const beginOffsetSQL = `
	INSERT INTO projection_offsets (projection, version, position, updated_at)
	VALUES ($1, $2, 0, now())
	ON CONFLICT DO NOTHING`

// begin makes the offset row of a projection that never ran here, for the swap to hold.
func (b *build) begin(ctx context.Context) error {
	if _, err := b.session.ExecContext(ctx, beginOffsetSQL, b.projection.Name, b.projection.Version); err != nil {
		return fmt.Errorf("make offset of %s: %w", b.projection.Name, err)
	}
	return nil
}

// catchUp fills the shadow until it is near the head, which may move meanwhile.
func (b *build) catchUp(ctx context.Context) error {
	for {
		head, err := b.head(ctx)
		if err != nil {
			return err
		}
		if head <= b.position {
			return nil
		}
		near := head-b.position <= nearby
		if err := b.fill(ctx, head); err != nil || near {
			return err
		}
	}
}

// finish makes of the filled shadow what the live tables are: durable, with all indexes and comments.
func (b *build) finish(ctx context.Context) error {
	b.report(Progress{Projection: b.projection.Name, Stage: StageFinish, Position: b.position, Goal: b.position})
	schema := pq.QuoteIdentifier(b.schema)
	var statements []string
	for _, table := range b.projection.Tables {
		statements = append(statements, `ALTER TABLE `+schema+`.`+pq.QuoteIdentifier(table)+` SET LOGGED`)
	}
	statements = append(statements, b.definition.after...)
	for _, table := range b.projection.Tables {
		statements = append(statements, `ANALYZE `+schema+`.`+pq.QuoteIdentifier(table))
	}
	for _, statement := range statements {
		if _, err := b.session.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// offset reads how far the live tables are, and which version they are. Empty ones that no server ever
// filled are any version's.
func (b *build) offset(ctx context.Context, q querier) (version int, position domain.Position, err error) {
	version, position, err = attest.Offset(ctx, q, b.projection.Name)
	if err == nil && version == 0 {
		version = b.projection.Version
	}
	return version, position, err
}

// checkHead refuses a log that ends before what the live tables have applied.
func (b *build) checkHead(ctx context.Context) error {
	_, live, err := b.offset(ctx, b.session)
	if err != nil {
		return err
	}
	head, err := b.head(ctx) // after the offset, which it is never behind
	if err == nil && head < live {
		err = &BehindError{b.projection.Name, head, live}
	}
	return err
}
