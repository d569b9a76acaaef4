package restore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// columns are a batch of events as arrays, and what servers keep beside them. The arrays are used again.
type columns struct {
	positions, ids, streams, versions, types *pgarray.Builder
	payloads, metadatas, bodies              *pgarray.Builder
	times, hashes                            *pgarray.Builder

	taken, takenBy     *pgarray.Builder
	claimed, claimedBy *pgarray.Builder

	deciding, decidingStreams, decidingVersions *pgarray.Builder
}

func newColumns() *columns {
	return &columns{
		positions: pgarray.NewInt8s(), ids: pgarray.NewUUIDs(), streams: pgarray.NewTexts(),
		versions: pgarray.NewInt8s(), types: pgarray.NewTexts(), payloads: pgarray.NewTexts(),
		metadatas: pgarray.NewTexts(), bodies: pgarray.NewTexts(),
		times: pgarray.NewTimes(), hashes: pgarray.NewByteas(),
		taken: pgarray.NewUUIDs(), takenBy: pgarray.NewInt8s(),
		claimed: pgarray.NewUUIDs(), claimedBy: pgarray.NewInt8s(),
		deciding: pgarray.NewInt8s(), decidingStreams: pgarray.NewTexts(), decidingVersions: pgarray.NewInt8s(),
	}
}

const insertSQL = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)
	SELECT e.position, e.event_id, e.stream, e.stream_version, e.type,
		e.payload::json, e.metadata::json, e.body::json, e.recorded_at, e.leaf_hash
	FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bigint[], $5::text[],
			$6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::bytea[])
		AS e (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)`

// events are the arguments of insertSQL.
func (c *columns) events() []any {
	return []any{
		c.positions.Bytes(), c.ids.Bytes(), c.streams.Bytes(), c.versions.Bytes(), c.types.Bytes(),
		c.payloads.Bytes(), c.metadatas.Bytes(), c.bodies.Bytes(), c.times.Bytes(), c.hashes.Bytes(),
	}
}

// fill takes events in. A key stands for the position of its event rather than of its command's first one,
// which the log does not tell: where a message opened its conversation the key leads to the message itself.
func (c *columns) fill(events []domain.Event) error {
	c.reset()
	for _, e := range events {
		c.positions.Int8(int64(e.Position))
		c.ids.UUID(e.ID)
		c.streams.Text(string(e.Stream))
		c.versions.Int8(int64(e.Version))
		c.types.Text(string(e.Type))
		c.payloads.Raw(e.Payload)
		c.metadatas.Raw(e.Metadata)
		if e.Body == nil {
			c.bodies.Null()
		} else {
			c.bodies.Raw(e.Body)
		}
		c.times.Time(e.RecordedAt)
		c.hashes.Raw(e.LeafHash[:])
		data, err := domain.Decode(e)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRejected, err)
		}
		taken, claimed := domain.KeysOf(data)
		for _, k := range taken {
			c.taken.UUID(k)
			c.takenBy.Int8(int64(e.Position))
		}
		for _, k := range claimed {
			c.claimed.UUID(k)
			c.claimedBy.Int8(int64(e.Position))
		}
		if e.Type.Deciding() {
			c.deciding.Int8(int64(e.Position))
			c.decidingStreams.Text(string(e.Stream))
			c.decidingVersions.Int8(int64(e.Version))
		}
	}
	return nil
}

const takeSQL = `
	INSERT INTO event_keys (key, position)
	SELECT k.key, k.position
	FROM unnest($1::uuid[], $2::bigint[]) AS k (key, position)
	ON CONFLICT DO NOTHING`

// repeatedSQL finds the first event whose key another one has.
const repeatedSQL = `
	SELECT k.position, t.position
	FROM unnest($1::uuid[], $2::bigint[]) AS k (key, position)
	JOIN event_keys AS t ON t.key = k.key
	WHERE t.position <> k.position
	ORDER BY k.position
	LIMIT 1`

const decidingSQL = `
	INSERT INTO deciding_events (position, stream, stream_version)
	SELECT d.position, d.stream, d.stream_version
	FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS d (position, stream, stream_version)`

// writeBeside writes keys and deciding events.
func (c *columns) writeBeside(ctx context.Context, tx *sql.Tx) error {
	if c.taken.Len() > 0 {
		result, err := tx.ExecContext(ctx, takeSQL, c.taken.Bytes(), c.takenBy.Bytes())
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		if n < int64(c.taken.Len()) {
			return c.repeated(ctx, tx)
		}
	}
	if c.claimed.Len() > 0 {
		if _, err := tx.ExecContext(ctx, takeSQL, c.claimed.Bytes(), c.claimedBy.Bytes()); err != nil {
			return err
		}
	}
	if c.deciding.Len() == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, decidingSQL, c.deciding.Bytes(), c.decidingStreams.Bytes(), c.decidingVersions.Bytes())
	return err
}

func (c *columns) repeated(ctx context.Context, tx *sql.Tx) error {
	var again, first int64
	err := tx.QueryRowContext(ctx, repeatedSQL, c.taken.Bytes(), c.takenBy.Bytes()).Scan(&again, &first)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: one event takes a key twice", ErrRejected)
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: the event at %d repeats that at %d, which may happen once", ErrRejected, again, first)
}

func (c *columns) reset() {
	for _, b := range []*pgarray.Builder{
		c.positions, c.ids, c.streams, c.versions, c.types, c.payloads, c.metadatas, c.bodies, c.times, c.hashes,
		c.taken, c.takenBy, c.claimed, c.claimedBy, c.deciding, c.decidingStreams, c.decidingVersions,
	} {
		b.Reset()
	}
}
