package eventstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

// The four benchmarks below write the same rows into the same table and report events a second,
// so that their ratios can be read off one run (README, "Numbers").

const content = "a message of about a hundred bytes, as people write them when they have something short to say now."

// BenchmarkAppend is the log as callers see it: 200 of them, each waiting for its commit.
func BenchmarkAppend(b *testing.B) {
	l := eventstoretest.Open(b, pgtest.New(b).DSN)
	conversations := manyConversations()
	parallel(b, 200, func(n int) error {
		_, err := l.Append(context.Background(), message(conversations[n%len(conversations)], conversations[0], content))
		return err
	})
}

// BenchmarkBareRows is the bound: statements of 500 finished rows, one connection, nothing looked up.
func BenchmarkBareRows(b *testing.B) {
	const rows = 500
	db := pgtest.New(b)
	pool, err := eventstore.OpenDB(db.DSN)
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	insert, err := pool.Prepare(bareInsert(rows))
	if err != nil {
		b.Fatal(err)
	}
	events := finishedRows(b, rows)
	args := make([]any, 0, 10*rows)
	b.ResetTimer()
	for n := 0; n < b.N; n += rows {
		args = args[:0]
		for i, e := range events {
			args = append(args, int64(n+i+1), e.ID.String(), string(e.Stream), int64(e.Version), string(e.Type),
				string(e.Payload), string(e.Metadata), string(e.Body), e.RecordedAt, e.LeafHash[:])
		}
		if _, err := insert.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
	report(b)
}

// BenchmarkOneCommitAnEvent is what most servers do: a transaction for each event, from 64 connections. The rows are finished
// and in no order: a reader may see position 7 before 6, and nobody is told.
func BenchmarkOneCommitAnEvent(b *testing.B) {
	insert := from64Connections(b, bareInsert(1))
	e := finishedRows(b, 1)[0]
	var position atomic.Int64
	parallel(b, 64, func(int) error {
		_, err := insert.Exec(position.Add(1), newID().String(), string(e.Stream), int64(e.Version), string(e.Type),
			string(e.Payload), string(e.Metadata), string(e.Body), e.RecordedAt, e.LeafHash[:])
		return err
	})
}

// BenchmarkOneOrderedCommitAnEvent is the same with what the log promises: positions without gaps that are seen in order, stream
// versions, and a notification. Only the batch is missing.
func BenchmarkOneOrderedCommitAnEvent(b *testing.B) {
	insert := from64Connections(b, `
		SELECT append_events(0, ARRAY[$1]::uuid[], ARRAY[$2], ARRAY[1], ARRAY[NULL]::bigint[], ARRAY[$3], ARRAY[$4], ARRAY[$5], ARRAY[$6],
			ARRAY[false], ARRAY[0]::bigint[], ARRAY[]::uuid[], ARRAY[]::integer[], ARRAY[]::boolean[],
			0, ARRAY[]::text[], ARRAY[]::bigint[], ARRAY[]::integer[])`)
	events := finishedRows(b, 500)
	parallel(b, 64, func(n int) error {
		e := events[n%len(events)]
		_, err := insert.Exec(newID().String(), string(e.Stream), string(e.Type), string(e.Payload), string(e.Metadata), string(e.Body))
		return err
	})
}

// from64Connections prepares a statement for a pool of so many connections on a database of its own.
func from64Connections(b *testing.B, query string) *sql.Stmt {
	b.Helper()
	pool, err := eventstore.OpenDB(pgtest.New(b).DSN)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = pool.Close() })
	pool.SetMaxOpenConns(64)
	pool.SetMaxIdleConns(64)
	statement, err := pool.Prepare(query)
	if err != nil {
		b.Fatal(err)
	}
	return statement
}

// parallel calls f b.N times from a number of callers.
func parallel(b *testing.B, callers int, f func(n int) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range callers {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				if err := f(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	report(b)
}

func report(b *testing.B) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func manyConversations() []domain.ID {
	conversations := make([]domain.ID, 1000)
	for i := range conversations {
		conversations[i] = newID()
	}
	return conversations
}

func bareInsert(rows int) string {
	var values []string
	for i := range rows {
		var row []string
		for column := range 10 {
			row = append(row, fmt.Sprintf("$%d", 10*i+column+1))
		}
		values = append(values, "("+strings.Join(row, ", ")+")")
	}
	return `
		INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)
		VALUES ` + strings.Join(values, ", ")
}

func finishedRows(b *testing.B, rows int) []domain.Event {
	b.Helper()
	conversations := manyConversations()
	events := make([]domain.Event, rows)
	for i := range events {
		d := message(conversations[i%len(conversations)], conversations[0], content)
		encoded, err := domain.Encode(d.Drafts[0].Data, d.Actor)
		if err != nil {
			b.Fatal(err)
		}
		events[i] = domain.Event{
			Position: domain.Position(i + 1), ID: newID(), Stream: d.Drafts[0].Stream, Version: 1, Type: encoded.Type,
			Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body, RecordedAt: time.Now(),
		}
		events[i].LeafHash = merkle.LeafHash(eventstore.Leaf(events[i]))
	}
	return events
}
