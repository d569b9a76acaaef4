// Package redistest gives a test a Redis of its own, that it can stop and start again.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"chainmail/internal/porttest"
)

// patience is how long a server may take to answer.
const patience = time.Minute

// busDistance is how far above its own port a cluster's node talks to the others.
const busDistance = 10_000

// Server is a redis-server.
type Server struct {
	// URL is its address: a Unix socket, or a port for one that was started with arguments.
	URL string
	// Port is 0 where it has only a socket.
	Port int
	// Client is a connection for the test's own use.
	Client *redis.Client

	t    testing.TB
	dir  string
	args []string

	mu      sync.Mutex
	process *exec.Cmd // guarded by mu; nil while it is stopped
}

// Start starts a server, which ends with the test. Where there is no redis-server the test is skipped, and fails in CI.
func Start(t testing.TB) *Server {
	t.Helper()
	s := prepare(t)
	socket := filepath.Join(s.dir, "redis.sock")
	s.args = []string{"--port", "0", "--unixsocket", socket}
	s.URL = "unix://" + socket
	s.open(&redis.Options{Network: "unix", Addr: socket})
	return s
}

// StartPort starts a server on a port, with further arguments.
func StartPort(t testing.TB, args ...string) *Server {
	t.Helper()
	s := prepare(t)
	s.Port = porttest.Lasting(t, busDistance)
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	s.args = append([]string{"--port", strconv.Itoa(s.Port), "--bind", "127.0.0.1"}, args...)
	s.URL = "redis://" + address
	s.open(&redis.Options{Addr: address})
	return s
}

// StartSentinel starts a Sentinel that watches a server as "main", and returns the address for clients.
func StartSentinel(t testing.TB, of *Server) (s *Server, url string) {
	t.Helper()
	s = prepare(t)
	s.Port = porttest.Lasting(t, busDistance)
	config := filepath.Join(s.dir, "sentinel.conf")
	// On a busy machine a server may be silent for long: it is not to be replaced for that.
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 %d 1\nsentinel down-after-milliseconds main %d\n",
		s.Port, of.Port, patience.Milliseconds())
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.args = []string{config, "--sentinel"}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port))
	s.open(&redis.Options{Addr: address})
	return s, "redis://" + address + "?master_name=main"
}

func prepare(t testing.TB) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("redis-server is not in PATH: run tools/redis.sh")
		}
		t.Skip("SKIPPED: redis-server is not in PATH: run tools/redis.sh")
	}
	dir, err := os.MkdirTemp("", "redis") // t.TempDir is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	return &Server{t: t, dir: dir}
}

func (s *Server) open(o *redis.Options) {
	s.t.Helper()
	s.Client = redis.NewClient(o)
	s.t.Cleanup(func() {
		s.Stop()
		_ = s.Client.Close()
		_ = os.RemoveAll(s.dir)
	})
	s.Start()
}

// Start starts the server again after Stop.
func (s *Server) Start() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	args := append(s.args, "--dir", s.dir, "--save", "", "--appendonly", "no", "--daemonize", "no")
	s.process = exec.Command("redis-server", args...)
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for s.Client.Ping(ctx).Err() != nil {
		if ctx.Err() != nil {
			s.t.Fatal("redis-server does not answer")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Stop ends the server as kill -9 does; twice does no harm.
func (s *Server) Stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
	s.process = nil
}

// Freeze stops the process as it stands, until the test ends: it takes connections and says nothing.
func (s *Server) Freeze() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.process.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatal(err)
	}
}
