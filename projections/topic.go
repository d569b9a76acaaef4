package projections

import (
	"database/sql"
	"errors"
	"fmt"

	wsql "github.com/ThreeDotsLabs/watermill-sql/v4/pkg/sql"
	"github.com/ThreeDotsLabs/watermill/message"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/pgarray"
)

// topicName is the table that is read, which is what Watermill calls a topic.
const topicName = "events"

// selectSQL takes the lease and reads what comes after the offset. The lease is a try-lock of the
// reader's transaction: it writes nothing, so that the reader's commit is free. $3 is a position
// known to be applied; the planner leaves out the partitions before it.
const selectSQL = `
	WITH lease AS MATERIALIZED (
		SELECT pg_try_advisory_xact_lock(hashtextextended('chainmail projection ' || $1::text, 0)) AS held
	), applied AS MATERIALIZED (
		SELECT o.position
		FROM projection_offsets AS o, lease
		WHERE lease.held AND o.projection = $1::text AND o.version = $2
	)
	SELECT e.position, e.event_id, e.stream, e.stream_version, e.type,
		e.payload, e.metadata, e.body, e.recorded_at, e.leaf_hash
	FROM events AS e
	WHERE e.position > (SELECT applied.position FROM applied) AND e.position > $3
	ORDER BY e.position
	LIMIT $4`

// window is how many positions are looked at in one read for a projection of some types.
const window = 10_000

// selectTypesSQL is selectSQL for a projection of some types. It looks at the next $5 positions and answers
// with the events of these types among them, with those of types that are not among $7, which this release
// does not know, and with the last event, whatever its type, since the offset goes there. Positions become
// visible in order, so what is last in the statement's snapshot has all before it there too.
//
// The last column is what the rows follow. Where a crash of the database has taken the offset back behind $3, that is $3, and
// the claim of the batch is refused: from the offset on, rows were left out.
const selectTypesSQL = `
	WITH lease AS MATERIALIZED (
		SELECT pg_try_advisory_xact_lock(hashtextextended('chainmail projection ' || $1::text, 0)) AS held
	), applied AS MATERIALIZED (
		SELECT o.position
		FROM projection_offsets AS o, lease
		WHERE lease.held AND o.projection = $1::text AND o.version = $2
	), ending AS MATERIALIZED (
		SELECT e.position
		FROM events AS e
		WHERE e.position > (SELECT applied.position FROM applied) AND e.position > $3
			AND e.position <= (SELECT applied.position FROM applied) + $5
		ORDER BY e.position DESC
		LIMIT 1
	)
	SELECT e.position, e.event_id, e.stream, e.stream_version, e.type,
		e.payload, e.metadata, e.body, e.recorded_at, e.leaf_hash, (SELECT greatest(applied.position, $3) FROM applied)
	FROM events AS e
	WHERE e.position > (SELECT applied.position FROM applied) AND e.position > $3
		AND e.position <= (SELECT ending.position FROM ending)
		AND (e.type = ANY ($6::text[]) OR e.type <> ALL ($7::text[]) OR e.position = (SELECT ending.position FROM ending))
	ORDER BY e.position
	LIMIT $4`

// topic reads the log as Watermill messages, each of which stands for a batch of events.
type topic struct{ worker *worker }

var errReadOnly = errors.New("the log is appended to through eventstore alone")

func (topic) InsertQuery(wsql.InsertQueryParams) (wsql.Query, error) {
	return wsql.Query{}, errReadOnly
}

func (topic) SchemaInitializingQueries(wsql.SchemaInitializingQueriesParams) ([]wsql.Query, error) {
	return nil, nil
}

// SubscribeIsolationLevel is such that the reader holds no snapshot while a batch is applied.
func (topic) SubscribeIsolationLevel() sql.IsolationLevel { return sql.LevelReadCommitted }

func (t topic) SelectQuery(wsql.SelectQueryParams) (wsql.Query, error) {
	after, limit := t.worker.nextRead()
	p := t.worker.projection
	query := wsql.Query{Query: selectSQL, Args: []any{p.Name, p.Version, int64(after), limit}}
	if p.Types != nil {
		query = wsql.Query{Query: selectTypesSQL, Args: append(query.Args, window, pgarray.Texts(p.Types), pgarray.Texts(domain.Types()))}
	}
	return query, nil
}

// withOffset reads a column more than an event has: the offset that the rows follow.
type withOffset struct {
	*sql.Rows
	offset *domain.Position
}

func (w withOffset) Scan(dest ...any) error { return w.Rows.Scan(append(dest, w.offset)...) }

// UnmarshalMessage makes one message of the row that the subscriber stands on and all that follow.
// It drains them itself, so that the subscriber, who cannot see an error in the middle, finds no
// more.
func (t topic) UnmarshalMessage(params wsql.UnmarshalMessageParams) (wsql.Row, error) {
	rows, ok := params.Row.(*sql.Rows)
	if !ok {
		return wsql.Row{}, fmt.Errorf("read events: rows are a %T", params.Row)
	}
	var events []domain.Event
	var after domain.Position
	row := eventstore.Scanner(rows)
	if t.worker.projection.Types != nil {
		row = withOffset{rows, &after}
	}
	for more := true; more; more = rows.Next() {
		e, err := eventstore.ScanEvent(row)
		if err != nil {
			return wsql.Row{}, fmt.Errorf("read events: %w", err)
		}
		events = append(events, e)
	}
	if err := rows.Err(); err != nil {
		return wsql.Row{}, fmt.Errorf("read events: %w", err)
	}
	if t.worker.projection.Types == nil {
		after = events[0].Position - 1
	}
	b := t.worker.receive(after, events)
	span := b.span()
	return wsql.Row{Offset: int64(b.through), Msg: message.NewMessage(span, message.Payload(span))}, nil
}

// offsets leaves the offset to the handler's transaction.
type offsets struct{}

func (offsets) AckMessageQuery(wsql.AckMessageQueryParams) (wsql.Query, error) {
	return wsql.Query{Query: `SELECT 1`}, nil
}

func (offsets) ConsumedMessageQuery(wsql.ConsumedMessageQueryParams) (wsql.Query, error) {
	return wsql.Query{}, nil
}

func (offsets) NextOffsetQuery(wsql.NextOffsetQueryParams) (wsql.Query, error) {
	return wsql.Query{}, nil
}

func (offsets) SchemaInitializingQueries(wsql.OffsetsSchemaInitializingQueriesParams) ([]wsql.Query, error) {
	return nil, nil
}

func (offsets) BeforeSubscribingQueries(wsql.BeforeSubscribingQueriesParams) ([]wsql.Query, error) {
	return nil, nil
}
