// Package restore puts the events of another log's copy into an empty database, as they were: positions,
// times and hashes included. It promises all or nothing, and that what servers keep beside the events (keys
// that refuse repeats, the list of deciding events) is there as if the events had been appended here.
//
// It checks no event; that is an audit's work, done on the way.
package restore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"

	"chainmail/domain"
)

// ErrNotEmpty says that the database has events already.
var ErrNotEmpty = errors.New("the log of this database is not empty")

// ErrRejected says that events cannot be stored as they are: the database refused their form, or they repeat
// what may happen once.
var ErrRejected = errors.New("the events cannot be stored")

// Restore is one transaction that fills the log. It is for one goroutine.
type Restore struct {
	tx        *sql.Tx
	insert    *sql.Stmt
	columns   *columns
	partition int64 // of the last event for which there is room, from 0
}

// partitionSpan is that of make_event_partitions.
const partitionSpan = 10_000_000

// Begin takes the log's lock, so that no server appends before Commit or Rollback. The pool has binary
// parameters, as eventstore.OpenDB makes it. It returns ErrNotEmpty when there are events.
func Begin(ctx context.Context, db *sql.DB) (_ *Restore, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("begin to restore: %w", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // what went wrong is in err
		}
	}()
	for _, statement := range []string{
		`SET LOCAL synchronous_commit = on`,
		`SELECT pg_advisory_xact_lock(hashtextextended('chainmail log', 0))`, // as append_events does
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("begin to restore: %w", err)
		}
	}
	var filled bool
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM events)`).Scan(&filled); err != nil {
		return nil, fmt.Errorf("begin to restore: %w", err)
	}
	if filled {
		return nil, ErrNotEmpty
	}
	r := &Restore{tx: tx, columns: newColumns()}
	if r.insert, err = tx.PrepareContext(ctx, insertSQL); err != nil {
		return nil, fmt.Errorf("begin to restore: %w", err)
	}
	return r, nil
}

// Add stores events in the order of the log. It returns ErrRejected for what can't be in a log; after any
// error there is only Rollback.
func (r *Restore) Add(ctx context.Context, events []domain.Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := r.add(ctx, events); err != nil {
		return fmt.Errorf("restore events from %d on: %w", events[0].Position, rejected(err))
	}
	return nil
}

func (r *Restore) add(ctx context.Context, events []domain.Event) error {
	last := events[len(events)-1].Position
	if p := int64(last) / partitionSpan; p > r.partition {
		if _, err := r.tx.ExecContext(ctx, `SELECT make_event_partitions($1)`, int64(last)); err != nil {
			return err
		}
		r.partition = p
	}
	if err := r.columns.fill(events); err != nil {
		return err
	}
	if _, err := r.insert.ExecContext(ctx, r.columns.events()...); err != nil {
		return err
	}
	return r.columns.writeBeside(ctx, r.tx)
}

// rejected tells errors that are the events' fault from those of the connection.
func rejected(err error) error {
	var p *pq.Error
	if errors.As(err, &p) {
		switch p.Code.Class() {
		case "21", "22", "23": // cardinality, data exception, integrity constraint
			return fmt.Errorf("%w: %w", ErrRejected, err)
		}
	}
	return err
}

// Commit makes the log durable.
func (r *Restore) Commit() error {
	if err := r.tx.Commit(); err != nil {
		return fmt.Errorf("commit what was restored: %w", err)
	}
	return nil
}

// Rollback leaves the log empty. After Commit it does nothing.
func (r *Restore) Rollback() error {
	if err := r.tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}
