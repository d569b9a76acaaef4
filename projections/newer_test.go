package projections_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
)

// newerType is a type that no release knows yet, but for a projection that names it.
const newerType domain.Type = "BananaPeeled"

// While servers are upgraded one after the other, an event of a newer type stops the projections of the older ones, who wait for a newer
// one: it applies the event, once, and the older ones go on after it. That is no error.
func TestNewerTypeIsLeftToANewerServer(t *testing.T) {
	t.Parallel()
	for name, some := range map[string]bool{"a projection of all types": false, "a projection of some types": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.New(t).DSN
			l := eventstoretest.Open(t, dsn)
			older := journal(t, l.DB(), "one", refuseNewer)
			newer := journal(t, l.DB(), "one", nothing)
			if some {
				older.Types = []domain.Type{domain.TypeUserBlocked}
				newer.Types = append(older.Types, newerType)
			}
			appendEvents(t, l, 3)
			insertEvent(t, l.DB(), 4, string(newerType), `{}`)
			insertTypes(t, l.DB(), 4, "..")

			log := new(told)
			before := start(t, eventstoretest.Open(t, dsn), quick, slog.New(log), older)
			until(t, "the older server waits", isStuck(before, 0))
			if s := before.Status()[0]; s.Position != 3 || s.FailedPosition != 4 || !strings.Contains(s.Stuck, "newer than this server") {
				t.Errorf("the older server: %+v, want that it waits at 4", s)
			}
			wantJournal(t, l.DB(), "one", 3)

			after := start(t, eventstoretest.Open(t, dsn), quick, slog.New(log), newer)
			for _, r := range []*projections.Runner{after, before} {
				wait(t, r, "one", 6)
			}
			until(t, "the older server goes on", func() bool { return before.Status()[0].Stuck == "" })
			for position := domain.Position(7); position < 27; position += 2 { // both at once
				insertEvent(t, l.DB(), position, string(newerType), `{}`)
				insertTypes(t, l.DB(), position, ".")
			}
			wait(t, after, "one", 26)
			wantJournal(t, l.DB(), "one", 26)
			if n := log.errors(); n != 0 {
				t.Errorf("%d errors were told", n)
			}
		})
	}
}

// refuseNewer is what an older release's Apply does.
func refuseNewer(_ context.Context, _ *sql.Tx, events []domain.Event) error {
	for _, e := range events {
		if e.Type == newerType {
			return fmt.Errorf("%s: %w", e.Type, domain.ErrUnknownType)
		}
	}
	return nil
}

// A projection to which no type of a later release will ever matter passes over it.
func TestClosedPassesNewerTypes(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	appendEvents(t, l, 1)
	insertEvent(t, l.DB(), 2, string(newerType), `{}`)
	insertTypes(t, l.DB(), 2, ".x.")
	insertEvent(t, l.DB(), 6, string(newerType), `{}`)
	p := unblocks(t, l.DB(), "one", nothing)
	p.Closed = true
	r := start(t, l, quick, nil, p)
	wait(t, r, "one", 6)
	wantOf(t, l.DB(), "one", 4)
}
