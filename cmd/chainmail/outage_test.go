package main

import (
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/migrations/pgtest"
)

// gate stands between the server and PostgreSQL and can be closed.
type gate struct {
	t   testing.TB
	dsn string // through the gate

	flow   sync.RWMutex // locked while nothing flows, though nobody hangs up
	mu     sync.Mutex
	target net.Addr              // guarded by mu
	closed bool                  // guarded by mu
	conns  map[net.Conn]struct{} // guarded by mu
	wg     sync.WaitGroup
}

// newGate stands before a test's database, whether that has a Unix socket or an address.
func newGate(t testing.TB, dsn string) *gate {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, conns: make(map[net.Conn]struct{}), target: addressOf(u)}
	query := u.Query()
	dir, err := os.MkdirTemp("", "gate") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	query.Set("host", dir)
	query.Set("sslmode", "disable")
	query.Del("port")
	u.Host, u.RawQuery = "", query.Encode()
	g.dsn = u.String()
	g.wg.Go(func() { g.accept(listener) })
	t.Cleanup(func() {
		listener.Close()
		g.close()
		g.wg.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return g
}

// addressOf is where the PostgreSQL of a URL listens.
func addressOf(u *url.URL) net.Addr {
	host, port := u.Query().Get("host"), u.Query().Get("port")
	if host == "" {
		host, port = u.Hostname(), u.Port()
	}
	if port == "" {
		port = "5432"
	}
	if strings.HasPrefix(host, "/") {
		return address{"unix", filepath.Join(host, ".s.PGSQL."+port)}
	}
	return address{"tcp", net.JoinHostPort(host, port)}
}

type address struct{ network, text string }

func (a address) Network() string { return a.network }
func (a address) String() string  { return a.text }

func (g *gate) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		g.mu.Lock()
		target := g.target
		g.mu.Unlock()
		server, err := net.Dial(target.Network(), target.String())
		if err != nil {
			client.Close()
			continue
		}
		g.mu.Lock()
		if g.closed {
			client.Close()
			server.Close()
		}
		g.conns[client], g.conns[server] = struct{}{}, struct{}{}
		g.mu.Unlock()
		g.wg.Go(func() { g.pump(client, server) })
		g.wg.Go(func() { g.pump(server, client) })
	}
}

// pump copies until either side ends.
func (g *gate) pump(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		g.flow.RLock()
		if n > 0 && err == nil {
			_, err = to.Write(buffer[:n])
		}
		g.flow.RUnlock()
		if err != nil {
			return
		}
	}
}

// close cuts all connections and lets no new one through.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for c := range g.conns {
		c.Close()
	}
	clear(g.conns)
}

// leadTo cuts all connections, and lets new ones through to another server.
func (g *gate) leadTo(dsn string) {
	g.t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		g.t.Fatal(err)
	}
	g.close()
	g.mu.Lock()
	g.target = addressOf(u)
	g.mu.Unlock()
	g.open()
}

// freeze lets nothing through until thaw is called, or the test ends.
func (g *gate) freeze() (thaw func()) {
	g.flow.Lock()
	thaw = sync.OnceFunc(g.flow.Unlock)
	g.t.Cleanup(thaw)
	return thaw
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = false
}

// A database that goes away makes the server unready and refuses what would be stored; when it is back,
// all goes on, for those who stayed connected too.
func TestDatabaseGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	g := newGate(t, pgtest.New(t).DSN)
	m := onDatabase(t, g.dsn)
	alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
	s := m.serve("--listen", "127.0.0.1:0")
	s.awaitReady(200, `"status":"ready"`)
	tokenA := m.must("token", alice)
	a, b := s.connect(tokenA), s.connect(m.must("token", bob))
	exchange(t, a, b, alice, bob)
	for round := range 2 {
		g.close()
		s.awaitReady(503, `"status":"unready"`)
		if status, _ := s.get("/healthz"); status != 200 {
			t.Errorf("/healthz without a database: got %d, want 200: it lives", status)
		}
		a.say(bob, "lost", "is anybody there?")
		a.limit()
		f, err := readFrame(a.conn)
		unknown := websocket.IsCloseError(err, websocket.CloseServiceRestart) // it was on its way when the database went
		if !unknown && (err != nil || f.Code != "unavailable" || f.ClientMessageID != "lost") {
			t.Fatalf("round %d, a send without a database: got %+v, %v, want unavailable or 1012", round, f, err)
		}
		g.open()
		s.awaitReady(200, `"degraded":[]`)
		if unknown {
			a = s.connect(tokenA)
		}
		exchange(t, a, b, alice, bob)
	}
	a.say(bob, "lost", "is anybody there?")
	if f := a.await("message_sent"); f.Duplicate {
		t.Error("what was unavailable had been stored")
	}
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
}

// An operator's end is quick without the database too.
func TestTerminateWithoutDatabase(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]func(*gate){
		"gone":   (*gate).close,
		"silent": func(g *gate) { g.freeze() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, pgtest.New(t).DSN)
			m := onDatabase(t, g.dsn)
			alice := m.must("user", "add", "Alice")
			bob := m.must("user", "add", "Bob")
			s := m.serve("--listen", "127.0.0.1:0")
			c := s.connect(m.must("token", alice))
			away(g)
			c.say(bob, "1", "is anybody there?")
			began := time.Now()
			if status := s.stop(); status != 0 {
				t.Errorf("exit status: got %d, want 0", status)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("ending took %s, want at most 10 s", took)
			}
			if code := c.awaitClose(); code != 1012 {
				t.Errorf("close code: got %d, want 1012", code)
			}
		})
	}
}

// A database that falls silent, as behind a network that drops packets, is away too.
func TestDatabaseFallsSilent(t *testing.T) {
	t.Parallel()
	g := newGate(t, pgtest.New(t).DSN)
	m := onDatabase(t, g.dsn)
	alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
	s := m.serve("--listen", "127.0.0.1:0")
	a, b := s.connect(m.must("token", alice)), s.connect(m.must("token", bob))
	exchange(t, a, b, alice, bob)
	thaw := g.freeze()
	s.awaitReady(503, `"status":"unready"`)
	thaw()
	s.awaitReady(200, `"degraded":[]`)
	exchange(t, a, b, alice, bob)
}
