package replicatest

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"chainmail/eventstore/localpg"
	"chainmail/internal/porttest"
)

// Server is one PostgreSQL of a Pair. Its methods belong to the test's goroutine and fail the test.
type Server struct {
	// Port is where it listens on 127.0.0.1, as long as the test lasts.
	Port int

	tools    *localpg.Tools
	name     string
	dir      string
	output   *os.File
	settings []string
	process  *localpg.Process // nil while it is stopped
}

func newServer(t testing.TB, tools *localpg.Tools, name string) *Server {
	t.Helper()
	dir, err := tools.Dir(name)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Port: porttest.Lasting(t), tools: tools, name: name, dir: dir, settings: []string{
		"fsync=off", "full_page_writes=off", "autovacuum=off", "jit=off", "max_connections=100", "shared_buffers=32MB",
		"wal_level=replica", "max_wal_senders=4", "wal_keep_size=256MB", "hot_standby=on",
		"cluster_name=" + name, "TimeZone=UTC", "log_checkpoints=off", "wal_receiver_timeout=5s",
	}}
	if s.output, err = os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Crash(t)
		if t.Failed() {
			content, _ := os.ReadFile(s.output.Name())
			t.Logf("what PostgreSQL said (%s):\n%s", name, content[max(0, len(content)-3000):])
		}
		s.output.Close()
	})
	return s
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) run(t testing.TB, program string, args ...string) {
	t.Helper()
	p, err := s.tools.Start(s.output, program, args...)
	if err == nil {
		err = p.Wait()
	}
	if err != nil {
		t.Fatalf("%s of the %s server: %v", program, s.name, err)
	}
}

func (s *Server) initialize(t testing.TB) {
	t.Helper()
	s.run(t, "initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums",
		"--no-instructions", "--no-sync", "-D", s.data())
}

// Follow makes this stopped server a copy of another that runs, and its standby from the next Start on. What it had is gone.
func (s *Server) Follow(t testing.TB, primary *Server) {
	t.Helper()
	if err := os.RemoveAll(s.data()); err != nil {
		t.Fatal(err)
	}
	s.run(t, "pg_basebackup", "-D", s.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync",
		"-d", fmt.Sprintf("host=127.0.0.1 port=%d user=postgres application_name=%s", primary.Port, s.name))
}

// Start starts it, as what it was or, if it did Follow, as a standby, and returns when it takes connections. Settings such as
// default_transaction_read_only=on hold until its end.
func (s *Server) Start(t testing.TB, settings ...string) {
	t.Helper()
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=127.0.0.1", "-c", fmt.Sprintf("port=%d", s.Port)}
	for _, setting := range append(append([]string{}, s.settings...), settings...) {
		args = append(args, "-c", setting)
	}
	var err error
	if s.process, err = s.tools.Start(s.output, "postgres", args...); err != nil {
		t.Fatal(err)
	}
	db := open(t, s.URL("postgres"))
	defer db.Close()
	eventually(t, "PostgreSQL to start", func() bool {
		select {
		case <-s.process.Ended():
			t.Fatalf("the %s server ended: %v", s.name, s.process.Wait())
		default:
		}
		return db.Ping() == nil
	})
}

// Stop ends it in good order: whoever is connected is cut off, what is committed goes to a standby that is connected.
func (s *Server) Stop(t testing.TB) { s.end(syscall.SIGINT) }

// Crash ends it at once, as kill -9 of all its processes would: the next Start recovers. A stopped one stays so.
func (s *Server) Crash(t testing.TB) { s.end(syscall.SIGQUIT) }

func (s *Server) end(how syscall.Signal) {
	if s.process == nil {
		return
	}
	s.process.Signal(how)
	<-s.process.Ended()
	s.process = nil
}

// Promote makes the standby a primary, and returns when it takes writes.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	execute(t, s.URL("postgres"), `SELECT pg_promote(true, 60)`)
}

// ReadOnly makes the running server refuse writes (SQLSTATE 25006) in transactions that begin from now on, those of
// connections that are open included, until ReadWrite.
func (s *Server) ReadOnly(t testing.TB) { s.readOnly(t, "on") }

// ReadWrite undoes ReadOnly.
func (s *Server) ReadWrite(t testing.TB) { s.readOnly(t, "off") }

func (s *Server) readOnly(t testing.TB, value string) {
	t.Helper()
	execute(t, s.URL("postgres"), `ALTER SYSTEM SET default_transaction_read_only = `+value)
	execute(t, s.URL("postgres"), `SELECT pg_reload_conf()`)
	eventually(t, "the setting to hold", func() bool { // for a new connection: the others were signalled before it was let in
		db := open(t, s.URL("postgres"))
		defer db.Close()
		var is string
		return db.QueryRow(`SHOW default_transaction_read_only`).Scan(&is) == nil && is == value
	})
}
