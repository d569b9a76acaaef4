package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

const readHeadSQL = `
	SELECT position
	FROM events
	WHERE position >= $1
	ORDER BY position DESC
	LIMIT 1`

const readSQL = `
	SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM events
	WHERE position > $1
	ORDER BY position
	LIMIT $2`

const readAtSQL = `
	SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM events
	WHERE position = ANY ($1)
	ORDER BY position`

const readStreamSQL = `
	SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM events
	WHERE hashtextextended(stream, 0) = hashtextextended($1, 0) AND stream = $1 AND stream_version > $2
	ORDER BY position
	LIMIT $3`

// readLastSQL is written so that only the stream's index has its order. With "ORDER BY position" alone a plan made while a
// partition was empty would go on reading that partition backward by position when it is full.
const readLastSQL = `
	SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM events
	WHERE hashtextextended(stream, 0) BETWEEN hashtextextended($1, 0) AND hashtextextended($1, 0) AND stream = $1
	ORDER BY hashtextextended(stream, 0) DESC, position DESC
	LIMIT 1`

const readDecidingSQL = `
	SELECT e.position, event_id, e.stream, e.stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM deciding_events AS d
	JOIN events AS e ON e.position = d.position
	WHERE d.position > $1
	ORDER BY d.position
	LIMIT $2`

// readStreamsSQL takes at most $4 events from each stream, so that a long stream does not make a
// page cost more than the page.
const readStreamsSQL = `
	SELECT e.position, event_id, e.stream, e.stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM unnest($1::text[]) AS s (stream)
	CROSS JOIN LATERAL (
		SELECT *
		FROM events
		WHERE hashtextextended(events.stream, 0) = hashtextextended(s.stream, 0)
			AND events.stream = s.stream
			AND events.position > $2
			AND events.position <= $3
		ORDER BY events.position
		LIMIT $4
	) AS e
	ORDER BY e.position`

// statements are the log's reads.
type statements struct {
	head, page, at, stream, last, deciding, streams *Statement
}

func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := new(statements)
	for _, p := range []struct {
		stmt **Statement
		text string
	}{
		{&s.head, readHeadSQL},
		{&s.page, readSQL},
		{&s.at, readAtSQL},
		{&s.stream, readStreamSQL},
		{&s.last, readLastSQL},
		{&s.deciding, readDecidingSQL},
		{&s.streams, readStreamsSQL},
	} {
		stmt, err := Prepare(ctx, db, p.text)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare reading the log: %w", err), s.close())
		}
		*p.stmt = stmt
	}
	return s, nil
}

func (s *statements) close() error {
	var errs []error
	for _, stmt := range []*Statement{s.head, s.page, s.at, s.stream, s.last, s.deciding, s.streams} {
		if stmt != nil {
			errs = append(errs, stmt.Close())
		}
	}
	return errors.Join(errs...)
}

// readHead returns the last committed position, 0 for an empty log.
func (l *Log) readHead(ctx context.Context) (domain.Position, error) {
	known, _, _ := l.seen.get() // asked before the query: what is appended meanwhile is no proof of anything
	if l.Doubt() != nil {
		known = 0 // readers get the log as it is now
	}
	var head domain.Position
	err := l.reads.head.QueryRowContext(ctx, int64(known)).Scan(&head)
	if errors.Is(err, sql.ErrNoRows) {
		if known == 0 {
			return 0, nil
		}
		if err := l.suspect(ctx); err != nil {
			return 0, err
		}
		return known, nil // it is there again, so this was another server
	}
	if err != nil {
		return 0, fmt.Errorf("read head: %w", away(err))
	}
	l.seen.witness(head)
	return head, nil
}

// Read returns up to limit events after a position, in order and without gaps. The caller
// doesn't change them, here and in all reads below.
func (l *Log) Read(ctx context.Context, after domain.Position, limit int) ([]domain.Event, error) {
	events, err := scan(l.reads.page.QueryContext(ctx, int64(after), limit))
	if err != nil {
		return nil, fmt.Errorf("read events after %d: %w", after, err)
	}
	for i, e := range events {
		if want := after + 1 + domain.Position(i); e.Position != want {
			return nil, fmt.Errorf("%w: position %d follows %d", ErrDamaged, e.Position, want-1)
		}
	}
	return events, nil
}

// At returns the events at the given positions, in order of position. Those that are not in the
// log are left out.
func (l *Log) At(ctx context.Context, positions ...domain.Position) ([]domain.Event, error) {
	events, err := scan(l.reads.at.QueryContext(ctx, pgarray.Int8s(positions)))
	if err != nil {
		return nil, fmt.Errorf("%w: read %d events by position: %w", ErrUnavailable, len(positions), err)
	}
	return events, nil
}

// ReadStream returns up to limit events of one stream after a version, in order.
func (l *Log) ReadStream(
	ctx context.Context, stream domain.StreamID, after domain.Version, limit int,
) ([]domain.Event, error) {
	events, err := scan(l.reads.stream.QueryContext(ctx, string(stream), int64(after), limit))
	if err != nil {
		return nil, fmt.Errorf("read stream %s after %d: %w", stream, after, err)
	}
	return events, nil
}

// Last returns the last event of a stream, nil if it has none.
func (l *Log) Last(ctx context.Context, stream domain.StreamID) (*domain.Event, error) {
	events, err := scan(l.reads.last.QueryContext(ctx, string(stream)))
	if err != nil {
		return nil, fmt.Errorf("read the end of stream %s: %w", stream, err)
	}
	if len(events) == 0 {
		return nil, nil
	}
	return &events[0], nil
}

// ReadDeciding returns up to limit events after a position that change what others may do
// (domain.Type.Deciding), in order of position.
func (l *Log) ReadDeciding(ctx context.Context, after domain.Position, limit int) ([]domain.Event, error) {
	events, err := scan(l.reads.deciding.QueryContext(ctx, int64(after), limit))
	if err != nil {
		return nil, fmt.Errorf("read deciding events after %d: %w", after, err)
	}
	return events, nil
}

// ReadStreams returns events of several streams with after < position <= upTo, merged in order
// of position, and the position through which the answer is complete: go on from there until it
// is upTo. A page has about limit events, however many streams there are.
func (l *Log) ReadStreams(
	ctx context.Context, streams []domain.StreamID, after, upTo domain.Position, limit int,
) ([]domain.Event, domain.Position, error) {
	if len(streams) == 0 || after >= upTo {
		return nil, upTo, nil
	}
	each := max(limit/len(streams), minEach)
	events, err := scan(l.reads.streams.QueryContext(ctx,
		pgarray.Texts(streams), int64(after), int64(upTo), each))
	if err != nil {
		return nil, after, fmt.Errorf("read %d streams after %d: %w", len(streams), after, err)
	}
	through := upTo
	counts := make(map[domain.StreamID]int, len(streams))
	for _, e := range events {
		if counts[e.Stream]++; counts[e.Stream] == each && e.Position < through {
			through = e.Position // this stream may have more behind it
		}
	}
	for len(events) > 0 && events[len(events)-1].Position > through {
		events = events[:len(events)-1]
	}
	return events, through, nil
}

// minEach is the fewest events that a page takes from each of many streams.
const minEach = 8

func scan(rows *sql.Rows, err error) ([]domain.Event, error) {
	if err != nil {
		return nil, away(err)
	}
	defer rows.Close()
	var events []domain.Event
	for rows.Next() {
		e, err := ScanEvent(rows)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, away(rows.Err())
}

// Scanner is a row to be read: *sql.Rows, or what another library wraps it in.
type Scanner interface {
	Scan(dest ...any) error
}

// ScanEvent reads one row of the columns position, event_id, stream, stream_version, type,
// payload, metadata, body, recorded_at, leaf_hash, in this order.
func ScanEvent(row Scanner) (domain.Event, error) {
	var (
		e              domain.Event
		hash           sql.RawBytes
		position       int64
		version        int64
		stream, ofType string
	)
	err := row.Scan(&position, &e.ID, &stream, &version, &ofType,
		&e.Payload, &e.Metadata, &e.Body, &e.RecordedAt, &hash)
	if err != nil {
		return domain.Event{}, err
	}
	if copy(e.LeafHash[:], hash) != len(e.LeafHash) || len(hash) != len(e.LeafHash) {
		return domain.Event{}, fmt.Errorf("%w: leaf_hash at %d has %d bytes instead of 32", ErrDamaged, position, len(hash))
	}
	e.Position, e.Stream = domain.Position(position), domain.StreamID(stream)
	e.Version, e.Type = domain.Version(version), domain.Type(ofType)
	e.RecordedAt = e.RecordedAt.UTC()
	return e, nil
}
