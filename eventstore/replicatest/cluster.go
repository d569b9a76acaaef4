// Package replicatest gives a test a PostgreSQL with a streaming standby, both real, which it may stop, crash, promote and
// start again.
//
// The two listen on 127.0.0.1, each on a port that it keeps, so that an address of both hosts stays valid whatever happens to
// them. They write without fsync: a crash is one of the server, not of the machine.
package replicatest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"chainmail/eventstore/localpg"
	"chainmail/migrations"
)

// Pair is two servers of one cluster: First begins as the primary, Second as its standby.
type Pair struct {
	// First and Second are the servers, whatever part each has at the moment.
	First, Second *Server
}

// Options say how the standby follows.
type Options struct {
	// Synchronous makes each commit on the First wait until the Second has it on its disk. While the Second is away,
	// commits wait. Otherwise the standby follows as fast as it can.
	Synchronous bool
}

// patience is as long as any step may take on a busy machine.
const patience = 3 * time.Minute

// Start starts a primary with a migrated database "chainmail", and a standby that has all of it. Both end with the test. It
// takes a few seconds.
func Start(t testing.TB, o Options) *Pair {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tools, err := localpg.FindTools(ctx)
	if err != nil {
		t.Fatalf("find PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := tools.Close(); err != nil {
			t.Errorf("remove the servers' files: %v", err)
		}
	})
	p := &Pair{First: newServer(t, tools, "first"), Second: newServer(t, tools, "second")}
	p.First.initialize(t)
	p.First.Start(t)
	execute(t, p.First.URL("postgres"), `CREATE DATABASE chainmail TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C' ENCODING 'UTF8'`)
	migrate(t, p.First.URL("chainmail"))
	p.Second.Follow(t, p.First)
	p.Second.Start(t)
	if o.Synchronous {
		execute(t, p.First.URL("postgres"), `ALTER SYSTEM SET synchronous_standby_names = second`)
		execute(t, p.First.URL("postgres"), `SELECT pg_reload_conf()`)
	}
	p.await(t, o.Synchronous)
	return p
}

// URL is an address of both servers for lib/pq: postgres://postgres@127.0.0.1:1,127.0.0.1:2/name. It says nothing of
// target_session_attrs.
func (p *Pair) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@%s,%s/%s?sslmode=disable", p.First.address(), p.Second.address(), database)
}

// Await waits until the Second has everything that the First has committed.
func (p *Pair) Await(t testing.TB) {
	t.Helper()
	p.await(t, false)
}

func (p *Pair) await(t testing.TB, synchronous bool) {
	t.Helper()
	primary := open(t, p.First.URL("postgres"))
	defer primary.Close()
	const query = `
		SELECT EXISTS (
			SELECT
			FROM pg_stat_replication
			WHERE state = 'streaming' AND replay_lsn >= pg_current_wal_lsn() AND (NOT $1 OR sync_state = 'sync'))`
	eventually(t, "the standby to have everything", func() bool {
		var done bool
		return primary.QueryRow(query, synchronous).Scan(&done) == nil && done
	})
}

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", fmt.Sprint(s.Port)) }

// URL is this server's address alone.
func (s *Server) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Host: s.address(), Path: database, RawQuery: "sslmode=disable"}
	return u.String()
}

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func execute(t testing.TB, dsn, statement string) {
	t.Helper()
	db := open(t, dsn)
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", strings.Fields(statement)[:2], err)
	}
}

func migrate(t testing.TB, dsn string) {
	t.Helper()
	db := open(t, dsn)
	defer db.Close()
	if err := migrations.Up(context.Background(), db, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
}

func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}
