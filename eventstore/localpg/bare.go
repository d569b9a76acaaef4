package localpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Bare is a PostgreSQL on a folder of its own, as durable as [Use]'s, that nobody looks after: for tests that
// kill it and see what its next start finds.
type Bare struct {
	// Socket is the path of the Unix socket, which only PostgreSQL's user and root can open.
	Socket string
	// DSN is the URL of the database "postgres" for the user "postgres".
	DSN string

	server *child
	log    *os.File
}

// StartBare starts PostgreSQL on a folder that exists, making its data at the first time; ctx bounds the start alone. What an earlier server that
// was killed left running there is ended first. Settings (name=value) come after the usual ones and prevail. The caller ends it with Stop or Kill.
func StartBare(ctx context.Context, dir string, env []string, settings ...string) (_ *Bare, err error) {
	data := filepath.Join(dir, "data")
	if _, err := os.Stat(data); err == nil {
		if err := clearOrphans(data); err != nil {
			return nil, err
		}
	}
	id, err := chooseIdentity(data)
	if err != nil {
		return nil, err
	}
	bin, err := findBinaries(ctx, id, 0, filepath.Join(dir, "pgsql"))
	if err != nil {
		return nil, err
	}
	s := new(Bare)
	defer func() {
		if err != nil && s.log != nil {
			err = errors.Join(err, s.log.Close())
		}
	}()
	s.log, err = os.OpenFile(filepath.Join(dir, "postgres.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	c := cluster{id: id, bin: bin, data: data, sockets: filepath.Join(dir, "run"), log: s.log, env: env, reachable: true}
	c.settings = append(append(c.settings, durableSettings...), settings...)
	if err := clearSockets(id, c.sockets); err != nil {
		return nil, err
	}
	if err := c.initialize(ctx); err != nil {
		return nil, err
	}
	s.Socket, s.DSN = filepath.Join(c.sockets, ".s.PGSQL.5432"), socketDSN(c.sockets, "postgres")
	if s.server, err = c.start(ctx); err != nil {
		return nil, fmt.Errorf("in %s: %w", dir, err)
	}
	return s, nil
}

// Ended is closed when the server has ended, by itself or not.
func (s *Bare) Ended() <-chan struct{} { return s.server.done }

// Signal sends its main process a signal.
func (s *Bare) Signal(signal syscall.Signal) { s.server.signal(signal) }

// Kill ends the main process with SIGKILL and waits for it. Others of its processes may live on for a moment.
func (s *Bare) Kill() error {
	s.server.signal(syscall.SIGKILL)
	<-s.server.done
	return s.log.Close()
}

// Stop ends the server in order; clients are cut off.
func (s *Bare) Stop() error {
	stop(s.server)
	return s.log.Close()
}
