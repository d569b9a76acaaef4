// Package lease lets one server among many do what only one may do at a time.
//
// A lease is a row with a name, who holds it and an epoch, which grows with each holder. The database's clock says when it
// may be taken by another; the holder renews it each second for three, and counts these by its own monotonic clock from before it
// asked. So a holder that was frozen, or cut off, knows that its time is over without asking anybody, and before anybody else
// can have the lease, unless the database's clock jumps forward or the whole machine was put to sleep. Against that, and against what was already on its way,
// there is the epoch: whatever the holder does carries it, and who gets it drops lower epochs than the highest seen.
package lease

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	// Term is how long a lease lasts that is not renewed.
	Term = 3 * time.Second
	// renewEvery is how often the holder renews it, and how often others try to take it.
	renewEvery = time.Second
	// standBack is how long who gives a lease up lets others try first.
	standBack = 2 * renewEvery
)

const acquireSQL = `
	INSERT INTO leases AS l (name, holder, epoch, expires)
	VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
	ON CONFLICT (name) DO UPDATE
	SET holder = excluded.holder, epoch = l.epoch + 1, expires = excluded.expires
	WHERE l.expires <= clock_timestamp() OR l.holder = excluded.holder
	RETURNING epoch`

const renewSQL = `
	UPDATE leases
	SET expires = clock_timestamp() + make_interval(secs => $4)
	WHERE name = $1 AND holder = $2 AND epoch = $3`

const releaseSQL = `
	UPDATE leases
	SET expires = clock_timestamp()
	WHERE name = $1 AND holder = $2 AND epoch = $3`

// Lease is one server's part in a lease. Held may be called from anywhere.
type Lease struct {
	db           *sql.DB
	name, holder string
	term         time.Duration
	tenure       atomic.Pointer[tenure] // nil while another has the lease, or nobody
}

// tenure is a time of holding the lease.
type tenure struct {
	epoch int64
	until time.Time // with its monotonic reading
}

// New returns a lease that nobody asks for yet. The holder's name is this start's own.
func New(db *sql.DB, name, holder string) *Lease {
	return &Lease{db: db, name: name, holder: holder, term: Term}
}

// answerWithin bounds a statement, so that a silent database is asked again within the term.
func (l *Lease) answerWithin() time.Duration { return l.term / 3 }

// Held reports whether this server has the lease at this moment, and in which epoch.
func (l *Lease) Held() (epoch int64, held bool) {
	t := l.tenure.Load()
	if t == nil || !time.Now().Before(t.until) {
		return 0, false
	}
	return t.epoch, true
}

// Run takes the lease whenever it can be had, until ctx ends, and then gives it back. While it is held, work runs, whose
// context ends when the lease is lost; another server may have it before work returns. Work that returns by itself gives the lease up
// for a while. An error of the database is a lease that cannot be had.
func (l *Lease) Run(ctx context.Context, work func(ctx context.Context, epoch int64)) {
	for ctx.Err() == nil {
		wait := renewEvery
		if epoch, err := l.acquire(ctx); err == nil && epoch > 0 {
			l.hold(ctx, epoch, work)
			wait = standBack
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}

// hold runs work and renews the lease until either is over.
func (l *Lease) hold(ctx context.Context, epoch int64, work func(context.Context, int64)) {
	working, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { // hold waits for it
		defer close(done)
		work(working, epoch)
	}()
	l.renewUntil(working, epoch, done)
	cancel()
	<-done
	l.tenure.Store(nil) // before anybody else can have it
	l.release(ctx, epoch)
}

// renewUntil returns when the lease is lost, work is done, or ctx ends.
func (l *Lease) renewUntil(ctx context.Context, epoch int64, done <-chan struct{}) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-done:
			return
		case <-tick.C:
		}
		if _, held := l.Held(); !held {
			return
		}
		if ours, err := l.renew(ctx, epoch); err == nil && !ours {
			return
		}
	}
}

// acquire returns the epoch, 0 when another has the lease.
func (l *Lease) acquire(ctx context.Context) (epoch int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.answerWithin())
	defer cancel()
	asked := time.Now()
	err = l.db.QueryRowContext(ctx, acquireSQL, l.name, l.holder, l.term.Seconds()).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("take the lease %s: %w", l.name, err)
	}
	l.tenure.Store(&tenure{epoch, asked.Add(l.term)})
	return epoch, nil
}

// renew reports whether the lease is still this server's in this epoch.
func (l *Lease) renew(ctx context.Context, epoch int64) (ours bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.answerWithin())
	defer cancel()
	asked := time.Now()
	result, err := l.db.ExecContext(ctx, renewSQL, l.name, l.holder, epoch, l.term.Seconds())
	if err != nil {
		return false, fmt.Errorf("renew the lease %s: %w", l.name, err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows == 0 {
		return false, err
	}
	l.tenure.Store(&tenure{epoch, asked.Add(l.term)})
	return true, nil
}

// release lets others have the lease at once. Where it fails they wait for its end.
func (l *Lease) release(ctx context.Context, epoch int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.answerWithin())
	defer cancel()
	_, _ = l.db.ExecContext(ctx, releaseSQL, l.name, l.holder, epoch)
}
