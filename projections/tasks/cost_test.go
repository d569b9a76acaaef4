package tasks_test

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"syscall"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/state"
	"chainmail/projections/tasks"
)

// BenchmarkMessage appends messages at several rates, which are nothing to this projection and to notifications, and
// reports processor time a message with and without the two: of this process and of the database, append included.
func BenchmarkMessage(b *testing.B) {
	without := []projections.Projection{state.Projection(), batches.Projection()}
	with := append(without, notifications.Projection(), tasks.Projection())
	for _, rate := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("%d a second/without", rate), func(b *testing.B) { benchmark(b, rate, without) })
		b.Run(fmt.Sprintf("%d a second/with", rate), func(b *testing.B) { benchmark(b, rate, with) })
	}
}

// measured is how long messages come in one iteration.
const measured = 10 * time.Second

func benchmark(b *testing.B, rate int, list []projections.Projection) {
	l := eventstoretest.Open(b, pgtest.New(b).DSN)
	alice, bob, talk := id(1), id(2), id(3)
	say(b, l, domain.UserStream(alice), &domain.UserRegistered{UserID: alice, Name: "Alice", Role: domain.RoleMember})
	say(b, l, domain.UserStream(bob), &domain.UserRegistered{UserID: bob, Name: "Bob", Role: domain.RoleMember})
	say(b, l, domain.ConversationStream(talk), &domain.ConversationStarted{
		ConversationID: talk, StarterID: alice, Direct: true, ParticipantIDs: []domain.ID{alice, bob},
	})
	runner := projections.New(l, projections.Settings{}, slog.New(slog.DiscardHandler), list...)
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	next := uint16(0)
	message := func() {
		m := &domain.MessageSent{
			MessageID: domain.ID{0: 9, 6: 0x70, 8: 0x80, 14: byte(next >> 8), 15: byte(next)}, ConversationID: talk, SenderID: alice,
			ReceiverID: &bob, Content: "hello",
		}
		m.ContentHash = domain.ContentHash(m.Salt, m.Content)
		say(b, l, domain.ConversationStream(talk), m)
		next++
	}
	for range 20 { // until statements are prepared
		message()
	}
	catchUp(b, runner, l, list)
	var used processor
	sent := 0
	for b.Loop() {
		before := processorTime(b, l.DB())
		tick := time.NewTicker(time.Second / time.Duration(rate))
		for end := time.Now().Add(measured); time.Now().Before(end); sent++ {
			<-tick.C
			message()
		}
		tick.Stop()
		catchUp(b, runner, l, list)
		after := processorTime(b, l.DB())
		used.client += after.client - before.client
		used.server += after.server - before.server
	}
	stop()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(used.client.Microseconds())/float64(sent), "client-us/message")
	b.ReportMetric(float64(used.server.Microseconds())/float64(sent), "server-us/message")
	b.ReportMetric(float64(sent), "messages")
	b.ReportMetric(0, "ns/op")
}

func say(b *testing.B, l *eventstore.Log, stream domain.StreamID, d domain.Data) {
	b.Helper()
	_, err := l.Append(b.Context(), domain.Decision{
		Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: []domain.Draft{{Stream: stream, Data: d}},
	})
	if err != nil {
		b.Fatal(err)
	}
}

func catchUp(b *testing.B, runner *projections.Runner, l *eventstore.Log, list []projections.Projection) {
	b.Helper()
	for _, p := range list {
		if err := runner.Wait(b.Context(), p.Name, l.Head()); err != nil {
			b.Fatal(err)
		}
	}
}

type processor struct{ client, server time.Duration }

// processorTime is that of this process so far, and that of the database's connections.
func processorTime(b *testing.B, db *sql.DB) (p processor) {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	p.client = time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	rows, err := db.QueryContext(b.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database()`)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			b.Fatal(err)
		}
		p.server += pgtest.ProcessTime(pid)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return p
}
