package projections

import (
	"context"
	"database/sql"
	"time"

	"chainmail/domain"
)

// Projection is a set of tables and what events do to them.
type Projection struct {
	// Name is that of the row in projection_offsets.
	Name string
	// Version changes when Apply would build other tables from the same log. A server leaves a
	// projection of another version alone.
	Version int
	// Tables are those that Apply writes. No other projection does. Each has a primary key.
	Tables []string
	// Types are those of the events that Apply is to get; nil for all. What it does with others that it
	// gets all the same, as in a rebuild, is nothing.
	Types []domain.Type
	// Closed says that no type of a later release will ever matter to it. Without it, a projection of some types stops at an event of a
	// type that this release does not know, as one of all types does: a newer server knows whether it matters.
	Closed bool
	// Pause is the wait between a wake-up and reading; 0 for Settings.Pause. One that is long saves
	// a projection of few types most of its work.
	Pause time.Duration
	// Apply writes what consecutive events do. It knows nothing but the log up to them and its own tables,
	// so that the same log always gives the same rows, however it is cut into batches. It names
	// tables without a schema, so that a search_path can point it at others. It neither commits nor
	// rolls back. An error that isn't the database's is taken to be the fault of an event.
	Apply func(ctx context.Context, tx *sql.Tx, events []domain.Event) error
	// Forget, if it is not nil, takes the words that were erased after a position from tables that are built up to there, as
	// the database takes them from the live ones (migrations/0007_forget.sql).
	Forget func(ctx context.Context, tx *sql.Tx, after domain.Position) error
	// Prepare, if it is not nil, returns an Apply that does the same in transactions of one pool,
	// with statements prepared there: planning is most of what a batch of a few events costs.
	Prepare func(ctx context.Context, db *sql.DB) (Prepared, error)
}

// Prepared is an Apply for one pool. Close frees its statements.
type Prepared struct {
	Apply func(ctx context.Context, tx *sql.Tx, events []domain.Event) error
	Close func() error
}

// Log is what the runner needs of the event log; *eventstore.Log is one.
type Log interface {
	// DB is a pool of connections with binary parameters, as eventstore.OpenDB makes it.
	DB() *sql.DB
	// Head is the last position known to be committed.
	Head() domain.Position
	// Wakeups returns a channel of capacity 1 that gets a value whenever the head moves.
	Wakeups() (wake <-chan struct{}, stop func())
}
