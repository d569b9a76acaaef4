package notify_test

import (
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/notify"
	"chainmail/transport/cluster/seal"
)

func TestMain(m *testing.M) {
	// A listener of lib/pq whose database went away sleeps some seconds before it sees that it was closed.
	goleak.VerifyTestMain(pgtest.Runner{M: m}, goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
}

// ear is a carrier that writes down what it hears.
type ear struct {
	*notify.Carrier
	id    domain.ID
	mu    sync.Mutex
	words []cluster.Word
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

// start runs a carrier until the test ends and returns when it listens.
func start(t testing.TB, dsn string, id domain.ID) *ear {
	t.Helper()
	db := open(t, dsn)
	e := &ear{Carrier: notify.New(dsn, db, id, key, slog.New(slog.DiscardHandler)), id: id}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx, e.hear) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	e.awaitEar(t, db)
	return e
}

// awaitEar sends garbage until it is heard, and forgets it.
func (e *ear) awaitEar(t testing.TB, db *sql.DB) {
	t.Helper()
	before := e.Garbage()
	eventually(t, "it listens", func() bool {
		_, err := db.Exec(`SELECT pg_notify('chainmail_words', 'garbage')`)
		return err == nil && e.Garbage() > before
	})
}

func (e *ear) hear(w cluster.Word) {
	e.mu.Lock()
	defer e.mu.Unlock()
	w.Body = slices.Clone(w.Body)
	e.words = append(e.words, w)
}

func (e *ear) heard() []cluster.Word {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.words)
}

func eventually(t testing.TB, what string, yes func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !yes(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never became true that %s", what)
		}
	}
}

// TestWordsOfThree: each hears what the others say, in order and as they said it, and nothing of its own; however long it is.
func TestWordsOfThree(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Empty(t).DSN
	ears := []*ear{start(t, dsn, domain.ID{1}), start(t, dsn, domain.ID{2}), start(t, dsn, domain.ID{3})}
	const each = 300
	long := strings.Repeat("x", cluster.MaxBody-4)
	for i := range each {
		for _, e := range ears {
			w := cluster.Word{Kind: cluster.Typing, To: cluster.Audience{User: domain.ID{byte(i)}}, Body: fmt.Appendf(nil, "%04d", i)}
			if i%2 == 0 { // together far more than 8,000 bytes
				w.Body = append(w.Body, long...)
			}
			e.Send(w)
		}
	}
	for _, e := range ears {
		eventually(t, "all is heard", func() bool { return len(e.heard()) >= 2*each })
		next := make(map[domain.ID]int)
		for _, w := range e.heard() {
			i := next[w.From]
			next[w.From]++
			want := 4
			if i%2 == 0 {
				want = cluster.MaxBody
			}
			if w.From == e.id || w.Kind != cluster.Typing || w.To.User != (domain.ID{byte(i)}) || len(w.Body) != want || string(w.Body[:4]) != fmt.Sprintf("%04d", i) {
				t.Fatalf("word %d of %v to %v: got %v to %v, %d bytes", i, w.From, e.id, w.Kind, w.To, len(w.Body))
			}
		}
		if e.Dropped() != 0 {
			t.Errorf("dropped: got %d, want 0", e.Dropped())
		}
	}
}

// TestGarbage: what is no payload is counted and passed over; of one that ends in the middle, what could be read is heard.
func TestGarbage(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Empty(t).DSN
	a, b := start(t, dsn, domain.ID{1}), start(t, dsn, domain.ID{2})
	db := open(t, dsn)
	b.Send(cluster.Word{Kind: cluster.Typing, Body: []byte("first")})
	eventually(t, "what woke it has passed", func() bool { return len(a.heard()) == 1 }) // all is heard in the order in which it was said
	before := a.Garbage()
	whole := string(cluster.Append(nil, cluster.Word{From: domain.ID{9}, Kind: cluster.Typing, Body: []byte("whole")}))
	cut, now := whole+whole[:20], time.Now()
	other := string(cluster.Append(nil, cluster.Word{From: domain.ID{8}, Kind: cluster.Typing, Body: []byte("in its name")}))
	for _, payload := range []string{
		"", "AQ=", "\n", "é", encode(whole), sealed(key, 1, now, 1, whole), sealed(key, 2, now, 2, cut), sealed(key, 2, now, 3, other),
	} {
		say(t, db, payload)
	}
	b.Send(cluster.Word{Kind: cluster.Typing, Body: []byte("last")})
	eventually(t, "words are heard", func() bool { return len(a.heard()) >= 3 })
	if got := a.Garbage() - before; got != 8 {
		t.Errorf("garbage: got %d, want 8", got)
	}
	for i, want := range []string{"first", "whole", "last"} {
		if got := a.heard()[i]; string(got.Body) != want {
			t.Errorf("word %d: got %q, want %q", i, got.Body, want)
		}
	}
}

// TestTooMuchIsDropped: where nothing is sent, words wait up to a bound, and are counted beyond it.
func TestTooMuchIsDropped(t *testing.T) {
	t.Parallel()
	c := notify.New("", nil, domain.ID{1}, key, slog.New(slog.DiscardHandler))
	w := cluster.Word{Kind: cluster.State, Body: make([]byte, cluster.MaxBody)}
	for range 4_000 { // 8 MB
		c.Send(w)
	}
	if got := c.Dropped(); got < 1_900 || got > 2_100 {
		t.Errorf("dropped: got %d of 4,000, want what is beyond 4 MiB", got)
	}
}

// TestDatabaseAway: while the database is away words are lost and counted; then it goes on.
func TestDatabaseAway(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	a, b := start(t, db.DSN, domain.ID{1}), start(t, db.DSN, domain.ID{2})
	var name string
	if err := db.SQL.QueryRow(`SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	admin := open(t, pgtest.Empty(t).DSN)
	do := func(format string) {
		t.Helper()
		if _, err := admin.Exec(fmt.Sprintf(format, name)); err != nil {
			t.Fatal(err)
		}
	}
	do(`ALTER DATABASE %s ALLOW_CONNECTIONS false`)
	t.Cleanup(func() { do(`ALTER DATABASE %s ALLOW_CONNECTIONS true`) })
	do(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%s'`)
	a.Send(cluster.Word{Kind: cluster.Typing, Body: []byte("lost")})
	eventually(t, "the word is lost", func() bool { return a.Dropped() == 1 })
	do(`ALTER DATABASE %s ALLOW_CONNECTIONS true`)
	b.awaitEar(t, open(t, db.DSN))
	a.Send(cluster.Word{Kind: cluster.Typing, Body: []byte("back")})
	eventually(t, "words are heard", func() bool { return len(b.heard()) >= 1 })
	if got := b.heard()[0]; string(got.Body) != "back" {
		t.Errorf("got %q, want back", got.Body)
	}
}

// TestSaidAtTheEnd: what waits when the server ends is said all the same.
func TestSaidAtTheEnd(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Empty(t).DSN
	b := start(t, dsn, domain.ID{2})
	db := open(t, dsn)
	if err := db.Ping(); err != nil { // the end does not leave the time for a new connection to a busy machine
		t.Fatal(err)
	}
	a := notify.New(dsn, db, domain.ID{1}, key, slog.New(slog.DiscardHandler))
	for i := range 10 {
		a.Send(cluster.Word{Kind: cluster.Typing, Body: []byte{byte(i)}})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := a.Run(ended, func(cluster.Word) {}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is heard", func() bool { return len(b.heard()) == 10 })
}

// TestForgers: what one can say who may only connect to the database does nothing: neither in his own words, nor in those that a server
// said before.
func TestForgers(t *testing.T) {
	t.Parallel()
	dsn := pgtest.Empty(t).DSN
	a, b := start(t, dsn, domain.ID{1}), start(t, dsn, domain.ID{2})
	db := open(t, dsn)
	word := func(body string) string {
		return string(cluster.Append(nil, cluster.Word{From: domain.ID{9}, Kind: cluster.Typing, Body: []byte(body)}))
	}
	now := time.Now()
	first, second := sealed(key, 2, now, 1, word("first")), sealed(key, 2, now, 2, word("second"))
	unsigned := encode("\x02" + string(seal.Stamp{From: domain.ID{9}, At: now.UnixMilli(), Number: 7}.Append(nil)) + word("unsigned"))
	for _, payload := range []string{
		first, second, unsigned,
		sealed([]byte("another key"), 2, now, 8, word("forged")),
		first, second, // again
		sealed(key, 2, now.Add(-31*time.Second), 9, word("stale")),
		sealed(key, 2, now.Add(40*time.Second), 10, word("of a clock that is ahead")),
		sealed(key, 2, now, 3, word("third")),
	} {
		say(t, db, payload)
	}
	b.Send(cluster.Word{Kind: cluster.Typing, Body: []byte("last")})
	var got []string
	eventually(t, "the last word is heard", func() bool {
		got = nil
		for _, w := range a.heard() {
			got = append(got, string(w.Body))
		}
		return slices.Contains(got, "last")
	})
	if want := []string{"first", "second", "third", "last"}; !slices.Equal(got, want) {
		t.Errorf("heard: got %q, want %q", got, want)
	}
}

// key is that of all servers of a test.
var key = []byte("of all servers")

// sealed is a payload of the server 9.
func sealed(key []byte, version byte, at time.Time, number uint64, words string) string {
	raw := seal.Stamp{From: domain.ID{9}, At: at.UnixMilli(), Number: number}.Append([]byte{version})
	return encode(string(seal.New(key).Sign("chainmail_words", append(raw, words...))))
}

func say(t testing.TB, db *sql.DB, payload string) {
	t.Helper()
	if _, err := db.Exec(`SELECT pg_notify('chainmail_words', $1)`, payload); err != nil {
		t.Fatal(err)
	}
}

func encode(raw string) string { return base64.RawStdEncoding.EncodeToString([]byte(raw)) }

// BenchmarkWord says one word after the other, each when the one before was heard, with the pause that a busy server makes.
func BenchmarkWord(b *testing.B) {
	dsn := pgtest.Empty(b).DSN
	from, to := start(b, dsn, domain.ID{1}), start(b, dsn, domain.ID{2})
	var waited time.Duration
	for b.Loop() {
		time.Sleep(notify.Pause)
		begin, before := time.Now(), to.count()
		from.Send(cluster.Word{Kind: cluster.Typing, Body: make([]byte, 33)})
		for to.count() == before {
			time.Sleep(10 * time.Microsecond)
		}
		waited += time.Since(begin)
	}
	b.ReportMetric(float64(waited)/float64(b.N), "ns/word")
}

func (e *ear) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.words)
}
