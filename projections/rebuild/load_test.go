package rebuild_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/lib/pq"
	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/projections/push"
	"chainmail/projections/state"
)

// rebuilds is how often the tables are swapped under load.
const rebuilds = 5

// Under load, no read fails or sees anything but the old or the new, offsets never go back, and in the
// end the tables are what the log says.
func TestUnderLoad(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 3000)
	p := messages()
	r, _ := run(t, l, p)
	catchUp(t, r, l, p.Name)

	ctx, stop := context.WithCancel(t.Context())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return quietly(ctx, say(ctx, l, w, 1_000_000)) })
	for _, read := range []func(context.Context, *sql.DB, *world) error{
		readPrepared, readInAnyOrder, readSnapshots, readForPushes, readOffsets,
	} {
		g.Go(func() error { return quietly(ctx, read(ctx, l.DB(), w)) })
	}
	for range rebuilds {
		mustRun(t, l, p)
	}
	stop()
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	catchUp(t, r, l, p.Name)
	wantEqual(t, l, p)
	wantClean(t, l.DB())
}

// quietly is nil for what failed because the test was over.
func quietly(ctx context.Context, err error) error {
	var cancelled *pq.Error
	if errors.As(err, &cancelled) && cancelled.Code.Name() == "query_canceled" && ctx.Err() != nil {
		return nil
	}
	if ctx.Err() == nil {
		return err
	}
	for _, over := range []error{context.Canceled, sql.ErrTxDone, eventstore.ErrUnavailable, eventstore.ErrUnknown} {
		if errors.Is(err, over) {
			return nil
		}
	}
	return err
}

// readPrepared reads each table by a statement that was prepared before any swap.
func readPrepared(ctx context.Context, db *sql.DB, _ *world) error {
	var statements []*sql.Stmt
	least := make([]int, len(messages().Tables))
	for _, table := range messages().Tables {
		stmt, err := db.PrepareContext(ctx, fmt.Sprintf(`SELECT count(*) FROM %s AS t WHERE t IS NOT NULL OR $1`, table))
		if err != nil {
			return err
		}
		defer stmt.Close()
		statements = append(statements, stmt)
	}
	for ctx.Err() == nil {
		for i, stmt := range statements {
			var n int
			if err := stmt.QueryRowContext(ctx, true).Scan(&n); err != nil {
				return fmt.Errorf("read %s: %w", messages().Tables[i], err)
			}
			if n < least[i] { // no rows go in this world
				return fmt.Errorf("%s has %d rows, and had %d", messages().Tables[i], n, least[i])
			}
			least[i] = n
		}
	}
	return ctx.Err()
}

// readInAnyOrder takes the tables' locks one after the other and keeps them, as a transaction of several
// queries does: it must never be the victim of a deadlock.
func readInAnyOrder(ctx context.Context, db *sql.DB, _ *world) error {
	tables := messages().Tables
	for ctx.Err() == nil {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, i := range rand.Perm(len(tables))[:3] {
			var n int
			if err := tx.QueryRowContext(ctx, fmt.Sprintf(`SELECT count(*) FROM (SELECT FROM %s LIMIT 10) AS t`, tables[i])).Scan(&n); err != nil {
				return errors.Join(fmt.Errorf("read %s: %w", tables[i], err), tx.Rollback())
			}
		}
		if err := tx.Rollback(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// readSnapshots looks at the log, the offset and the tables in one snapshot, as anybody may, without a
// thought of swaps: the tables must be at the offset, or after it where they were swapped in between.
func readSnapshots(ctx context.Context, db *sql.DB, _ *world) error {
	const query = `SELECT coalesce(max(position), 0), count(*) FROM messages`
	const logQuery = `SELECT count(*) FROM events WHERE position <= $1 AND type IN ('MessageSent', 'MessageBlocked')`
	for ctx.Err() == nil {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
		if err != nil {
			return err
		}
		var offset, last domain.Position
		var got, atOffset, atLast int
		err = tx.QueryRowContext(ctx, `SELECT position FROM projection_offsets`).Scan(&offset)
		if err == nil {
			err = tx.QueryRowContext(ctx, logQuery, int64(offset)).Scan(&atOffset)
		}
		if err == nil {
			err = tx.QueryRowContext(ctx, query).Scan(&last, &got)
		}
		if err == nil {
			err = tx.QueryRowContext(ctx, logQuery, int64(last)).Scan(&atLast)
		}
		if err := errors.Join(err, tx.Rollback()); err != nil {
			return fmt.Errorf("read in one snapshot: %w", err)
		}
		if got < atOffset || last <= offset && got != atOffset || last > offset && got != atLast {
			return fmt.Errorf("at %d the log has %d messages and the table %d, up to %d", offset, atOffset, got, last)
		}
	}
	return ctx.Err()
}

// readForPushes asks what servers ask when a client comes back.
func readForPushes(ctx context.Context, db *sql.DB, w *world) error {
	tables := push.StateTables{DB: db}
	var least domain.Position
	user := w.users[0]
	for ctx.Err() == nil {
		list, offset, err := tables.Undelivered(ctx, user, 0, 1<<40, 10_000)
		if err != nil {
			return err
		}
		const query = `
			SELECT count(*) FILTER (WHERE type = 'MessageSent') FROM events WHERE position = ANY ($1::bigint[])`
		positions := make([]int64, len(list))
		for i, p := range list {
			positions[i] = int64(p)
		}
		var found int
		if err := db.QueryRowContext(ctx, query, fmt.Sprintf("{%s}", join(positions))).Scan(&found); err != nil {
			return err
		}
		if found != len(list) || offset < least {
			return fmt.Errorf("%d messages are undelivered, of which the log has %d; offset %d after %d", len(list), found, offset, least)
		}
		least = offset
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = state.SearchUsers(ctx, tx, "zoë", 10)
		if err == nil {
			_, err = state.Unread(ctx, tx, user, []domain.ID{w.conversations[0].id})
		}
		if err := errors.Join(err, tx.Rollback()); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func join(numbers []int64) string {
	text := fmt.Sprint(numbers)
	out := make([]byte, 0, len(text))
	for _, c := range text[1 : len(text)-1] {
		if c == ' ' {
			c = ','
		}
		out = append(out, byte(c))
	}
	return string(out)
}

// readOffsets sees that no offset goes back.
func readOffsets(ctx context.Context, db *sql.DB, _ *world) error {
	var last domain.Position
	for ctx.Err() == nil {
		var now domain.Position
		if err := db.QueryRowContext(ctx, `SELECT position FROM projection_offsets`).Scan(&now); err != nil {
			return err
		}
		if now < last {
			return fmt.Errorf("the offset went from %d to %d", last, now)
		}
		last = now
	}
	return ctx.Err()
}

// Comparing goes on beside everything too, and finds nothing where there is nothing.
func TestVerifyUnderLoad(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 2, 2000)
	p := messages()
	r, _ := run(t, l, p)
	catchUp(t, r, l, p.Name)
	ctx, stop := context.WithCancel(t.Context())
	var appending sync.WaitGroup
	appending.Go(func() {
		if err := quietly(ctx, say(ctx, l, w, 1_000_000)); err != nil {
			t.Error(err)
		}
	})
	for range rebuilds {
		wantEqual(t, l, p)
	}
	stop()
	appending.Wait()
	wantClean(t, l.DB())
}

// With a projection of another version, of several servers, the last word is the swap's.
func TestOldServerDoesNotWriteNewTables(t *testing.T) {
	t.Parallel()
	l, w := openWorld(t, 1, 200)
	old := tally(t, l, nil)
	r, _ := run(t, l, old)
	catchUp(t, r, l, "tally")
	ctx, stop := context.WithCancel(t.Context())
	var appending sync.WaitGroup
	appending.Go(func() {
		if err := quietly(ctx, say(ctx, l, w, 1_000_000)); err != nil {
			t.Error(err)
		}
	})
	next := tallyOf(2, nil)
	position := mustRun(t, l, next)
	stop()
	appending.Wait()
	if got := text(t, l.DB(), `SELECT version || ' ' || position FROM projection_offsets`); got != fmt.Sprintf("2 %d", position) {
		t.Errorf("the offset row is %s, want version 2 at %d", got, position)
	}
	wantEqual(t, l, next)
}
