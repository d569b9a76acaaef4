package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
)

// ErrUnavailable says that the database is away or refuses to write. Nothing was stored.
var ErrUnavailable = errors.New("the database is unavailable; nothing was stored")

// ErrUnknown says that it can't be known whether a command was stored. Ask again with the same
// keys: the log refuses a repeat.
var ErrUnknown = errors.New("it is not known whether the command was stored")

// ErrCutShort says that the log has lost events that it had: a restored backup, a failover to a
// standby that lacked them, or worse. The log appends nothing more in this process.
var ErrCutShort = errors.New("the log has lost what was in it: nothing is appended until an operator decides")

// ErrDamaged says that the table is not what an append leaves: somebody wrote into it.
var ErrDamaged = errors.New("the log is damaged (see what chainmail replay finds)")

// Log is the log of one database. All its methods may be called concurrently.
type Log struct {
	dsn     string // of the database itself
	db      *sql.DB
	direct  *sql.DB // connections to the database itself; db unless that is a pooler's
	logger  *slog.Logger
	reads   *statements
	recent  recent
	signal  signal
	seen    seen
	queue   chan []command
	vouch   func(context.Context) error // set before Run; nil: nobody is asked
	running atomic.Bool
	broken  atomic.Pointer[fault] // set once the log was found cut short
	doubted chan struct{}         // closed then
	ended   chan struct{}         // closed when Run has ended
	stats   stats
}

// Open connects to a migrated database. The DSN is a URL or a keyword string, as libpq takes it.
func Open(ctx context.Context, dsn string, logger *slog.Logger) (*Log, error) {
	return OpenBehind(ctx, dsn, "", logger)
}

// directConnections bounds the connections to the database itself beside a pooler's, the listener's not counted: the appender's,
// and one for leases and partitions.
const directConnections = 2

// OpenBehind is Open for a database behind a pooler whose connections are a client's for one transaction only. What needs a session
// of its own goes to the direct address: appending, whose lost answers are looked for once their session has ended, and
// listening. An empty direct address says that there is no pooler.
func OpenBehind(ctx context.Context, dsn, direct string, logger *slog.Logger) (*Log, error) {
	l := &Log{
		dsn: dsn, logger: logger,
		queue: make(chan []command, maxWaiting),
		ended: make(chan struct{}), doubted: make(chan struct{}),
	}
	var err error
	if direct == "" {
		if l.db, err = OpenDB(dsn); err != nil {
			return nil, err
		}
		l.direct = l.db
	} else if err := l.openBoth(dsn, direct); err != nil {
		return nil, err
	}
	l.signal.init()
	if err := l.start(ctx); err != nil {
		return nil, errors.Join(err, l.closePools())
	}
	return l, nil
}

func (l *Log) openBoth(dsn, direct string) (err error) {
	if l.db, err = OpenPooled(dsn); err != nil {
		return err
	}
	if l.direct, err = OpenDB(direct); err != nil {
		return errors.Join(err, l.db.Close())
	}
	l.direct.SetMaxOpenConns(directConnections)
	l.dsn = direct
	return nil
}

func (l *Log) closePools() error {
	if l.direct == l.db {
		return l.db.Close()
	}
	return errors.Join(l.db.Close(), l.direct.Close())
}

func (l *Log) start(ctx context.Context) error {
	reads, err := prepare(ctx, l.db)
	if err != nil {
		return err
	}
	l.reads = reads
	head, err := l.look(ctx, l.db)
	if err != nil {
		return err
	}
	l.signal.advance(head)
	return nil
}

// Run appends, listens for other processes' appends and makes partitions ahead, until ctx ends.
// It then finishes the append under way and answers all who wait with ErrUnavailable.
func (l *Log) Run(ctx context.Context) error {
	defer close(l.ended)
	l.running.Store(true)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { newAppender(l).run(ctx); return nil })
	g.Go(func() error { l.listen(ctx); return nil })
	g.Go(func() error { l.keepPartitions(ctx); return nil })
	return g.Wait()
}

// Close closes the connections. Run must have ended, or never have begun.
func (l *Log) Close() error { return errors.Join(l.reads.close(), l.closePools()) }

// DB is the pool that readers and projections share.
func (l *Log) DB() *sql.DB { return l.db }

// Direct is a pool of few connections to the database itself, for what needs a session: nobody holds one of them for long, save the
// appender. It is DB where there is no pooler.
func (l *Log) Direct() *sql.DB { return l.direct }

// SetMaxConnections bounds all connections that the log opens, the listener's included. It is called before Run, with 6 or more.
func (l *Log) SetMaxConnections(n int) {
	n-- // the listener's
	if l.direct != l.db {
		n -= directConnections
	}
	l.db.SetMaxOpenConns(n)
}

// Head is the last position that this process knows to be committed.
func (l *Log) Head() domain.Position { return l.signal.position() }

// Check reports why this process cannot append: ErrCutShort, or a database that does not answer or takes no writes.
func (l *Log) Check(ctx context.Context) error {
	if err := l.Doubt(); err != nil {
		return err
	}
	if _, err := l.readHead(ctx); err != nil {
		if doubt := l.Doubt(); doubt != nil {
			return doubt
		}
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	if err := l.demandWritable(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return nil
}

// keepPartitions makes partitions ahead of the head, now and once a minute. Two of ten million
// positions are always empty, so a minute's lag is no danger.
func (l *Log) keepPartitions(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := l.makePartitions(ctx); err != nil && ctx.Err() == nil {
			l.logger.Warn("cannot make event partitions; trying again in a minute", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// partitionTimeout bounds one making of partitions.
const partitionTimeout = 5 * time.Second

// makePartitions waits a second at most for a lock that others hold on the table: leases are kept on the same few connections.
func (l *Log) makePartitions(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, partitionTimeout)
	defer cancel()
	tx, err := l.direct.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit it does nothing
	if _, err := tx.ExecContext(ctx, `SET LOCAL lock_timeout = '1s'`); err != nil {
		return err
	}
	head, _, _ := l.seen.get() // not what was only notified
	var made int
	if err := tx.QueryRowContext(ctx, `SELECT make_event_partitions($1)`, int64(head)).Scan(&made); err != nil {
		return err
	}
	return tx.Commit()
}
