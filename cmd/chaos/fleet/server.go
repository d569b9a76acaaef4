package fleet

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"chainmail/cmd/chaos/fault"
)

// Server is one of the servers, and the proxies through which alone it reaches the others.
type Server struct {
	// Name is server-1 and so on.
	Name string
	// Database is the proxy between it and PostgreSQL.
	Database *fault.Proxy

	fleet   *Fleet
	redis   *fault.Proxy // nil where it uses none
	dir     string
	address atomic.Pointer[string] // where it listens; nil while it is down
	process *process               // nil while it is down
	Deaths  []string               // how it ended without being told
}

// newServer makes a server that does not run yet.
func (f *Fleet) newServer(n int, knowsRedis bool) (*Server, error) {
	s := &Server{Name: fmt.Sprintf("server-%d", n+1), fleet: f}
	s.dir = filepath.Join(f.config.Dir, s.Name)
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if s.Database, err = fault.Listen("127.0.0.1:0", f.primary); err != nil {
		return nil, err
	}
	if f.Redis != nil && knowsRedis {
		s.redis, err = fault.Listen("127.0.0.1:0", fault.To("unix", f.Redis.socket()))
	}
	return s, err
}

// Redis is the proxy between the server and Redis; nil where it uses none.
func (s *Server) Redis() *fault.Proxy { return s.redis }

// Address is where the server listens, empty while it is down.
func (s *Server) Address() string {
	if a := s.address.Load(); a != nil {
		return *a
	}
	return ""
}

// Start starts the server, or does nothing when it runs, and returns when it says where it listens.
func (s *Server) Start(ctx context.Context) error {
	if s.process != nil {
		if how, died := s.process.died(); !died {
			return nil
		} else {
			s.Deaths = append(s.Deaths, how)
		}
	}
	cmd := exec.Command(s.fleet.config.Program, "serve", "--listen", "127.0.0.1:0", "--rate-limit", "0", "--batch-interval", "1s",
		"--log-format", "json", "--database-url", "postgres://postgres@"+s.Database.Address()+"/postgres?sslmode=disable")
	if s.redis != nil {
		cmd.Args = append(cmd.Args, "--redis-url", "redis://"+s.redis.Address())
	}
	if s.fleet.config.Drain > 0 {
		cmd.Args = append(cmd.Args, "--drain", s.fleet.config.Drain.String())
	}
	cmd.Env = s.fleet.environment(s.dir)
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	s.process, err = run(cmd, s.Log(), writer)
	_ = writer.Close() // the process has its own
	if err != nil {
		return errors.Join(err, reader.Close())
	}
	return s.awaitAddress(ctx, reader)
}

// Log is the file with the server's log lines.
func (s *Server) Log() string { return filepath.Join(s.dir, "log") }

// awaitAddress reads where the server listens from what it prints.
func (s *Server) awaitAddress(ctx context.Context, output *os.File) error {
	defer context.AfterFunc(ctx, func() { _ = output.SetReadDeadline(time.Now()) })()
	_ = output.SetReadDeadline(time.Now().Add(patience))
	defer output.Close() // it prints no more than that
	line, err := bufio.NewReader(output).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "http://")
	if !found {
		return fmt.Errorf("%s did not start; see %s: %w", s.Name, s.Log(), errors.Join(err, context.Cause(ctx)))
	}
	s.address.Store(&address)
	return nil
}

// Ready reports whether the server says that it can append and push.
func (s *Server) Ready() bool {
	address := s.Address()
	if address == "" {
		return false
	}
	answer, err := s.fleet.http.Get("http://" + address + "/readyz")
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Run runs another command of the program as on the server's machine: see [Fleet.Run].
func (s *Server) Run(ctx context.Context, args ...string) (output string, status int, err error) {
	return s.fleet.runOn(ctx, s.dir, args)
}

// AwaitReason waits until the server says that it is unready for a reason, and returns what it says then; if that does not come, what it
// said last.
func (s *Server) AwaitReason(ctx context.Context, reason string) (said string) {
	for deadline := time.Now().Add(patience); ; {
		if answer, err := s.fleet.http.Get("http://" + s.Address() + "/readyz"); err != nil {
			said = err.Error()
		} else {
			body, _ := io.ReadAll(answer.Body) // what came of it is what was said
			_ = answer.Body.Close()
			said = fmt.Sprintf("%d %s", answer.StatusCode, body)
			if answer.StatusCode == http.StatusServiceUnavailable && bytes.Contains(body, []byte(reason)) {
				return said
			}
		}
		if time.Now().After(deadline) || sleep(ctx, 50*time.Millisecond) != nil {
			return said
		}
	}
}

// AwaitReady waits until the server is ready.
func (s *Server) AwaitReady(ctx context.Context) error {
	for deadline := time.Now().Add(patience); !s.Ready(); {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %s; see %s", s.Name, patience, s.Log())
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// End ends the server with a signal and waits for it.
func (s *Server) End(signal syscall.Signal) error {
	s.address.Store(nil)
	if s.process == nil {
		return nil
	}
	process := s.process
	s.process = nil
	if how, died := process.died(); died {
		s.Deaths = append(s.Deaths, how)
		return nil
	}
	return process.end(signal)
}

// Signal sends the server a signal that does not end it.
func (s *Server) Signal(signal syscall.Signal) { s.process.signal(signal) }

// Retire tells the server to end, and returns before it has: then End waits for it. Its address is still known.
func (s *Server) Retire() { s.process.signal(syscall.SIGTERM) }

func (s *Server) close() error {
	if s.process != nil {
		s.process.signal(syscall.SIGCONT)
	}
	errs := []error{s.End(syscall.SIGTERM), s.Database.Close()}
	if s.redis != nil {
		errs = append(errs, s.redis.Close())
	}
	return errors.Join(errs...)
}

// Trouble returns the lines of the server's log that no fault excuses: races, panics, and damage that it reports. lost is how many
// answers of PostgreSQL to an append it never got, so that it had to look for the events in the log.
func (s *Server) Trouble() (found []string, lost int, err error) {
	raw, err := os.ReadFile(s.Log())
	if err != nil {
		return nil, 0, err
	}
	for line := range bytes.Lines(raw) {
		if bytes.Contains(line, []byte("the answer to an append was lost")) {
			lost++
		}
		for _, sign := range []string{"DATA RACE", "panic:", "fatal error:", "an event cannot be read", "contradicts"} {
			if bytes.Contains(line, []byte(sign)) {
				found = append(found, strings.TrimSpace(string(line)))
				break
			}
		}
	}
	return found, lost, nil
}

// Ended waits for a server that was told to retire. Its address is forgotten when it has ended.
func (s *Server) Ended(ctx context.Context) error {
	select {
	case <-s.process.ended:
	case <-time.After(2 * patience):
		return fmt.Errorf("%s did not end", s.Name)
	case <-ctx.Done():
		return ctx.Err()
	}
	return s.End(syscall.SIGTERM)
}
