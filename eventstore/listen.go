package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
)

// channel is the name that append_events notifies, with the head as the payload.
const channel = "chainmail_events"

// pollEvery bounds how long an append of another process can go unnoticed when its notification
// is lost, as it is while this process is connecting again.
const pollEvery = time.Second

// listen wakes the log on appends of other processes, until ctx ends. Its own appends notify it
// too, and are known already.
func (l *Log) listen(ctx context.Context) {
	for ctx.Err() == nil {
		if err := l.hear(ctx); err != nil && ctx.Err() == nil {
			l.logger.Debug("cannot listen; the head is read meanwhile", "error", err) // a standby refuses it
			l.refreshHead(ctx)
			wait(ctx, pollEvery)
		}
	}
}

// wait waits, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// hear listens on one connection, made anew when it breaks, until ctx ends or the database is found to be read-only: then another
// host may be the primary, and nothing of what happens there would be heard here.
func (l *Log) hear(ctx context.Context) error {
	renewed := renewals(l.direct)
	listener, err := NewListener(l.dsn, l.stats.connection)
	if err != nil {
		return err
	}
	defer listener.Close() // a second Close is harmless
	started := make(chan error, 1)
	go func() { started <- listener.Listen(channel) }() // ends when it has connected, or on Close
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			listener.Close()
			if started != nil {
				<-started
			}
			return nil
		case err := <-started:
			if err != nil {
				return err
			}
			started = nil
			l.refreshHead(ctx)
		case n := <-listener.Notify:
			if n == nil { // connected again; what was notified meanwhile is lost
				l.refreshHead(ctx)
				continue
			}
			if head, err := strconv.ParseInt(n.Extra, 10, 64); err == nil {
				l.signal.hear(domain.Position(head))
			}
		case <-poll.C:
			l.refreshHead(ctx)
			if started == nil && renewals(l.direct) != renewed {
				return nil
			}
		}
	}
}

// NewListener returns a listener that connects at once and again whenever its connection is lost, and tells events of it. Whoever
// has it closes it.
func NewListener(dsn string, events pq.EventCallbackType) (*pq.Listener, error) {
	dsn, err := complete(dsn)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	return pq.NewDialListener(new(dialler), dsn, 100*time.Millisecond, 5*time.Second, events), nil
}

// refreshHead reads the head, and sees whether the database takes writes. An error is left to the next poll; Check tells of it
// meanwhile.
func (l *Log) refreshHead(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := l.refresh(ctx)
	if err == nil {
		err = l.demandWritable(ctx)
	}
	l.stats.away.Store(err != nil)
	if err != nil && ctx.Err() == nil {
		l.logger.Debug("cannot read the head", "error", err)
	}
}

// errReadOnly says that the database is a standby, or was told to take no writes.
var errReadOnly = errors.New("the database is read-only")

// demandWritable returns errReadOnly for a database that takes no writes, and has all connections to it made anew: the next ones may
// reach the primary.
func (l *Log) demandWritable(ctx context.Context) error {
	const query = `SELECT current_setting('transaction_read_only')::boolean`
	for _, db := range []*sql.DB{l.db, l.direct} {
		before := renewals(db)
		var readOnly bool
		if err := db.QueryRowContext(ctx, query).Scan(&readOnly); err != nil {
			return away(err)
		}
		if readOnly {
			renew(db, before)
			return errReadOnly
		}
		if l.db == l.direct {
			break
		}
	}
	return nil
}
