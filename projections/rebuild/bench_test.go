package rebuild_test

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/projections"
	"chainmail/projections/attest"
	"chainmail/projections/rebuild"
	"chainmail/projections/state"
)

//go:embed testdata/reference.sql
var referenceSQL string

// BenchmarkRebuild rebuilds the state tables from a million events, and then computes the same tables
// by set-based SQL inside PostgreSQL: indexes come last there, and all is one transaction. Both results have
// to be equal. The ratio is what counts: goal at most 2.
//
//	go test -run '^$' -bench BenchmarkRebuild -benchtime 3x ./projections/rebuild
func BenchmarkRebuild(b *testing.B) {
	const events = 1_000_000
	l := openLog(b)
	w := newWorld(1)
	load(b, l.DB(), w, w.settle(2000, 10_000, 100, 10), events)
	p := state.Projection()
	ctx := context.Background()
	var ours, theirs time.Duration
	stages := make(map[rebuild.Stage]time.Duration)
	b.ResetTimer()
	for range b.N {
		start := time.Now()
		stage, since := rebuild.StageFill, start
		_, err := rebuild.Run(ctx, l, p, func(p rebuild.Progress) {
			if p.Stage != stage {
				stages[stage] += time.Since(since)
				stage, since = p.Stage, time.Now()
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		stages[stage] += time.Since(since)
		ours += time.Since(start)
		start = time.Now()
		sum := reference(b, l.DB(), p, func() { theirs += time.Since(start) })
		s, err := attest.Read(ctx, l.DB(), p)
		if err != nil {
			b.Fatal(err)
		}
		if s.Sum != sum || s.Position < domain.Position(events) {
			b.Errorf("rebuilt %+v, want %s", s, sum)
		}
	}
	n := float64(b.N)
	b.ReportMetric(ours.Seconds()/n, "rebuild-s")
	b.ReportMetric(theirs.Seconds()/n, "sql-s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
	for stage, took := range stages {
		b.ReportMetric(took.Seconds()/n, strings.ReplaceAll(string(stage), " ", "-")+"-s")
	}
	b.ReportMetric(0, "ns/op")
}

// reference computes the tables by SQL into a schema of its own and returns their checksum.
func reference(t testing.TB, db *sql.DB, p projections.Projection, done func()) attest.Sum {
	t.Helper()
	ctx := context.Background()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	exec := func(query string, args ...any) {
		if _, err := tx.ExecContext(ctx, query, args...); err != nil {
			t.Fatalf("%v in %s", err, query)
		}
	}
	exec(`CREATE SCHEMA reference`)
	exec(`SET LOCAL search_path = reference, public`)
	for _, table := range p.Tables {
		exec(fmt.Sprintf(`CREATE TABLE reference.%[1]s (LIKE public.%[1]s INCLUDING ALL EXCLUDING INDEXES) WITH (fillfactor = 50)`, table))
	}
	exec(referenceSQL)
	for _, index := range indexes(t, tx, p) {
		exec(strings.Replace(index, " ON public.", " ON reference.", 1))
	}
	for _, table := range p.Tables {
		exec(fmt.Sprintf(`ALTER TABLE reference.%[1]s ADD PRIMARY KEY USING INDEX %[1]s_pkey`, table))
	}
	done()
	sum, _, err := attest.Tables(ctx, tx, p.Tables)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func indexes(t testing.TB, tx *sql.Tx, p projections.Projection) []string {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), `SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY ($1)`, pq.StringArray(p.Tables))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	return list
}
