package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chainmail/eventstore/replicatest"
)

// A primary that dies under load, and a synchronous standby that takes its place: nothing that was acknowledged is lost or doubled,
// and everything reaches everybody in order, through a server that goes on by itself.
func TestFailoverToASynchronousStandby(t *testing.T) {
	t.Parallel()
	p := replicatest.Start(t, replicatest.Options{Synchronous: true})
	g := newGate(t, p.First.URL("chainmail"))
	m := onDatabase(t, g.dsn)
	s := m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0", "--batch-interval", "100ms")
	c := newCrowd(t, m, s, 8)
	c.start()
	defer c.wg.Wait()
	defer close(c.done)
	standby, err := sql.Open("postgres", p.Second.URL("chainmail"))
	if err != nil {
		t.Fatal(err)
	}
	defer standby.Close()
	c.awaitAcks(100)
	if _, err := standby.Exec(`SELECT pg_wal_replay_pause()`); err != nil { // it has all of it, and does not show it yet
		t.Fatal(err)
	}
	c.awaitAcks(100)
	p.First.Crash(t)
	g.leadTo(p.Second.URL("chainmail"))
	s.awaitReady(503, "the database is away") // a standby that is behind is no log that was cut short
	p.Second.Promote(t)
	s.awaitReady(200, `"status":"ready"`)
	c.awaitAcks(200)
	close(c.closing)
	eventually(t, "every message is acknowledged", c.quiet)
	c.compare(standby)
	if strings.Contains(s.said(), "cut short") {
		t.Error("the server took the failover for a loss")
	}
}

// awaitNote waits until a server has noted beside its checkpoint what was lost.
func (m *machine) awaitNote(dir string) {
	m.t.Helper()
	file := filepath.Join(dir, "checkpoint.lost")
	eventually(m.t, "the loss is noted", func() bool {
		raw, err := os.ReadFile(file)
		return err == nil && strings.Contains(string(raw), `"position"`)
	})
}

// A standby that lacked the log's end, and took the primary's place: a server that knew it notices, whether the log is shorter now or
// others have gone on with it meanwhile, and stays unready, restarted or not, until an operator accepts that.
func TestFailoverThatLosesEvents(t *testing.T) {
	t.Parallel()
	p := replicatest.Start(t, replicatest.Options{})
	type site struct {
		*machine
		*served
		gate *gate
		dir  string
	}
	start := func() *site {
		g, dir := newGate(t, p.First.URL("chainmail")), t.TempDir()
		m := newMachine(t, dir, "CHAINMAIL_DATABASE_URL="+g.dsn, "CHAINMAIL_JWT_SECRET="+testSecret)
		return &site{m, m.serve("--listen", "127.0.0.1:0", "--batch-interval", "1h"), g, dir} // nothing is sealed
	}
	shorter, overwritten := start(), start()
	alice, bob := shorter.must("user", "add", "Alice"), shorter.must("user", "add", "Bob")
	tokenA, tokenB := shorter.must("token", alice), shorter.must("token", bob)
	exchange(t, shorter.connect(tokenA), overwritten.connect(tokenB), alice, bob)
	p.Await(t)
	p.Second.Stop(t)
	exchange(t, shorter.connect(tokenA), overwritten.connect(tokenB), alice, bob)
	for _, s := range []*site{shorter, overwritten} {
		s.gate.close()
	}
	p.First.Crash(t)
	p.Second.Start(t)
	p.Second.Promote(t)

	const lost = "is gone, or another has its place"
	shorter.gate.leadTo(p.Second.URL("chainmail"))
	shorter.awaitReady(503, lost)
	shorter.awaitNote(shorter.dir)
	shorter.checkDoubt(shorter.served, tokenA, bob)
	elsewhere := onDatabase(t, p.Second.URL("chainmail")) // a machine that has seen nothing
	for n := range 6 {
		elsewhere.must("user", "add", fmt.Sprint("User ", n))
	}
	overwritten.gate.leadTo(p.Second.URL("chainmail"))
	overwritten.awaitReady(503, lost)
	overwritten.awaitNote(overwritten.dir)
	overwritten.kill()
	again := overwritten.serve("--listen", "127.0.0.1:0")
	again.awaitReady(503, lost)
	overwritten.must("checkpoint", "accept")
	again.stop()
	again = overwritten.serve("--listen", "127.0.0.1:0")
	again.awaitReady(200, `"status":"ready"`)
	exchange(t, again.connect(tokenA), again.connect(tokenB), alice, bob)
}
