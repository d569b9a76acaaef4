package sealer

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"chainmail/eventstore"
	"chainmail/merkle"
)

// errDamaged says that the log has a gap or is not what its seals say.
var errDamaged = errors.New("the log is damaged")

// leaves reads leaf hashes from the log. It belongs to one goroutine.
type leaves struct {
	db      *sql.DB
	stmt    *eventstore.Statement // nil before the first read
	planned int64                 // up to which size of the log
}

// page is a run of leaves.
type page struct {
	hashes   []merkle.Hash
	events   int64         // of them, without seals
	age      time.Duration // of the first of these, by the database's clock
	youngest time.Duration // the age of the run's last event
}

// readLeavesSQL leaves the order to the reader: sorting would cost PostgreSQL as much as all the rest.
const readLeavesSQL = `
	SELECT
		string_agg(int8send(position) || leaf_hash, ''::bytea),
		count(*) FILTER (WHERE type <> 'MerkleBatchSealed'),
		extract(epoch FROM clock_timestamp() - min(recorded_at) FILTER (WHERE type <> 'MerkleBatchSealed'))::float8,
		extract(epoch FROM clock_timestamp() - max(recorded_at))::float8
	FROM events
	WHERE position > $1 AND position <= $2`

// statement returns the statement, prepared where it can be. It is planned anew when the log has doubled, so
// that a plan for a small log is not kept for a large one.
func (l *leaves) statement(ctx context.Context, size int64) (*eventstore.Statement, error) {
	if l.stmt != nil && size <= l.planned {
		return l.stmt, nil
	}
	if err := l.close(); err != nil {
		return nil, err
	}
	var err error
	l.stmt, err = eventstore.Prepare(ctx, l.db, readLeavesSQL)
	l.planned = 2*size + 1000
	return l.stmt, err
}

func (l *leaves) close() error {
	if l.stmt == nil {
		return nil
	}
	stmt := l.stmt
	l.stmt = nil
	return stmt.Close()
}

// read returns the leaves from < position <= upTo, all of them and in order, or errDamaged.
func (l *leaves) read(ctx context.Context, from, upTo int64) (page, error) {
	stmt, err := l.statement(ctx, upTo)
	if err != nil {
		return page{}, fmt.Errorf("read leaf hashes after %d: %w", from, err)
	}
	var (
		raw           []byte
		p             page
		age, youngest sql.NullFloat64
	)
	if err := stmt.QueryRowContext(ctx, from, upTo).Scan(&raw, &p.events, &age, &youngest); err != nil {
		return page{}, fmt.Errorf("read leaf hashes after %d: %w", from, err)
	}
	if p.hashes, err = inOrder(raw, from, upTo-from); err != nil {
		return page{}, err
	}
	p.age, p.youngest = seconds(age), seconds(youngest)
	return p, nil
}

// inOrder puts leaf hashes, each behind its position, in the order of these, and demands that there are count of them after
// a position without a gap. No position comes twice, since it is the table's key.
func inOrder(raw []byte, after, count int64) ([]merkle.Hash, error) {
	const width = 8 + len(merkle.Hash{})
	if int64(len(raw)) != count*int64(width) {
		return nil, fmt.Errorf("%w: of positions %d to %d there are %d with hashes of the right length", errDamaged, after+1, after+count, len(raw)/width)
	}
	hashes := make([]merkle.Hash, count)
	for ; len(raw) > 0; raw = raw[width:] {
		at := int64(binary.BigEndian.Uint64(raw)) - after - 1
		if at < 0 || at >= count {
			return nil, fmt.Errorf("%w: a leaf hash between positions %d and %d is not of 32 bytes", errDamaged, after+1, after+count)
		}
		copy(hashes[at][:], raw[8:])
	}
	return hashes, nil
}

// seconds is a length of time that the database measured; its clock may have gone back.
func seconds(s sql.NullFloat64) time.Duration {
	return max(time.Duration(s.Float64*float64(time.Second)), 0)
}
