package eventstore_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// proxy stands between a log and PostgreSQL and can lose what the server answers.
type proxy struct {
	dsn    string // through the proxy
	target string
	lose   atomic.Int32 // how many appends are to be cut off before their answer
	cut    atomic.Bool  // lets nothing through
	calls  atomic.Int32 // how many requests had a message's payload; a long one counts more than once

	frozen atomic.Bool   // the next answer to an append waits until thaw is closed
	held   chan struct{} // gets a value when it waits; of capacity 1
	thaw   chan struct{}

	mu    sync.Mutex
	conns map[net.Conn]struct{} // guarded by mu
	wg    sync.WaitGroup
}

func newProxy(t *testing.T, dsn string) *proxy {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	dir, err := os.MkdirTemp("", "px") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	port := query.Get("port")
	if port == "" {
		port = "5432"
	}
	p := &proxy{
		target: filepath.Join(query.Get("host"), ".s.PGSQL."+port),
		held:   make(chan struct{}, 1),
		thaw:   make(chan struct{}),
		conns:  make(map[net.Conn]struct{}),
	}
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL."+port))
	if err != nil {
		t.Fatal(err)
	}
	query.Set("host", dir)
	u.RawQuery = query.Encode()
	p.dsn = u.String()
	p.wg.Go(func() { p.accept(listener) })
	t.Cleanup(func() {
		listener.Close()
		p.cutAll()
		p.wg.Wait()
		os.RemoveAll(dir)
	})
	return p
}

func (p *proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", p.target)
		if err != nil || p.cut.Load() {
			client.Close()
			if server != nil {
				server.Close()
			}
			continue
		}
		p.mu.Lock()
		p.conns[client], p.conns[server] = struct{}{}, struct{}{}
		p.mu.Unlock()
		var appending atomic.Bool
		p.wg.Go(func() { p.pump(server, client, &appending, true) })
		p.wg.Go(func() { p.pump(client, server, &appending, false) })
	}
}

// pump copies from one side to the other. A request that carries a message's payload marks the
// connection as appending; the answer to it is what gets lost, or waits.
func (p *proxy) pump(to, from net.Conn, appending *atomic.Bool, request bool) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if request && strings.Contains(string(buf[:n]), "MessageSent") {
				appending.Store(true)
				p.calls.Add(1)
			}
			if !request && appending.Load() && p.lose.Load() > 0 && p.lose.Add(-1) >= 0 {
				return // the server has committed; nobody hears of it
			}
			if !request && appending.Load() && p.frozen.CompareAndSwap(true, false) {
				p.held <- struct{}{}
				<-p.thaw
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func TestALostAnswerIsFoundInTheLog(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	p := newProxy(t, db.DSN)
	l := eventstoretest.Open(t, p.dsn)
	conversation := newID()
	if _, err := l.Append(t.Context(), message(conversation, newID(), "heard")); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		p.lose.Store(1)
		results, err := l.Append(t.Context(),
			message(conversation, newID(), "unheard"), message(conversation, newID(), "unheard too"))
		if err != nil {
			t.Fatal(err)
		}
		if p.lose.Load() > 0 {
			t.Fatal("no answer was lost")
		}
		first := domain.Version(2 + 2*i)
		if results[0].Events[0].Version != first || results[1].Events[0].Version != first+1 {
			t.Errorf("round %d: %+v", i, results)
		}
	}
	events, err := l.Read(t.Context(), 0, 100)
	if err != nil || len(events) != 11 {
		t.Fatalf("%d events are in the log (%v), want each of 11 once", len(events), err)
	}
	if n := l.Counters().LostAnswers; n != 5 {
		t.Errorf("%d answers were lost, want 5", n)
	}
}

// TestAFrozenServerHoldsNobodyUp: a server that stops between sending an append and hearing of it does not have the log's lock.
func TestAFrozenServerHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	p := newProxy(t, db.DSN)
	stuck, other := eventstoretest.Open(t, p.dsn), eventstoretest.Open(t, db.DSN)
	if _, err := other.Append(t.Context(), message(newID(), newID(), "connected")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 14*time.Second) // less than the time after which a call is given up
	defer cancel()
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(p.thaw)
	p.frozen.Store(true)
	wg.Go(func() {
		results, err := stuck.Append(t.Context(), message(newID(), newID(), "unheard for a while"))
		if err != nil || results[0].Events[0].Position != 2 {
			t.Errorf("the one that froze: got %+v, %v", results, err)
		}
	})
	<-p.held
	results, err := other.Append(ctx, message(newID(), newID(), "meanwhile"))
	if err != nil || results[0].Events[0].Position != 3 {
		t.Errorf("another one meanwhile: got %+v, %v", results, err)
	}
}

func TestAnAbsentDatabaseStoresNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	p := newProxy(t, db.DSN)
	l := eventstoretest.Open(t, p.dsn)
	if _, err := l.Append(t.Context(), message(newID(), newID(), "before")); err != nil {
		t.Fatal(err)
	}
	p.cut.Store(true)
	p.cutAll()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := l.Append(ctx, message(newID(), newID(), "while away"))
	if !errors.Is(err, eventstore.ErrUnavailable) && !errors.Is(err, eventstore.ErrUnknown) {
		t.Fatalf("got %v, want ErrUnavailable or ErrUnknown", err)
	}
	if err := l.Check(ctx); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Check: %v, want ErrUnavailable", err)
	}
	if _, err := l.Holder(ctx, domain.SendKey(newID(), "x")); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Holder: %v, want ErrUnavailable", err)
	}
	if _, err := l.Read(ctx, 0, 1); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("Read: %v, want ErrUnavailable", err)
	}
	p.cut.Store(false)
	if _, err = l.Append(ctx, message(newID(), newID(), "after")); err != nil {
		t.Errorf("the database is back: %v", err)
	}
	if err := l.Check(ctx); err != nil {
		t.Errorf("Check: %v", err)
	}
}

func TestOneBadEventFailsAlone(t *testing.T) {
	t.Parallel()
	l := eventstoretest.Open(t, pgtest.New(t).DSN)
	bad := message(newID(), newID(), "bad")
	bad.Drafts[0].Stream = "conversation-\xff" // no UTF-8, which only PostgreSQL notices
	results, err := l.Append(t.Context(),
		message(newID(), newID(), "good"), bad, message(newID(), newID(), "good too"))
	if err == nil {
		t.Fatal("the bad event was stored")
	}
	for i, want := range []int{1, 0, 1} {
		if got := len(results[i].Events); got != want {
			t.Errorf("command %d stored %d events, want %d", i, got, want)
		}
	}
}

func TestALogThatWasCutShortTakesNothing(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	l := eventstoretest.Open(t, db.DSN)
	for range 3 {
		if _, err := l.Append(t.Context(), message(newID(), newID(), "m")); err != nil {
			t.Fatal(err)
		}
	}
	// What a restored backup looks like to a server that kept running.
	_, err := db.SQL.ExecContext(t.Context(), `
		ALTER TABLE events DISABLE TRIGGER USER;
		ALTER TABLE events_000000 DISABLE TRIGGER USER;
		DELETE FROM events WHERE position = 3`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = l.Append(t.Context(), message(newID(), newID(), "m"))
	if !errors.Is(err, eventstore.ErrUnavailable) || !errors.Is(err, eventstore.ErrCutShort) {
		t.Errorf("Append: %v, want ErrUnavailable and ErrCutShort", err)
	}
	if err := l.Check(t.Context()); !errors.Is(err, eventstore.ErrCutShort) {
		t.Errorf("Check: %v, want ErrCutShort", err)
	}
	if head, err := l.Fresh(t.Context()); err != nil || head != 2 {
		t.Errorf("Fresh: got %d, %v, want what there is: reads go on", head, err)
	}
}
