package fleet

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"chainmail/eventstore/localpg"
)

// Following says how a standby follows the primary.
type Following int

// No standby; one without whose disk nothing is committed; one that follows as fast as it can, and may lack the end.
const (
	NoStandby Following = iota
	Synchronous
	Asynchronous
)

// standbyName is what the standby calls itself when it connects.
const standbyName = "standby"

// replication are the settings of a server that has a standby, or is one.
var replication = []string{"wal_keep_size=256MB", "wal_retrieve_retry_interval=200ms", "wal_receiver_timeout=5s", "hot_standby=on"}

// startStandby starts a standby beside the primary.
func (f *Fleet) startStandby(ctx context.Context) error {
	if f.config.Standby == NoStandby {
		return nil
	}
	p := &Postgres{dir: filepath.Join(f.config.Dir, "postgres-2"), env: f.Postgres.env, settings: f.Postgres.settings, Clock: f.Postgres.Clock}
	if err := makeFolder(p.dir); err != nil {
		return err
	}
	f.Standby = p
	return f.Follow(ctx)
}

// Follow makes the standby, which is down, a copy of the primary, and returns when it follows.
func (f *Fleet) Follow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := f.copyPrimary(ctx); err != nil {
		return fmt.Errorf("copy the primary: %w", err)
	}
	if err := f.Standby.Start(ctx); err != nil {
		return err
	}
	if f.config.Standby == Synchronous {
		for _, statement := range []string{`ALTER SYSTEM SET synchronous_standby_names = ` + standbyName, `SELECT pg_reload_conf()`} {
			if err := f.Postgres.execute(ctx, statement); err != nil {
				return err
			}
		}
	}
	return f.awaitFollowing(ctx)
}

// copyPrimary fills the standby's folder anew.
func (f *Fleet) copyPrimary(ctx context.Context) (err error) {
	data := filepath.Join(f.Standby.dir, "data")
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	primary, err := os.Stat(filepath.Join(f.Postgres.dir, "data"))
	if err != nil {
		return err
	}
	if err := os.Mkdir(data, 0o700); err != nil {
		return err
	}
	if owner := primary.Sys().(*syscall.Stat_t); os.Geteuid() == 0 { // PostgreSQL's user, who writes there
		if err := os.Chown(data, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	tools, err := localpg.FindTools(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tools.Close()) }()
	output, err := os.OpenFile(filepath.Join(f.Standby.dir, "copy.log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer output.Close()
	backup, err := tools.Start(output, "pg_basebackup", "-D", data, "-R", "-X", "stream", "-c", "fast", "--no-sync",
		"-d", fmt.Sprintf("host=%s user=postgres application_name=%s", filepath.Dir(f.Postgres.socket), standbyName))
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { backup.Signal(syscall.SIGKILL) })()
	return backup.Wait()
}

// awaitFollowing waits until the standby has all that the primary had a moment ago.
func (f *Fleet) awaitFollowing(ctx context.Context) error {
	db, err := sql.Open("postgres", f.Postgres.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	var end string
	if err := db.QueryRowContext(ctx, `SELECT pg_current_wal_lsn()`).Scan(&end); err != nil {
		return fmt.Errorf("read the end of the WAL: %w", err)
	}
	const query = `
		SELECT EXISTS (
			SELECT
			FROM pg_stat_replication
			WHERE state = 'streaming' AND replay_lsn >= $1::pg_lsn AND (NOT $2 OR sync_state = 'sync'))`
	for {
		var follows bool
		if err := db.QueryRowContext(ctx, query, end, f.config.Standby == Synchronous).Scan(&follows); err != nil {
			return fmt.Errorf("ask for the standby: %w", err)
		}
		if follows {
			return nil
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("wait for the standby: %w", err)
		}
	}
}

// Promote has the standby take the place of the primary, which is down. The old primary is the standby then, down until Follow. The
// servers find the new one after Lead.
func (f *Fleet) Promote(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := f.Standby.execute(ctx, `SELECT pg_promote(true, 60)`); err != nil {
		return err
	}
	f.Postgres, f.Standby = f.Standby, f.Postgres
	return nil
}

// Lead leads the servers to the primary.
func (f *Fleet) Lead() {
	f.socket.Store(new(f.Postgres.socket))
	for _, p := range f.Proxies() {
		p.Reset()
	}
}

// execute runs a statement that changes a server itself.
func (p *Postgres) execute(ctx context.Context, statement string) error {
	db, err := sql.Open("postgres", p.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
