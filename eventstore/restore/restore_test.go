package restore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/eventstore/restore"
	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) {
	// A listener of lib/pq whose database went away sleeps some seconds before it sees that it was closed.
	goleak.VerifyTestMain(pgtest.Runner{M: m}, goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
}

// original is a log that servers wrote, and what it was written with.
type original struct {
	t      testing.TB
	log    *eventstore.Log
	state  *domain.State
	first  domain.SendMessage // the message that opened a conversation
	events []domain.Event

	blocked  domain.SendMessage // a message that the guard blocked
	released domain.ReleaseMessage
	stopped  domain.ReleaseMessage // would release a message whose content was erased

	work work
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func as(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthToken} }

// newOriginal writes a log with an event of every sort that leaves something beside itself.
func newOriginal(t testing.TB) *original {
	t.Helper()
	o := &original{t: t, log: eventstoretest.Open(t, pgtest.New(t).DSN), state: domain.NewState()}
	o.append(domain.Decision{
		Actor: domain.Actor{Auth: domain.AuthSystem}, Keys: []domain.Key{domain.LogKey()},
		Drafts: []domain.Draft{{Stream: domain.LogStream, Data: &domain.LogCreated{
			LogID: newID(), Origin: "restore.test", PublicKey: "restore.test+00000000+AAAA",
		}}},
	})
	alice, bob := newID(), newID()
	for i, id := range []domain.ID{alice, bob} {
		o.may(o.state.Register(domain.RegisterUser{
			Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: id, Name: fmt.Sprint("User ", i), Role: domain.RoleAdmin,
			WalletAddress: fmt.Sprintf("0x%040d", i),
		}))
	}
	o.first = domain.SendMessage{
		Actor: as(alice), ReceiverID: bob, Content: "tab\t \"quote\" <é>", ClientMessageID: "first", MessageID: newID(), NewConversationID: newID(),
	}
	o.may(o.state.Send(o.first))
	ref := domain.MessageRef{
		ID: o.first.MessageID, ConversationID: o.first.NewConversationID, SenderID: alice, Position: domain.Position(len(o.events)),
	}
	o.may(o.state.Acknowledge(domain.Acknowledge{Actor: as(bob), Message: ref}))
	o.may(o.state.Acknowledge(domain.Acknowledge{Actor: as(bob), Message: ref, Read: true}))
	o.may(o.state.Send(domain.SendMessage{
		Actor: as(bob), ConversationID: ref.ConversationID, Content: "secret", MessageID: newID(),
	}))
	second := o.events[len(o.events)-1]
	data, err := domain.Decode(second)
	if err != nil {
		t.Fatal(err)
	}
	o.may(o.state.Acknowledge(domain.Acknowledge{Actor: as(alice), Read: true, Message: domain.MessageRef{
		ID: data.(*domain.MessageSent).MessageID, ConversationID: ref.ConversationID, SenderID: bob, Position: second.Position,
	}}))
	o.may(o.state.Erase(domain.EraseContent{Actor: as(bob), Reason: domain.ReasonSender, Message: domain.MessageRef{
		ID: data.(*domain.MessageSent).MessageID, ConversationID: ref.ConversationID, SenderID: bob, Position: second.Position,
	}}))
	o.guard(bob, alice)
	o.labour(alice, bob)
	o.may(o.state.Block(domain.BlockUser{Actor: as(alice), UserID: bob}))
	o.append(o.state.Seal(domain.Batch{First: 1, Last: domain.Position(len(o.events)), Checkpoint: "not looked at"}))
	if o.events, err = o.log.Read(t.Context(), 0, 1000); err != nil {
		t.Fatal(err)
	}
	return o
}

// guard has one's messages to another judged, blocked, released and erased. Both are admins.
func (o *original) guard(sender, receiver domain.ID) {
	o.t.Helper()
	policy := strings.Repeat("# \"very\" strict\\\n", 256<<10/18) // as long as a policy can be
	o.append(o.state.InstallPolicy(domain.GuardPolicyInstalled{PolicyHash: domain.BodyHash([]byte(policy)), Policy: policy}))
	verdict := domain.Verdict{
		PolicyHash: o.state.Policy().PolicyHash, RiskScore: 0.5, Reasons: []domain.RiskReason{{Rule: "spam", Weight: 0.5}},
	}
	send := func(client string, blocked bool) domain.SendMessage {
		c := domain.SendMessage{
			Actor: as(sender), ReceiverID: receiver, Content: "risky " + client, ClientMessageID: client, MessageID: newID(), Verdict: verdict,
		}
		c.Verdict.Blocked = blocked
		o.may(o.state.Send(c))
		return c
	}
	blocked := func(client string) (domain.SendMessage, domain.ReleaseMessage) {
		c := send(client, true)
		last := o.events[len(o.events)-1]
		data, err := domain.Decode(last)
		if err != nil {
			o.t.Fatal(err)
		}
		return c, domain.ReleaseMessage{
			Actor: as(receiver), Blocked: data.(*domain.MessageBlocked), Position: last.Position, MessageID: newID(),
		}
	}
	erase := func(r domain.ReleaseMessage) {
		o.may(o.state.Erase(domain.EraseContent{Actor: as(sender), Reason: domain.ReasonSender, Message: domain.MessageRef{
			ID: r.Blocked.MessageID, SenderID: sender, Position: r.Position, Blocked: true,
		}}))
	}
	send("judged", false)
	o.blocked, o.released = blocked("blocked")
	o.may(o.state.Release(o.released))
	_, gone := blocked("released and erased")
	o.may(o.state.Release(gone))
	erase(gone)
	_, o.stopped = blocked("erased")
	erase(o.stopped)
}

func (o *original) may(d domain.Decision, r *domain.Refusal) {
	o.t.Helper()
	if r != nil {
		o.t.Fatal(r)
	}
	o.append(d)
}

func (o *original) append(d domain.Decision) {
	o.t.Helper()
	results, err := o.log.Append(context.Background(), d)
	if err != nil || len(results[0].Events) == 0 {
		o.t.Fatalf("append: %+v, %v", results, err)
	}
	for _, e := range results[0].Events {
		o.events = append(o.events, e)
		if err := o.state.Apply(e); err != nil {
			o.t.Fatal(err)
		}
	}
}

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := eventstore.OpenDB(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// fill restores events in batches, and commits.
func fill(t testing.TB, db *sql.DB, events []domain.Event, size int) {
	t.Helper()
	r, err := restore.Begin(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for batch := range slices.Chunk(events, size) {
		if err := r.Add(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := r.Rollback(); err != nil {
		t.Errorf("roll back after commit: %v", err)
	}
}

// rows returns a query's rows of one text column.
func rows(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// A restored log is the original's, and what servers keep beside the events as well.
func TestRestoredLogIsTheOriginal(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	for _, size := range []int{1, 3, 1000} {
		db := open(t, pgtest.New(t).DSN)
		fill(t, db, o.events, size)
		for _, query := range []string{
			`SELECT e::text FROM events AS e ORDER BY position`,
			`SELECT key::text FROM event_keys ORDER BY key`,
			`SELECT d::text FROM deciding_events AS d ORDER BY position`,
		} {
			got, want := rows(t, db, query), rows(t, o.log.DB(), query)
			if len(want) == 0 || !slices.Equal(got, want) {
				t.Errorf("batches of %d, %s:\n%q\nwant\n%q", size, query, got, want)
			}
		}
	}
}

// A message that is sent again after the restore is answered with the first one, also where that one
// opened its conversation; and the log goes on where it ended.
func TestRestoredLogRefusesRepeats(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	db := pgtest.New(t)
	fill(t, open(t, db.DSN), o.events, 4)
	log := eventstoretest.Open(t, db.DSN)
	again := o.first
	again.MessageID, again.NewConversationID = newID(), newID()
	empty := domain.NewState() // it knows of no conversation, as a server that lags
	for _, e := range o.events[:3] {
		if err := empty.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	d, refusal := empty.Send(again)
	if refusal != nil {
		t.Fatal(refusal)
	}
	results, err := log.Append(t.Context(), d)
	if err != nil || len(results[0].Events) > 0 {
		t.Fatalf("%+v, %v", results, err)
	}
	at, err := log.Holder(t.Context(), domain.SendKey(again.Actor.ID, again.ClientMessageID))
	if err != nil {
		t.Fatal(err)
	}
	events, err := log.At(t.Context(), at)
	if err != nil || len(events) != 1 || events[0].Type != domain.TypeMessageSent {
		t.Errorf("the key leads to %v, %v", events, err)
	}
	d, refusal = o.state.Unblock(domain.BlockUser{Actor: as(o.first.Actor.ID), UserID: o.first.ReceiverID})
	if refusal != nil {
		t.Fatal(refusal)
	}
	results, err = log.Append(t.Context(), d)
	if err != nil || len(results[0].Events) != 1 {
		t.Fatalf("%+v, %v", results, err)
	}
	if e := results[0].Events[0]; e.Position != domain.Position(len(o.events)+1) || e.Version != 2 {
		t.Errorf("the next event is at %d with version %d", e.Position, e.Version)
	}
}

// What the guard blocked is not blocked again, nor is it released again, nor once it was erased.
func TestRestoredLogRefusesRepeatsOfBlocks(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	db := pgtest.New(t)
	fill(t, open(t, db.DSN), o.events, 4)
	log := eventstoretest.Open(t, db.DSN)
	before := domain.NewState() // as a server that lags
	for _, e := range o.events[:o.released.Position] {
		if err := before.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	lax := o.blocked
	lax.Verdict.Blocked, lax.MessageID = false, newID()
	o.blocked.MessageID, o.released.MessageID, o.stopped.MessageID = newID(), newID(), newID()
	for name, test := range map[string]struct {
		decide func() (domain.Decision, *domain.Refusal)
		key    domain.Key
		holder domain.Type
	}{
		"blocked again": {
			func() (domain.Decision, *domain.Refusal) { return before.Send(o.blocked) },
			domain.SendKey(o.blocked.Actor.ID, o.blocked.ClientMessageID), domain.TypeMessageBlocked,
		},
		"sent under a laxer policy": {
			func() (domain.Decision, *domain.Refusal) { return before.Send(lax) },
			domain.SendKey(o.blocked.Actor.ID, o.blocked.ClientMessageID), domain.TypeMessageBlocked,
		},
		"released again": {
			func() (domain.Decision, *domain.Refusal) { return before.Release(o.released) },
			domain.ReleaseKey(o.released.Blocked.MessageID), domain.TypeMessageReleased,
		},
		"released after it was erased": {
			func() (domain.Decision, *domain.Refusal) { return before.Release(o.stopped) },
			domain.ReleaseKey(o.stopped.Blocked.MessageID), domain.TypeContentErased,
		},
	} {
		d, refusal := test.decide()
		if refusal != nil {
			t.Fatalf("%s: %v", name, refusal)
		}
		d.Expect = nil // what is new in the log is not what refuses
		results, err := log.Append(t.Context(), d)
		if err != nil || len(results[0].Events) > 0 || results[0].Duplicate == 0 {
			t.Errorf("%s: %+v, %v", name, results, err)
		}
		at, err := log.Holder(t.Context(), test.key)
		if err != nil {
			t.Fatal(err)
		}
		events, err := log.At(t.Context(), at)
		if err != nil || len(events) != 1 || events[0].Type != test.holder {
			t.Errorf("%s: the key leads to %v, %v", name, events, err)
		}
	}
}

func TestRestoreDemandsAnEmptyLog(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	before := rows(t, o.log.DB(), `SELECT e::text FROM events AS e ORDER BY position`)
	if _, err := restore.Begin(t.Context(), o.log.DB()); !errors.Is(err, restore.ErrNotEmpty) {
		t.Errorf("error %v", err)
	}
	if after := rows(t, o.log.DB(), `SELECT e::text FROM events AS e ORDER BY position`); !slices.Equal(before, after) {
		t.Error("the log has changed")
	}
}

// While a log is restored nobody appends; without a commit nothing stays.
func TestRestoreIsAllOrNothing(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	db := open(t, pgtest.New(t).DSN)
	r, err := restore.Begin(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Add(t.Context(), o.events); err != nil {
		t.Fatal(err)
	}
	var free bool
	const query = `SELECT pg_try_advisory_xact_lock(hashtextextended('chainmail log', 0))`
	if err := db.QueryRowContext(t.Context(), query).Scan(&free); err != nil || free {
		t.Errorf("the log's lock is free: %t, %v", free, err)
	}
	if err := r.Rollback(); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"events", "event_keys", "deciding_events"} {
		if n := rows(t, db, fmt.Sprintf(`SELECT count(*)::text FROM %s`, table)); n[0] != "0" {
			t.Errorf("%s rows in %s", n[0], table)
		}
	}
	fill(t, db, o.events, 2)
}

func TestRestoreRejects(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	for name, change := range map[string]func(events []domain.Event) []domain.Event{
		"a position twice":          func(e []domain.Event) []domain.Event { e[4].Position = 4; return e },
		"no JSON":                   func(e []domain.Event) []domain.Event { e[4].Payload = []byte(`{"`); return e },
		"a type of another release": func(e []domain.Event) []domain.Event { e[4].Type = "RoomPainted"; return e },
		"a receipt twice": func(e []domain.Event) []domain.Event {
			again := e[5]
			again.Position = e[len(e)-1].Position + 1
			return append(e, again)
		},
		"a receipt twice in a batch": func(e []domain.Event) []domain.Event {
			again := e[5]
			again.Position = e[len(e)-1].Position + 1
			return append(e, again, again)[5:]
		},
	} {
		db := open(t, pgtest.New(t).DSN)
		r, err := restore.Begin(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		for batch := range slices.Chunk(change(slices.Clone(o.events)), 100) {
			if err = r.Add(t.Context(), batch); err != nil {
				break
			}
		}
		if !errors.Is(err, restore.ErrRejected) {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// There is room for a log of any length: partitions are made on the way.
func TestRestoreMakesPartitions(t *testing.T) {
	t.Parallel()
	o := newOriginal(t)
	db := open(t, pgtest.New(t).DSN)
	r, err := restore.Begin(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	far := slices.Clone(o.events[1:3])
	far[0].Position, far[1].Position = 29_999_999, 30_000_000
	if err := r.Add(t.Context(), far); err != nil {
		t.Fatal(err)
	}
	if err := r.Commit(); err != nil {
		t.Fatal(err)
	}
	if n := rows(t, db, `SELECT count(*)::text FROM events_000003`); n[0] != "1" {
		t.Errorf("%s rows in the partition", n[0])
	}
}
