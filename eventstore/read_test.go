package eventstore_test

import (
	"context"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

func TestReadStreamsPagesInOrder(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	conversations := []domain.ID{newID(), newID(), newID()}
	var decisions []domain.Decision
	for i := range 300 { // the first conversation is much busier than the others
		c := conversations[0]
		if i%10 == 0 {
			c = conversations[1+i/10%2]
		}
		decisions = append(decisions, message(c, newID(), "m"))
	}
	results, err := l.Append(t.Context(), decisions...)
	if err != nil {
		t.Fatal(err)
	}
	head := results[len(results)-1].Head
	streams := []domain.StreamID{
		domain.ConversationStream(conversations[0]), domain.ConversationStream(conversations[1]),
		domain.ConversationStream(newID()), // has nothing
	}
	var want []domain.Position
	for _, r := range results {
		if e := r.Events[0]; e.Stream == streams[0] || e.Stream == streams[1] {
			if e.Position > 20 && e.Position <= head-20 {
				want = append(want, e.Position)
			}
		}
	}
	var got []domain.Position
	pages := 0
	for after := domain.Position(20); after < head-20; pages++ {
		events, through, err := l.ReadStreams(t.Context(), streams, after, head-20, 30)
		if err != nil {
			t.Fatal(err)
		}
		if through <= after {
			t.Fatalf("a page after %d goes through %d", after, through)
		}
		for _, e := range events {
			got = append(got, e.Position)
		}
		after = through
	}
	if len(got) != len(want) || pages < 2 {
		t.Fatalf("%d events in %d pages, want %d in several", len(got), pages, len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("event %d is at %d, want %d", i, got[i], want[i])
		}
	}
}

func TestReadStreamAndDeciding(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	c, user := newID(), newID()
	_, err := l.Append(t.Context(),
		message(c, user, "1"), block(user, 0, 0), message(c, user, "2"), message(newID(), user, "x"), message(c, user, "3"))
	if err != nil {
		t.Fatal(err)
	}
	events, err := l.ReadStream(t.Context(), domain.ConversationStream(c), 1, 10)
	if err != nil || len(events) != 2 || events[0].Version != 2 || events[1].Version != 3 {
		t.Errorf("ReadStream after 1: %d events, %v", len(events), err)
	}
	if events, err = l.ReadDeciding(t.Context(), 0, 10); err != nil || len(events) != 1 || events[0].Position != 2 {
		t.Errorf("ReadDeciding: %d events, %v", len(events), err)
	}
	if events, err = l.At(t.Context(), 5, 1, 77); err != nil || len(events) != 2 || events[0].Position != 1 {
		t.Errorf("At: %d events, %v", len(events), err)
	}
}

func TestATailMissesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	here, there := eventstoretest.Open(t, db.DSN), eventstoretest.Open(t, db.DSN)
	tail := here.Tail(0)
	const each = 200
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, l := range []*eventstore.Log{here, there} {
		wg.Go(func() {
			for range each {
				if _, err := l.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for next := domain.Position(1); next <= 2*each; {
		events, err := tail.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if e.Position != next {
				t.Fatalf("got position %d, want %d", e.Position, next)
			}
			if _, err := domain.Decode(e); err != nil {
				t.Fatal(err)
			}
			next++
		}
	}
	// A tail that begins later is served from the table.
	events, err := here.Tail(5).Next(ctx)
	if err != nil || events[0].Position != 6 {
		t.Errorf("a tail after 5 begins at %d, %v", events[0].Position, err)
	}
}

// TestATailWakesAtOnce: an append moves the head before its caller is answered, so that a tail of the same process need not wait
// to be notified. Other processes are notified: were the head only read every second, so many appends would take them longer than we wait.
func TestATailWakesAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	here, there := eventstoretest.Open(t, db.DSN), eventstoretest.Open(t, db.DSN)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tail := here.Tail(0)
	for n := range 1 + int(patience.Seconds()) {
		results, err := there.Append(ctx, message(newID(), newID(), "m"))
		if err != nil {
			t.Fatal(err)
		}
		if at := results[0].Events[0].Position; there.Head() < at {
			t.Fatalf("the head is %d when the append at %d is answered", there.Head(), at)
		}
		if _, err := tail.Next(ctx); err != nil {
			t.Fatalf("append %d is not heard of: %v", n+1, err)
		}
	}
}

func TestErasingTakesTheBodyInTheSameCommit(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	c, user := newID(), newID()
	results, err := l.Append(t.Context(), message(c, user, "regret"), message(c, user, "stays"))
	if err != nil {
		t.Fatal(err)
	}
	at := results[0].Events[0].Position
	erase := domain.Decision{
		Actor: domain.Actor{ID: user, Auth: domain.AuthToken},
		Drafts: []domain.Draft{{
			Stream: domain.ConversationStream(c), Erases: at,
			Data: &domain.ContentErased{MessageID: newID(), ConversationID: &c, ErasedPosition: at, ErasedBy: user, Reason: domain.ReasonSender},
		}},
	}
	if _, err := l.Append(t.Context(), erase); err != nil {
		t.Fatal(err)
	}
	events, err := l.Read(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if events[0].Body != nil || events[1].Body == nil || len(events) != 3 {
		t.Errorf("bodies are %q and %q", events[0].Body, events[1].Body)
	}
	if events[0].LeafHash != merkle.LeafHash(eventstore.Leaf(results[0].Events[0])) {
		t.Error("the leaf hash changed with the body")
	}
	if data, err := domain.Decode(events[0]); err != nil || !data.(*domain.MessageSent).Erased {
		t.Errorf("decoded as %+v, %v", data, err)
	}
}

func TestLastEventOfAStream(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	c, user := newID(), newID()
	stream := domain.ConversationStream(c)
	if got, err := l.Last(t.Context(), stream); got != nil || err != nil {
		t.Errorf("a stream without events: got %+v, %v", got, err)
	}
	for n := range 3 {
		if _, err := l.Append(t.Context(), message(c, user, "mine"), message(newID(), user, "another's")); err != nil {
			t.Fatal(err)
		}
		if got, err := l.Last(t.Context(), stream); err != nil || got.Version != domain.Version(n+1) || got.Stream != stream {
			t.Errorf("after %d events: got %+v, %v", n+1, got, err)
		}
	}
}
