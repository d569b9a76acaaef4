package eventstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// session is the appender's connection. It names the backend behind it, so that a call whose
// answer was lost can be stopped for good before it is looked for.
type session struct {
	conn    *sql.Conn
	append  *sql.Stmt
	pid     int
	started time.Time // of the backend, since process ids are used again
	used    time.Time // when it last answered
}

// idleLimit is how long a session may have been idle to be used unseen. One that was idle for
// longer is asked first, so that a database that went away in a quiet hour is noticed before an
// append is on its way, whose fate would then be unknown.
const idleLimit = time.Second

// connectTimeout bounds how long callers wait for a database that is away.
const connectTimeout = 5 * time.Second

// connect makes a session if there is none that answers. Appends are durable whatever the database's default.
func (a *appender) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	if a.session != nil && time.Since(a.session.used) > idleLimit {
		if err := a.session.conn.PingContext(ctx); err != nil {
			a.log.logger.Info("the idle connection to the database was lost", "error", err)
			a.disconnect()
		}
	}
	if a.session != nil {
		return nil
	}
	conn, err := a.log.direct.Conn(ctx)
	if err != nil {
		return err
	}
	s := &session{conn: conn}
	if err := s.prepare(ctx); err != nil {
		return errors.Join(err, s.discard())
	}
	if err := a.recognise(ctx, s); err != nil {
		return errors.Join(err, s.discard())
	}
	a.session = s
	return nil
}

// recognise makes sure that what the session appends to is the log that this process knows, also when the database behind
// the address is another one by now.
func (a *appender) recognise(ctx context.Context, s *session) error {
	if err := a.log.examine(ctx, s.conn); err != nil {
		return err
	}
	if a.log.vouch == nil {
		return nil
	}
	return a.log.vouch(ctx)
}

func (s *session) prepare(ctx context.Context) error {
	if _, err := s.conn.ExecContext(ctx, `SET synchronous_commit = on`); err != nil {
		return fmt.Errorf("make appends durable: %w", err)
	}
	err := s.conn.QueryRowContext(ctx, `
		SELECT pid, backend_start
		FROM pg_stat_activity
		WHERE pid = pg_backend_pid()`).Scan(&s.pid, &s.started)
	if err != nil {
		return fmt.Errorf("name the backend: %w", err)
	}
	if s.append, err = s.conn.PrepareContext(ctx, appendSQL); err != nil {
		return fmt.Errorf("prepare append: %w", err)
	}
	return nil
}

// discard closes the connection for good, rather than giving it back to the pool.
func (s *session) discard() error {
	err := s.conn.Raw(func(any) error { return driver.ErrBadConn })
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

func (a *appender) disconnect() {
	if a.session == nil {
		return
	}
	if err := a.session.discard(); err != nil {
		a.log.logger.Debug("close the appender's connection", "error", err)
	}
	a.session = nil
}
