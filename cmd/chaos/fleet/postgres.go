package fleet

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	_ "github.com/lib/pq" // the driver

	"chainmail/cmd/chaos/fault"
	"chainmail/eventstore/localpg"
)

// Postgres is the fleet's database server.
type Postgres struct {
	// Disk is the small file system that it is on; nil for none.
	Disk *fault.Disk
	// Clock is its clock, where that can be made to jump; nil where it can't.
	Clock *fault.Clock

	dir      string
	env      []string
	settings []string
	server   *localpg.Bare // nil while it is down
	socket   string        // the same each time
	dsn      string
}

// settings keep the data small enough for a small disk, and durable.
var settings = []string{"max_connections=200", "max_wal_size=96MB", "min_wal_size=32MB", "shared_buffers=64MB"}

func (f *Fleet) startPostgres(ctx context.Context) error {
	p := &Postgres{dir: filepath.Join(f.config.Dir, "postgres"), settings: settings}
	if f.config.Standby != NoStandby {
		p.settings = append(slices.Clip(p.settings), replication...)
	}
	if f.config.Clock {
		if p.Clock, f.NoClock = fault.NewClock(f.config.Dir); f.NoClock == nil {
			p.env = p.Clock.Env()
		}
	}
	if err := makeFolder(p.dir); err != nil {
		return err
	}
	if f.config.DiskSize > 0 {
		p.Disk, f.NoDisk = fault.Mount(p.dir, f.config.DiskSize)
	}
	f.Postgres = p
	if err := p.Start(ctx); err != nil {
		return err
	}
	f.socket.Store(new(p.socket)) // Start writes its own again
	return nil
}

// makeFolder makes one that PostgreSQL's user can enter.
func makeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o711); err != nil {
		return err
	}
	return os.Chmod(dir, 0o711)
}

// DSN is the database's URL, without a proxy between.
func (p *Postgres) DSN() string { return p.dsn }

// Start starts it, or does nothing when it runs. Whatever it was doing when it was killed is recovered first.
func (p *Postgres) Start(ctx context.Context) error {
	if p.Running() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	server, err := localpg.StartBare(ctx, p.dir, p.env, p.settings...)
	if err != nil {
		return err
	}
	p.server, p.socket, p.dsn = server, server.Socket, server.DSN
	return nil
}

// Running reports whether it is up. It may have died by itself, as when its disk is full.
func (p *Postgres) Running() bool {
	if p.server == nil {
		return false
	}
	select {
	case <-p.server.Ended():
		return false
	default:
		return true
	}
}

// Kill ends its main process with SIGKILL.
func (p *Postgres) Kill() error {
	if p.server == nil {
		return nil
	}
	server := p.server
	p.server = nil
	return server.Kill()
}

// Stop ends it in order, whoever is connected.
func (p *Postgres) Stop() error {
	if p.server == nil {
		return nil
	}
	server := p.server
	p.server = nil
	return server.Stop()
}

// Freeze stops its main process, so that nobody new is let in, until Thaw.
func (p *Postgres) Freeze() { p.server.Signal(syscall.SIGSTOP) }

// Thaw lets it go on.
func (p *Postgres) Thaw() { p.server.Signal(syscall.SIGCONT) }

func (p *Postgres) close() error {
	err := p.Stop()
	if p.Disk != nil {
		err = errors.Join(err, p.Disk.Unmount())
	}
	return err
}

// Head returns the position of the last event that is no seal: seals come by themselves.
func (p *Postgres) Head(ctx context.Context) (head int64, err error) {
	return p.position(ctx, `SELECT coalesce(max(position), 0) FROM events WHERE type <> 'MerkleBatchSealed'`)
}

// Last returns the position of the last event.
func (p *Postgres) Last(ctx context.Context) (last int64, err error) {
	return p.position(ctx, `SELECT coalesce(max(position), 0) FROM events`)
}

func (p *Postgres) position(ctx context.Context, query string) (head int64, err error) {
	db, err := sql.Open("postgres", p.dsn)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := db.QueryRowContext(ctx, query).Scan(&head); err != nil {
		return 0, fmt.Errorf("read the head: %w", err)
	}
	return head, nil
}

// AwaitQuiet waits until nothing but seals was appended for a while, and returns where that is.
func (p *Postgres) AwaitQuiet(ctx context.Context, quiet time.Duration) (int64, error) {
	last, since := int64(-1), time.Now()
	for {
		head, err := p.Head(ctx)
		if err != nil {
			return 0, err
		}
		if head != last {
			last, since = head, time.Now()
		}
		if time.Since(since) >= quiet {
			return head, nil
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return 0, err
		}
	}
}

// sleep returns early, with the cause, when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Restart starts it after it has ended by itself.
func (p *Postgres) Restart(ctx context.Context) error {
	if err := p.Kill(); err != nil { // it waits for what is left, and closes its log
		return err
	}
	return p.Start(ctx)
}
