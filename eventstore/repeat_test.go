package eventstore_test

import (
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

func keyed(sender domain.ID, clientMessageID string) domain.Decision {
	d := message(newID(), sender, clientMessageID)
	d.Keys = []domain.Key{domain.SendKey(sender, clientMessageID)}
	return d
}

func TestARepeatIsStoredOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	one, two := eventstoretest.Open(t, db.DSN), eventstoretest.Open(t, db.DSN)
	sender := newID()

	t.Run("within one call", func(t *testing.T) {
		results, err := one.Append(t.Context(), keyed(sender, "a"), keyed(sender, "a"), keyed(sender, "b"))
		if err != nil {
			t.Fatal(err)
		}
		first := results[0].Events[0].Position
		if results[1].Duplicate != first || results[1].DuplicateKey != domain.SendKey(sender, "a") {
			t.Errorf("the repeat got %+v, want the event at %d", results[1], first)
		}
		if len(results[2].Events) != 1 {
			t.Errorf("the other message was not stored: %+v", results[2])
		}
		if at, err := one.Holder(t.Context(), domain.SendKey(sender, "a")); err != nil || at != first {
			t.Errorf("Holder: %d, %v; want %d", at, err, first)
		}
	})

	t.Run("by many at once through two servers", func(t *testing.T) {
		const callers = 40
		var stored, repeats [callers]domain.Position
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				log := one
				if i%2 == 1 {
					log = two
				}
				results, err := log.Append(t.Context(), keyed(sender, "storm"))
				if err != nil {
					t.Error(err)
					return
				}
				if len(results[0].Events) > 0 {
					stored[i] = results[0].Events[0].Position
				}
				repeats[i] = results[0].Duplicate
			})
		}
		wg.Wait()
		var first domain.Position
		for _, p := range stored {
			if p > 0 && first > 0 {
				t.Fatalf("stored at %d and at %d", first, p)
			}
			first = max(first, p)
		}
		for i, p := range repeats {
			if stored[i] == 0 && p != first {
				t.Errorf("caller %d was told of %d, want %d", i, p, first)
			}
		}
	})
}

func TestAClaimIsTakenIfFree(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	m, user := newID(), newID()
	receipt := func(read bool) domain.Decision {
		d := domain.Decision{Actor: domain.Actor{ID: user, Auth: domain.AuthToken}}
		var data domain.Data = &domain.MessageDelivered{MessageID: m, ConversationID: newID(), SenderID: newID(), UserID: user}
		d.Keys = []domain.Key{domain.DeliveredKey(m, user)}
		if read {
			data = &domain.MessageRead{MessageID: m, ConversationID: newID(), SenderID: newID(), UserID: user}
			d.Keys = []domain.Key{domain.ReadKey(m, user)}
			d.Claims = []domain.Key{domain.DeliveredKey(m, user)}
		}
		d.Drafts = []domain.Draft{{Stream: domain.ReceiptStream(m), Data: data}}
		return d
	}
	// Read, then a late delivered in the same call: it is a repeat.
	results, err := l.Append(t.Context(), receipt(true), receipt(false))
	if err != nil {
		t.Fatal(err)
	}
	if len(results[0].Events) != 1 || results[1].Duplicate != results[0].Events[0].Position {
		t.Errorf("read then delivered: %+v", results)
	}
	// Delivered, then read: both are stored.
	m = newID()
	if results, err = l.Append(t.Context(), receipt(false), receipt(true), receipt(true)); err != nil {
		t.Fatal(err)
	}
	if len(results[0].Events) != 1 || len(results[1].Events) != 1 || results[2].Duplicate != results[1].Events[0].Position {
		t.Errorf("delivered then read twice: %+v", results)
	}
}

// TestManyRepeatsTakeFewCalls: hundreds of repeats at once, of what is in the log or of what comes with them, do not go to the database
// one by one. Everybody's appends would wait behind them.
func TestManyRepeatsTakeFewCalls(t *testing.T) {
	t.Parallel()
	p := newProxy(t, pgtest.New(t).DSN)
	l := eventstoretest.Open(t, p.dsn)
	sender := newID()
	repeats := make([]domain.Decision, 300)
	for i := range repeats {
		repeats[i] = keyed(sender, "a")
	}
	for round := range 2 {
		before := p.calls.Load()
		results, err := l.Append(t.Context(), repeats...)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			if stored := round == 0 && i == 0; stored != (len(r.Events) == 1) || stored == (r.Duplicate == 1) || r.Head < 1 {
				t.Fatalf("round %d, command %d: got %+v", round, i, r)
			} else if !stored && r.DuplicateKey != domain.SendKey(sender, "a") {
				t.Fatalf("round %d, command %d: got the key %v", round, i, r.DuplicateKey)
			}
		}
		if calls := p.calls.Load() - before; calls > 5 {
			t.Errorf("round %d: %d calls, want a few", round, calls)
		}
	}
	if n := l.Counters().Repeats; n != 599 {
		t.Errorf("%d repeats were counted, want 599", n)
	}
}
