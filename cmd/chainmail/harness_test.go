package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"chainmail/internal/porttest"
	"chainmail/migrations/pgtest"
)

// patience is how long a test waits for what has to come, on a machine that is busy.
const patience = 60 * time.Second

// machine is where the program runs: its environment, and as whom.
type machine struct {
	t          testing.TB
	program    string // found in PATH, or a path
	env        []string
	credential *syscall.Credential // nil: as we do
}

// endAtOnce spares each process that has the race detector the second that it would wait at its end.
const endAtOnce = "GORACE=atexit_sleep_ms=0"

// testSecret signs tokens where the database is an outside one.
const testSecret = "01234567890123456789012345678901"

// smallPolicy judges where the guard is not what is tested; after it, shippedPolicy has the program's own judge.
const (
	smallPolicy   = "CHAINMAIL_GUARD_POLICY=testdata/policy.yaml"
	shippedPolicy = "CHAINMAIL_GUARD_POLICY="
)

// newMachine returns one with a data directory, a small policy, and nothing of our environment that configures the program.
func newMachine(t testing.TB, dataDir string, env ...string) *machine {
	t.Helper()
	m := &machine{t: t, program: "chainmail", env: []string{"CHAINMAIL_DATA_DIR=" + dataDir, "CHAINMAIL_LOG_LEVEL=warn", smallPolicy, endAtOnce}}
	for _, name := range append([]string{"PATH", "HOME", "TMPDIR", "GOGC", "GOMEMLIMIT"}, postgresVariables...) {
		if value, ok := os.LookupEnv(name); ok {
			m.env = append(m.env, name+"="+value)
		}
	}
	m.env = append(m.env, env...) // the last one counts
	return m
}

// onDatabase returns a machine with an outside database.
func onDatabase(t testing.TB, dsn string) *machine {
	t.Helper()
	m := newMachine(t, t.TempDir(), "CHAINMAIL_DATABASE_URL="+dsn, "CHAINMAIL_JWT_SECRET="+testSecret)
	if strings.Contains(dsn, "/test_") { // one of pgtest's
		if pooled := pgtest.Pooled(t, dsn); pooled != "" {
			m.env = append(m.env, "CHAINMAIL_DATABASE_URL="+pooled, "CHAINMAIL_DIRECT_DATABASE_URL="+dsn)
		}
	}
	return m
}

func (m *machine) command(args ...string) *exec.Cmd {
	cmd := exec.Command(m.program, args...)
	cmd.Env = m.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: m.credential}
	return cmd
}

// run runs a command to its end.
func (m *machine) run(args ...string) (stdout, stderr string, status int) {
	m.t.Helper()
	var out, problems bytes.Buffer
	cmd := m.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.t.Fatalf("chainmail %s: %v", strings.Join(args, " "), err)
	}
	return out.String(), problems.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that has to succeed, and returns what it printed.
func (m *machine) must(args ...string) string {
	m.t.Helper()
	stdout, stderr, status := m.run(args...)
	if status != 0 {
		m.t.Fatalf("chainmail %s: status %d\n%s%s", strings.Join(args, " "), status, stdout, stderr)
	}
	return strings.TrimSpace(stdout)
}

// served is a running serve.
type served struct {
	t       testing.TB
	cmd     *exec.Cmd
	address string
	log     string        // file with its standard error
	ended   chan struct{} // closed when the process has ended
	lines   chan string   // what it prints after its address; what does not fit is dropped
}

// serve starts a server and returns when it says where it is. It is killed when the test ends.
func (m *machine) serve(args ...string) *served {
	m.t.Helper()
	log, err := os.CreateTemp("", "chainmail-serve-*.log")
	if err != nil {
		m.t.Fatal(err)
	}
	defer log.Close()
	s := &served{t: m.t, cmd: m.command(append([]string{"serve"}, args...)...), log: log.Name(), ended: make(chan struct{})}
	s.lines = make(chan string, 10)
	s.cmd.Stderr = log
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	found := make(chan string, 1) // the address, or nothing when it ended before
	go func() {                   // ends with the process
		defer close(s.ended)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if match := addressPattern.FindStringSubmatch(lines.Text()); match != nil {
				found <- match[1]
				continue
			}
			select {
			case s.lines <- lines.Text():
			default:
			}
		}
		_, _ = io.Copy(io.Discard, stdout) // a line too long for the scanner
		_ = s.cmd.Wait()                   // its status is in ProcessState
		close(found)
	}()
	m.t.Cleanup(s.cleanUp)
	select {
	case s.address = <-found:
	case <-time.After(patience):
	}
	if s.address == "" {
		m.t.Fatalf("serve %v did not start", args)
	}
	return s
}

var addressPattern = regexp.MustCompile(`^Chainmail is at http://(\S+)$`)

// line returns the next line that the server prints.
func (s *served) line() string {
	s.t.Helper()
	select {
	case line := <-s.lines:
		return line
	case <-time.After(patience):
		s.t.Fatal("the server prints nothing more")
		return ""
	}
}

// kill ends the server as kill -9 does, and waits until it has.
func (s *served) kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
}

// stop ends the server as an operator does and returns its exit status.
func (s *served) stop() int {
	s.t.Helper()
	return s.end(syscall.SIGTERM)
}

// end asks the server to end by a signal and returns its exit status, -1 if the signal ended it.
func (s *served) end(signal syscall.Signal) int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Fatal("the server does not end")
	}
	return s.cmd.ProcessState.ExitCode()
}

func (s *served) cleanUp() {
	s.kill()
	said, err := os.ReadFile(s.log)
	if err != nil {
		s.t.Error(err)
	}
	if bytes.Contains(said, []byte("DATA RACE")) || bytes.Contains(said, []byte("\npanic: ")) {
		s.t.Error("the server raced or panicked")
	}
	if s.t.Failed() {
		s.t.Logf("the server at %s said:\n%s", s.address, said[max(0, len(said)-4_000):])
	}
	if err := os.Remove(s.log); err != nil {
		s.t.Error(err)
	}
}

// lastingAddress is one that a server can have again when it starts again.
func lastingAddress(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", porttest.Lasting(t))
}

// get asks the server. A server that cannot be reached answers 0.
func (s *served) get(path string) (status int, body string) {
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + s.address + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(raw)
}

// awaitReady waits for an answer of /readyz.
func (s *served) awaitReady(status int, body string) {
	s.t.Helper()
	eventually(s.t, "/readyz answers "+http.StatusText(status)+" "+body, func() bool {
		got, text := s.get("/readyz")
		return got == status && strings.Contains(text, body)
	})
}

// eventually asks again and again whether something holds that another process brings about.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// embeddedDir returns a data directory that is given back when nobody uses its PostgreSQL any more.
func embeddedDir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	t.Cleanup(func() { awaitNoKeeper(t, dir) })
	return dir
}

// awaitNoKeeper waits until no keeper has the data directory.
func awaitNoKeeper(t testing.TB, dir string) {
	t.Helper()
	lock, err := os.Open(filepath.Join(dir, "postgres", "keeper.lock"))
	if err != nil {
		return // there never was one
	}
	defer lock.Close()
	eventually(t, "the keeper ends", func() bool {
		return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
	})
}
