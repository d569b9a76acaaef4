package web_test

import (
	"bufio"
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

// startLimit bounds how long a server may take to print its links.
const startLimit = time.Minute

// linkPattern finds the links that `serve --demo` prints, one for each demo user.
var linkPattern = regexp.MustCompile(`http://\S+/#token=\S+`)

// server is a chainmail of its own process, with a database of its own.
type server struct {
	links  []string // one for each demo user
	binary string
	args   []string
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd's output ended

	mu     sync.Mutex
	output bytes.Buffer // guarded by mu; standard error of all runs
}

// startServer builds the program and runs `serve --demo` until the test ends.
func startServer(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{binary: filepath.Join(dir, "chainmail")}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.binary, "chainmail/cmd/chainmail").CombinedOutput(); err != nil {
		t.Fatalf("build chainmail: %v\n%s", err, out)
	}
	s.args = []string{
		"serve", "--demo", "--database-url", pgtest.Empty(t).DSN, "--data-dir", dir,
		"--jwt-secret", strings.Repeat("browser-", 5), "--listen", "127.0.0.1:0",
	}
	t.Cleanup(s.kill)
	s.start(t)
	link, err := url.Parse(s.links[0])
	if err != nil {
		t.Fatal(err)
	}
	s.args[len(s.args)-1] = link.Host // a restart must be found where the first one was
	return s
}

// start runs the program and waits for its links.
func (s *server) start(t *testing.T) {
	t.Helper()
	s.cmd = exec.Command(s.binary, s.args...)
	s.cmd.Env = withoutSettings(os.Environ())
	s.cmd.Stderr = s
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 8) // more than the links of one run
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if link := linkPattern.FindString(lines.Text()); link != "" {
				found <- link
			}
		}
	}()
	s.links = nil
	limit := time.After(startLimit)
	for len(s.links) < 2 {
		select {
		case link := <-found:
			s.links = append(s.links, link)
		case <-s.ended:
			_ = s.cmd.Wait() // until its log is complete
			t.Fatalf("serve ended before it printed two links:\n%s", s.log())
		case <-limit:
			t.Fatalf("serve printed %d links in %v:\n%s", len(s.links), startLimit, s.log())
		}
	}
}

// kill ends the program as a crash would. Killing it twice is fine.
func (s *server) kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.ended
	_ = s.cmd.Wait()
	s.cmd = nil
}

// Write takes the program's standard error.
func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.Write(p)
}

// log is what the program wrote to standard error so far.
func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.output.String()
}

// withoutSettings drops what would configure the program from outside the test.
func withoutSettings(environ []string) []string {
	var kept []string
	for _, entry := range environ {
		if !strings.HasPrefix(entry, "CHAINMAIL_") && !strings.HasPrefix(entry, "DATABASE_URL=") {
			kept = append(kept, entry)
		}
	}
	return kept
}
