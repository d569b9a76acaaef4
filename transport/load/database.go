package load

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// settle waits until the projections have applied all that is in the log, and reads the meter.
func (b *bench) settle(f *fleet) (reading, error) {
	if b.meter.database == nil {
		return b.meter.read(f.ctx), nil
	}
	start := time.Now()
	head, err := head(f.ctx, b.meter.database)
	if err != nil {
		return reading{}, err
	}
	err = f.wait(b, "catching up", func() (int64, int64) {
		var position int64
		if position, err = applied(f.ctx, b.meter.database, head); err != nil {
			f.cancel(err)
		}
		return position, head
	})
	if err != nil {
		return reading{}, err
	}
	r := b.meter.read(f.ctx)
	took := time.Since(start).Seconds()
	r.catchUp = &took
	return r, nil
}

func head(ctx context.Context, db *sql.DB) (position int64, err error) {
	const query = `SELECT coalesce(max(position), 0) FROM events`
	if err := db.QueryRowContext(ctx, query).Scan(&position); err != nil {
		return 0, fmt.Errorf("read the head: %w", err)
	}
	return position, nil
}

// applied is the position of the projection that is behind most, of those that go on at all. Where
// there is none, nothing is behind.
func applied(ctx context.Context, db *sql.DB, head int64) (position int64, err error) {
	const query = `SELECT coalesce(min(position), $1) FROM projection_offsets WHERE failure IS NULL`
	if err := db.QueryRowContext(ctx, query, head).Scan(&position); err != nil {
		return 0, fmt.Errorf("read projection offsets: %w", err)
	}
	return position, nil
}

// written returns how many bytes of WAL were made and how many transactions wrote, since ever and in the
// whole cluster. Transactions are counted by their ids, since pg_stat_database lags by seconds.
func written(ctx context.Context, db *sql.DB) (wal, writes int64, err error) {
	const query = `
		SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint,
			pg_snapshot_xmax(pg_current_snapshot())::text::bigint`
	err = db.QueryRowContext(ctx, query).Scan(&wal, &writes)
	return wal, writes, err
}

// postmaster finds the process of the database's server, if that is on this machine.
func postmaster(ctx context.Context, db *sql.DB) (int, error) {
	var backend int
	if err := db.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&backend); err != nil {
		return 0, err
	}
	p, err := readProcess(backend)
	if err != nil || p.name != postgresName {
		return 0, fmt.Errorf("process %d on this machine is not its backend: it runs elsewhere", backend)
	}
	if parent, err := readProcess(p.parent); err != nil || parent.name != postgresName {
		return 0, fmt.Errorf("the parent of its backend %d is not PostgreSQL", backend)
	}
	return p.parent, nil
}

// postgresName is the name of PostgreSQL's processes.
const postgresName = "postgres"
