package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"chainmail/domain"
)

// Lost is why a log was cut short while this process knew it: an event that was in it is gone, or another has its place.
type Lost struct {
	Position domain.Position
	ID       domain.ID // the event's; zero where nothing but its position was known
}

func (e *Lost) Error() string {
	return fmt.Sprintf("the event at position %d is gone, or another has its place", e.Position)
}

// seen is the latest event that this process has seen in the log, so that it notices when the log's end is replaced by
// another of the same length, and how far the log was seen to reach. What is only notified is no proof: whoever may connect to the
// database may notify.
type seen struct {
	mu       sync.Mutex
	position domain.Position // guarded by mu
	id       domain.ID       // guarded by mu
	proved   domain.Position // guarded by mu; at least position
}

// get returns how far the log was seen to reach, and the latest event of it that was.
func (s *seen) get() (proved, position domain.Position, id domain.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proved, s.position, s.id
}

func (s *seen) note(position domain.Position, id domain.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if position > s.position {
		s.position, s.id = position, id
	}
	s.proved = max(s.proved, position)
}

func (s *seen) witness(position domain.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proved = max(s.proved, position)
}

// Witness says that the log was seen to reach a position, by a server that is to be believed: a log that ends before it is cut short.
func (l *Log) Witness(position domain.Position) { l.seen.witness(position) }

// querier is a pool or a connection.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// lookSQL reads both in one snapshot of one server: a head of another log is never taken for this one's.
const lookSQL = `
	SELECT head.position, head.event_id, coalesce(known.event_id = $3::uuid, false)
	FROM (
		SELECT position, event_id
		FROM events
		WHERE position >= $1
		ORDER BY position DESC
		LIMIT 1
	) AS head
	LEFT JOIN events AS known ON known.position = $2`

// look reads the head, 0 for an empty log, and compares the log with what this process has seen of it. It returns a *Lost
// if something is gone.
func (l *Log) look(ctx context.Context, q querier) (domain.Position, error) {
	told := l.Head()
	known, at, id := l.seen.get()
	var (
		head   domain.Position
		headID domain.ID
		same   bool
	)
	err := q.QueryRowContext(ctx, lookSQL, int64(known), int64(at), id.String()).Scan(&head, &headID, &same)
	switch {
	case errors.Is(err, sql.ErrNoRows) && known == 0:
		l.signal.retract(told, 0)
		return 0, nil
	case errors.Is(err, sql.ErrNoRows) && at == known:
		return 0, &Lost{at, id}
	case errors.Is(err, sql.ErrNoRows):
		return 0, &Lost{Position: known}
	case err != nil:
		return 0, fmt.Errorf("read head: %w", away(err))
	case at > 0 && !same:
		return 0, &Lost{at, id}
	}
	l.seen.note(head, headID)
	l.signal.retract(told, head)
	return head, nil
}

// errStandby says that a database still follows another: what it lacks may be on its way.
var errStandby = errors.New("the database is a standby")

// examine is look on one connection, and settles what look can only suspect: what a primary has lost is lost, and the log is
// cut short; of a standby nothing is known.
func (l *Log) examine(ctx context.Context, conn *sql.Conn) error {
	var standby bool
	if err := conn.QueryRowContext(ctx, `SELECT pg_is_in_recovery()`).Scan(&standby); err != nil {
		return fmt.Errorf("ask the database what it is: %w", away(err))
	}
	if standby {
		return fmt.Errorf("%w: %w", ErrUnavailable, errStandby)
	}
	_, err := l.look(ctx, conn) // begun after the end of a recovery, which has replayed all there is
	var lost *Lost
	if errors.As(err, &lost) {
		return l.CutShort(lost)
	}
	return err
}

// suspect examines the log on a connection of its own.
func (l *Log) suspect(ctx context.Context) error {
	conn, err := l.direct.Conn(ctx)
	if err != nil {
		return fmt.Errorf("read head: %w", away(err))
	}
	defer conn.Close()
	return l.examine(ctx, conn)
}

// refresh reads the head and wakes who waits for it. It is called once a second, and when the listener has connected.
func (l *Log) refresh(ctx context.Context) error {
	if l.Doubt() != nil {
		_, err := l.Fresh(ctx)
		return err
	}
	head, err := l.look(ctx, l.db)
	var lost *Lost
	if errors.As(err, &lost) {
		return l.suspect(ctx)
	}
	if err == nil {
		l.signal.advance(head)
	}
	return err
}

// fault is why a log is cut short.
type fault struct {
	err  error
	torn bool // what this process has in memory is no longer what the log says
}

// CutShort makes the log append nothing more in this process, for the reason that is given, and returns the error that Append
// and Check return from now on; of several reasons the first counts. Called before Run, it lets tails follow the
// log as it is; afterwards they end, since what they have returned may be gone. It may be called from anywhere.
func (l *Log) CutShort(why error) error {
	f := &fault{err: fmt.Errorf("%w: %w", ErrCutShort, why), torn: l.running.Load()}
	if l.broken.CompareAndSwap(nil, f) {
		close(l.doubted)
		l.logger.Error("the log was cut short, and nothing more is appended", "error", why)
	}
	return l.broken.Load().err
}

// Doubt returns why the log is cut short (ErrCutShort), nil while it is not.
func (l *Log) Doubt() error {
	if f := l.broken.Load(); f != nil {
		return f.err
	}
	return nil
}

// Doubted returns a channel that is closed once Doubt returns an error.
func (l *Log) Doubted() <-chan struct{} { return l.doubted }

// torn returns why tails cannot go on.
func (l *Log) torn() error {
	if f := l.broken.Load(); f != nil && f.torn {
		return f.err
	}
	return nil
}

// Vouch has a function asked whenever the appender has connected anew, before it appends with that connection; after an error
// it doesn't. It is set before Run.
func (l *Log) Vouch(f func(context.Context) error) { l.vouch = f }
