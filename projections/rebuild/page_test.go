package rebuild_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/rebuild"
)

// counting is a log that notes how many events were read at once.
type counting struct {
	*eventstore.Log
	mu   sync.Mutex
	most int // guarded by mu
}

func (l *counting) Read(ctx context.Context, after domain.Position, limit int) ([]domain.Event, error) {
	events, err := l.Log.Read(ctx, after, limit)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.most = max(l.most, len(events))
	return events, err
}

func bytesOf(events []domain.Event) (n int) {
	for _, e := range events {
		n += len(e.Payload) + len(e.Metadata) + len(e.Body)
	}
	return n
}

// makeLarge makes a log of which most events are messages of 10 KiB.
func makeLarge(t testing.TB, messages int) *pgtest.DB {
	t.Helper()
	db := pgtest.New(t)
	pool, err := eventstore.OpenDB(db.DSN)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(1)
	settled := w.settle(100, 60, 12, 6)
	load(t, pool, w, append(settled, large(w, messages)...), 0)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	return db
}

// large makes messages of 10 KiB.
func large(w *world, n int) []domain.Draft {
	var drafts []domain.Draft
	for range n {
		d := w.send()
		m := d.Data.(*domain.MessageSent)
		m.Content = strings.Repeat("0123456789abcdef", 640)
		hash := sha256.Sum256(append(m.Salt[:], m.Content...))
		m.ContentHash = hex.EncodeToString(hash[:])
		drafts = append(drafts, d)
	}
	return drafts
}

// Large events come to the projection in pages that are bounded by their bytes, small ones in pages of many reads.
func TestPagesAreBounded(t *testing.T) {
	t.Parallel()
	const fullPage, oneRead = 8 << 20, 1000 * 11 << 10
	db := makeLarge(t, 3000)
	l := &counting{Log: eventstoretest.Open(t, db.DSN)}
	most := 0
	p := tally(t, l.Log, func(events []domain.Event) error {
		most = max(most, bytesOf(events))
		return nil
	})
	if _, err := rebuild.Run(t.Context(), l, p, nil); err != nil {
		t.Fatal(err)
	}
	if most < fullPage/2 || most > fullPage+oneRead {
		t.Errorf("a page has %d bytes", most)
	}
	if l.most > 1000 {
		t.Errorf("%d events were read at once", l.most)
	}
	wantEqual(t, l.Log, p)
}

// What a projection does not want does not make its pages small.
func TestPagesOfFewTypes(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, makeLarge(t, 3000).DSN)
	var pages []int
	p := tally(t, l, func(events []domain.Event) error {
		pages = append(pages, len(events))
		return nil
	})
	p.Types = []domain.Type{domain.TypeUserRegistered, domain.TypeConversationStarted}
	if _, err := rebuild.Run(t.Context(), l, p, nil); err != nil {
		t.Fatal(err)
	}
	if len(pages) != 1 || pages[0] < 150 {
		t.Errorf("got pages of %v events, want one", pages)
	}
}

// Small events are gathered into large transactions.
func TestPagesOfSmallEvents(t *testing.T) {
	t.Parallel()
	l, _ := openWorld(t, 1, 5000)
	most := 0
	p := tally(t, l, func(events []domain.Event) error {
		most = max(most, len(events))
		return nil
	})
	mustRun(t, l, p)
	if most < 5000 {
		t.Errorf("the largest page has %d events, want all", most)
	}
}
