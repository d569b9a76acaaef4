package limit_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/clustertest"
	"chainmail/transport/limit"
)

func TestMain(m *testing.M) {
	// A listener of lib/pq whose database went away sleeps some seconds before it sees that it was closed.
	goleak.VerifyTestMain(pgtest.Runner{M: m}, goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
}

// sharing is a server with two limiters that count together with others.
type sharing struct {
	*clustertest.Server
	few, many *limit.Limiter
}

func share(t *testing.T, w *clustertest.World) *sharing {
	s := &sharing{Server: w.Add(), few: limit.New(10), many: limit.New(1_000)}
	e := limit.NewExchange(s.Node, w.Now)
	e.Add("few", s.few)
	e.Add("many", s.many)
	s.Node.Add(e)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	w.Run(s.Server)
	return s
}

// left counts how much of one's limit a user may do still, by doing it at a time that does not matter to others.
func left(l *limit.Limiter, user domain.ID, now time.Time) (n int) {
	for {
		if _, ok := l.Allow(user, 1, now); !ok {
			return n
		}
		n++
	}
}

// TestCountTogether: what is let through at one server counts at the others, for its user and its limiter.
func TestCountTogether(t *testing.T) {
	t.Parallel()
	w := clustertest.New(t, pgtest.Empty(t).DSN)
	a, b, c := share(t, w), share(t, w), share(t, w)
	ann, bob := domain.ID{1}, domain.ID{2}
	a.few.Allow(ann, 3, w.Now()) // while it is alone
	w.Advance(2 * time.Second)
	for i := range 4 {
		[]*sharing{a, b}[i%2].few.Allow(ann, 2, w.Now())
	}
	a.many.Allow(ann, 1, w.Now())
	for i := range 500 { // some words full
		var user domain.ID
		binary.BigEndian.PutUint64(user[:], uint64(i)|1<<63)
		b.many.Allow(user, 1+i, w.Now())
	}
	w.Eventually("a hears of the last", func() bool { return a.many.Users() == 501 })
	w.Eventually("c hears of the last", func() bool { return c.many.Users() == 501 })
	if _, ok := c.few.Allow(ann, 3, w.Now()); ok {
		t.Error("8 of 10 elsewhere, and 3 were let through")
	}
	if retry, ok := a.few.Allow(ann, 1, w.Now()); ok || retry != limit.Window-2*time.Second {
		t.Errorf("3 here and 8 with others of 10: got %v, %v, want refused until the first 3 are over", retry, ok)
	}
	var last domain.ID
	binary.BigEndian.PutUint64(last[:], 499|1<<63)
	if got := left(a.many, last, w.Now()); got != 500 {
		t.Errorf("500 of 1,000 elsewhere: %d are left", got)
	}
	for l, want := range map[*limit.Limiter]int{c.few: 2, b.few: 2, c.many: 999} {
		if got := left(l, ann, w.Now()); got != want {
			t.Errorf("left: got %d, want %d", got, want)
		}
	}
	if got := left(c.few, bob, w.Now()); got != 10 {
		t.Errorf("another user's: got %d, want 10", got)
	}
	if got := a.few.Refused() + a.many.Refused(); got != 2 {
		t.Errorf("refused at a: got %d, want its own two", got)
	}
}

// TestChargeBeyondTheLimit: what others let through may be more than the limit; then the newest decide when there is room.
func TestChargeBeyondTheLimit(t *testing.T) {
	t.Parallel()
	l, user := limit.New(3), domain.ID{1}
	for i := range 5 {
		l.Charge(user, 1, start.Add(time.Duration(i)*time.Second))
	}
	if retry, ok := l.Allow(user, 1, start.Add(10*time.Second)); ok || retry != 52*time.Second {
		t.Errorf("5 of 3: got %v, %v, want refused for 52s, until the third is over", retry, ok)
	}
	l.Charge(user, 99, start.Add(11*time.Second))
	if retry, ok := l.Allow(user, 1, start.Add(11*time.Second)); ok || retry != limit.Window {
		t.Errorf("99 at once of 3: got %v, %v, want refused for the window", retry, ok)
	}
	if l := limit.New(0); true {
		l.Charge(user, 1, start)
		if got := l.Users(); got != 0 {
			t.Errorf("users without a limit: got %d, want 0", got)
		}
	}
}

// TestBadCharges: a word that cannot be read charges nothing beyond what it says.
func TestBadCharges(t *testing.T) {
	t.Parallel()
	l := limit.New(10)
	e := limit.NewExchange(nil, func() time.Time { return start })
	e.Add("few", l)
	whole := append([]byte("\x03few"), append(make([]byte, 16), 4)...)
	for _, body := range []string{
		"", "\x03", "\x03few", "\x04few", "\xfffew", "\x04else0123456789abcdef\x01", string(whole[:20]), string(whole[:20]) + "\xff\xff",
		string(whole) + "0123456789abcdef", string(whole[:20]) + "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	} {
		e.Hear(cluster.Word{Kind: cluster.Charges, Body: []byte(body)})
	}
	if got := left(l, domain.ID{}, start); got != 6 {
		t.Errorf("left: got %d of 10, want 6", got)
	}
	if got := l.Users(); got != 1 {
		t.Errorf("users: got %d, want 1", got)
	}
	e.Hear(cluster.Word{Kind: cluster.Charges, Body: append(whole[:20:20], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"...)})
	if got := left(l, domain.ID{}, start); got != 0 {
		t.Errorf("after a weight of 2^64-1: %d are left, want 0", got)
	}
}

// BenchmarkAllowAlone is BenchmarkAllow of a limiter that would tell others.
func BenchmarkAllowAlone(b *testing.B) {
	l, now := limit.New(1000), start
	limit.NewExchange(cluster.NewNode(nil, domain.ID{1}, cluster.Settings{}), time.Now).Add("few", l)
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(100 * time.Millisecond)
		l.Allow(domain.ID{1}, 1, now)
	}
}
