package projections

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"chainmail/domain"
)

// Status is how a projection is doing.
type Status struct {
	Projection string
	// Position is the last that was applied.
	Position domain.Position
	// Lag is how many events were appended after it.
	Lag int64
	// Behind is how long ago the first of them was appended, by the database's clock, as of the last look at the offsets. 0 when
	// there is none, and for [ReadStatus].
	Behind time.Duration
	// Stuck is why it does not go on; empty when it does.
	Stuck string
	// FailedPosition is the event that it cannot get past, 0 if that is not the reason.
	FailedPosition domain.Position
}

// offset is a row of projection_offsets.
type offset struct {
	version  int
	position domain.Position
	behind   time.Duration // since the next event was appended; 0 if there is none
	failure  *failure
}

// readOffsetsSQL asks for the next event's age by its primary key, so that it costs little however far behind a projection is.
const readOffsetsSQL = `
	SELECT o.projection, o.version, o.position, coalesce(o.failed_position, 0), coalesce(o.failure, ''),
		coalesce((
			SELECT extract(epoch FROM clock_timestamp() - e.recorded_at)::float8
			FROM events AS e
			WHERE e.position = o.position + 1
		), 0)
	FROM projection_offsets AS o`

func readOffsets(ctx context.Context, db *sql.DB) (map[string]offset, error) {
	rows, err := db.QueryContext(ctx, readOffsetsSQL)
	if err != nil {
		return nil, fmt.Errorf("read projection offsets: %w", err)
	}
	defer rows.Close()
	all := make(map[string]offset)
	for rows.Next() {
		var name string
		var o offset
		var f failure
		var age float64
		if err := rows.Scan(&name, &o.version, &o.position, &f.position, &f.reason, &age); err != nil {
			return nil, fmt.Errorf("read projection offsets: %w", err)
		}
		o.behind = time.Duration(max(0, age) * float64(time.Second))
		if f.reason != "" {
			o.failure = &f
		}
		all[name] = o
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read projection offsets: %w", err)
	}
	return all, nil
}

// ReadStatus reads from the database how all projections are doing, those of other servers
// included, in order of name. It knows nothing of versions: a projection that no running server can
// run shows by its lag.
func ReadStatus(ctx context.Context, db *sql.DB) ([]Status, error) {
	all, err := readOffsets(ctx, db)
	if err != nil {
		return nil, err
	}
	const query = `SELECT coalesce(max(position), 0) FROM events`
	var head domain.Position
	if err := db.QueryRowContext(ctx, query).Scan(&head); err != nil {
		return nil, fmt.Errorf("read head: %w", err)
	}
	list := make([]Status, 0, len(all))
	for name, o := range all {
		s := Status{Projection: name, Position: o.position, Lag: lag(head, o.position)}
		if o.position > head { // which was read later
			s.Stuck = fmt.Sprintf("it has applied position %d, and the log ends at %d: run chainmail replay", o.position, head)
		}
		if o.failure != nil {
			s.Stuck, s.FailedPosition = o.failure.reason, o.failure.position
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Projection, b.Projection) })
	return list, nil
}

// Status tells how the runner's projections are doing, in the order in which they were given. It
// asks nobody: what other servers did is known within a second.
func (r *Runner) Status() []Status {
	head := r.log.Head()
	list := make([]Status, len(r.workers))
	for i, w := range r.workers {
		list[i] = w.status(head)
	}
	return list
}

func (w *worker) status(head domain.Position) Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := Status{Projection: w.projection.Name, Position: w.position, Lag: lag(head, w.position)}
	if s.Lag > 0 {
		s.Behind = w.behind
	}
	switch {
	case w.version > w.projection.Version:
		s.Stuck = fmt.Sprintf("its tables are of version %d and this server has version %d: a newer server runs it", w.version, w.projection.Version)
	case w.version != 0 && w.version < w.projection.Version:
		s.Stuck = fmt.Sprintf("its tables are of version %d and this server has version %d: run chainmail rebuild %s",
			w.version, w.projection.Version, w.projection.Name)
	case w.failure != nil:
		s.Stuck, s.FailedPosition = w.failure.reason, w.failure.position
	}
	return s
}

func lag(head, position domain.Position) int64 { return max(0, int64(head-position)) }
