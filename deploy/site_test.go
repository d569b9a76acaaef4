package deploy_test

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

const (
	secret   = "01234567890123456789012345678901"
	patience = 60 * time.Second
)

// running is a program in the background.
type running struct {
	cmd   *exec.Cmd
	ended chan struct{}
}

// start starts a program, which is killed when the test ends, and shown if that has failed.
func start(t *testing.T, cmd *exec.Cmd) *running {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &running{cmd: cmd, ended: make(chan struct{})}
	go func() { defer close(r.ended); _ = cmd.Wait() }() // ends with the program
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-r.ended
		if t.Failed() {
			t.Logf("%s:\n%s", cmd.Path, read(t, log.Name()))
		}
		log.Close()
	})
	return r
}

// stop ends it as a service manager does, and returns its exit status.
func (r *running) stop(t *testing.T) int {
	t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.ended:
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
	return r.cmd.ProcessState.ExitCode()
}

// freeAddress returns an address that nobody listens on. Its port is below those that the system gives to whoever asks for any.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := "127.0.0.1:" + itoa(20_000+rand.IntN(12_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	t.Fatal("no port is free")
	return ""
}

// site is two servers as compose.yaml has them, on one database.
type site struct {
	t         *testing.T
	env       []string
	addresses [2]string
	admin     [2]string // where their metrics are
	servers   [2]*running
}

func newSite(t *testing.T) *site {
	s := &site{t: t, env: []string{
		"CHAINMAIL_DATABASE_URL=" + pgtest.Empty(t).DSN, "CHAINMAIL_JWT_SECRET=" + secret, "CHAINMAIL_EMBEDDED=false",
		"CHAINMAIL_DATA_DIR=" + t.TempDir(), "CHAINMAIL_NO_MIGRATE=true", "CHAINMAIL_TRUSTED_PROXIES=127.0.0.1",
	}}
	s.must("migrate", "up")
	for i := range s.servers { // at once, on an empty log, as compose starts them
		s.addresses[i], s.admin[i] = freeAddress(t), freeAddress(t)
		s.serve(i)
	}
	for i := range s.servers {
		s.awaitReady(i)
	}
	return s
}

func (s *site) serve(i int) {
	s.t.Helper()
	s.servers[i] = start(s.t, command(s.t, s.env, "serve", "--listen", s.addresses[i], "--admin-listen", s.admin[i]))
}

func (s *site) awaitReady(i int) {
	s.t.Helper()
	eventually(s.t, "server", func() error { return answers("http://"+s.addresses[i]+"/readyz", http.StatusOK) })
}

func (s *site) must(args ...string) string {
	s.t.Helper()
	cmd := command(s.t, s.env, args...)
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("chainmail %v: %v", args, err)
	}
	return strings.TrimSpace(string(output))
}

func eventually(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func answers(url string, status int) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}
