package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"chainmail/domain"
	"chainmail/eventstore/localpg"
	"chainmail/migrations"
	"chainmail/projections"
)

func checkSettings(ctx context.Context, db *sql.DB, d *diagnosis) {
	var version int
	var encoding, fsync, fullPages string
	err := db.QueryRowContext(ctx, `
		SELECT current_setting('server_version_num')::integer, current_setting('server_encoding'),
			current_setting('fsync'), current_setting('full_page_writes')`).
		Scan(&version, &encoding, &fsync, &fullPages)
	if major := version / 10000; err == nil && major < localpg.OldestMajor {
		err = fmt.Errorf("PostgreSQL %d", major)
	}
	d.add("PostgreSQL", err, fmt.Sprintf("version %d", version/10000), fmt.Sprintf("upgrade to PostgreSQL %d or later", localpg.OldestMajor))
	err = nil
	if encoding != "UTF8" {
		err = fmt.Errorf("the encoding is %s", encoding)
	}
	d.add("encoding", err, encoding, "make the database with ENCODING 'UTF8'")
	err = nil
	if fsync != "on" || fullPages != "on" {
		err = fmt.Errorf("fsync is %s, full_page_writes is %s", fsync, fullPages)
	}
	d.add("durability", err, "fsync and full_page_writes are on", "turn both on, or a power cut loses acknowledged messages")
}

// checkWrites finds a database that can be read and nothing more, as a standby or one that was told to be.
func checkWrites(ctx context.Context, db *sql.DB, d *diagnosis) {
	const query = `SELECT pg_is_in_recovery(), current_setting('transaction_read_only') = 'on'`
	var standby, readOnly bool
	advice := "see default_transaction_read_only of the database and of its role"
	err := db.QueryRowContext(ctx, query).Scan(&standby, &readOnly)
	switch {
	case err == nil && standby:
		err, advice = errors.New("it is a standby"), "give the primary's address, or those of all hosts; or promote it"
	case err == nil && readOnly:
		err = errors.New("it is read-only")
	}
	d.add("writes", err, "are taken", advice)
}

func checkClock(ctx context.Context, db *sql.DB, d *diagnosis) {
	var theirs time.Time
	before := time.Now()
	err := db.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&theirs)
	skew := clockSkew(before, time.Now(), theirs)
	if err == nil && skew > maxClockSkew {
		err = fmt.Errorf("the database's clock differs by %s", skew.Round(time.Millisecond))
	}
	d.add("clock", err, "differs by "+skew.Round(time.Millisecond).String(), "synchronise both machines by NTP")
}

// clockSkew is by how much a clock differs from ours, at least, that showed theirs at some time from before to after. That a database
// takes long to answer says nothing about its clock.
func clockSkew(before, after, theirs time.Time) time.Duration {
	return max(before.Sub(theirs), theirs.Sub(after), 0)
}

func checkSchema(ctx context.Context, db *sql.DB, d *diagnosis) bool {
	pending, err := migrations.Pending(ctx, db)
	if err == nil && len(pending) > 0 {
		err = fmt.Errorf("%d migrations are missing", len(pending))
	}
	advice := "run 'chainmail migrate up'"
	if lacksRight(err) {
		advice = rightsAdvice
	}
	d.add("schema", err, "up to date", advice)
	return err == nil
}

func checkPartitions(ctx context.Context, db *sql.DB, head domain.Position, d *diagnosis) {
	var upper sql.NullString
	err := db.QueryRowContext(ctx, `
		SELECT max((regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''?(\d+)'))[1]::bigint)
		FROM pg_inherits AS i
		JOIN pg_class AS c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'events'::regclass`).Scan(&upper)
	var end int64
	if err == nil {
		fmt.Sscan(upper.String, &end)
		if end-int64(head) < 1_000_000 {
			err = fmt.Errorf("room for %d events is left", end-int64(head))
		}
	}
	d.add("partitions", err, fmt.Sprintf("room for %d events", end-int64(head)),
		"start a server, or run SELECT make_event_partitions("+fmt.Sprint(int64(head))+")")
}

// checkProjections names the projections that cannot go on. One that is only behind may lack no more than
// a running server.
func checkProjections(ctx context.Context, db *sql.DB, head domain.Position, d *diagnosis) {
	before, err := projections.ReadStatus(ctx, db)
	if err != nil {
		d.add("projections", err, "", "see the database's log")
		return
	}
	for _, p := range before {
		detail := fmt.Sprintf("at position %d, %d behind", p.Position, p.Lag)
		var problem error
		advice := "look at the server's log; an event that cannot be applied needs a newer release, or 'chainmail rebuild'"
		if p.FailedPosition > 0 {
			problem = fmt.Errorf("stopped at position %d: %s", p.FailedPosition, strings.TrimSpace(p.Stuck))
		} else if p.Stuck != "" {
			problem = errors.New(p.Stuck)
			advice = "the log lost its end: a restored backup, or worse; see what 'chainmail replay' finds"
		} else if p.Lag > 0 && head > 0 {
			detail += " (moves while a server runs)"
		}
		d.add("projection "+p.Projection, problem, detail, advice)
	}
}
