package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"

	"chainmail/domain"
	"chainmail/eventstore"
)

// pageSize is how many rows a query returns at most. A page is one walk along the index: the longer, the
// less the walk's beginning counts.
const pageSize = 10_000

// readPageSQL has the database frame each row by itself: one value to receive instead of ten, and none of
// them turned into text and back.
const readPageSQL = `
	SELECT record_send(ROW(position, event_id, stream, stream_version, type,
		payload, metadata, body, recorded_at, leaf_hash))
	FROM events
	WHERE position >= $1
	ORDER BY position
	LIMIT $2`

// Snapshot is a database's log, offsets and seals of one moment: a server may append, erase and project
// meanwhile. Its methods are for one goroutine.
type Snapshot struct {
	db     *sql.DB
	tx     *sql.Tx
	page   *sql.Stmt
	head   domain.Position
	claims []Claim
	found  []Finding
	reader *reader // nil until the first Next
	shown  *batch  // what the last Next returned
}

// OpenSnapshot connects to a migrated database and begins a transaction that sees one moment and writes
// nothing. It holds one connection until Close.
func OpenSnapshot(ctx context.Context, dsn string) (*Snapshot, error) {
	db, err := eventstore.OpenDB(dsn)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{db: db}
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open a snapshot of the log: %w", err), s.Close())
	}
	return s, nil
}

func (s *Snapshot) begin(ctx context.Context) (err error) {
	options := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	if s.tx, err = s.db.BeginTx(ctx, options); err != nil {
		return err
	}
	if s.page, err = s.tx.PrepareContext(ctx, readPageSQL); err != nil {
		return err
	}
	if s.head, err = readHead(ctx, s.tx); err != nil {
		return err
	}
	if s.claims, err = readClaims(ctx, s.tx); err != nil {
		return err
	}
	s.found, err = compareBatches(ctx, s.tx, s.head)
	return err
}

// Head is the last position in the log; 0 for an empty one.
func (s *Snapshot) Head() domain.Position { return s.head }

// Claims are what the database's own offsets and seals say of the log's length.
func (s *Snapshot) Claims() []Claim { return s.claims }

// Findings are where merkle_batches, from which checkpoints and proofs are served, and the log's seals differ.
func (s *Snapshot) Findings() []Finding { return s.found }

// Next implements Source. It reads ahead of its caller. Rows are given as they are: what no server would
// have written, such as a position of 0 or a leaf hash of another length, is the audit's to find.
func (s *Snapshot) Next(ctx context.Context) ([]domain.Event, error) {
	if s.reader == nil {
		s.reader = startReader(ctx, s.page)
	}
	if s.shown != nil {
		s.reader.free <- s.shown // there is room for all batches
		s.shown = nil
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case b, open := <-s.reader.full:
		if open {
			s.shown = b
			return b.events, nil
		}
	}
	if err := s.reader.err; err != nil {
		return nil, fmt.Errorf("read the log after %d: %w", s.reader.last, err)
	}
	return nil, io.EOF
}

// Close ends the transaction and whatever reads in it.
func (s *Snapshot) Close() error {
	if s.reader != nil {
		s.reader.stop()
	}
	if s.tx != nil {
		_ = s.tx.Rollback() // nothing was written; and after an interrupt it has ended already, its statement with it
	}
	return s.db.Close()
}

// reader reads the log in a goroutine of its own.
type reader struct {
	page   *sql.Stmt
	cancel context.CancelFunc
	free   chan *batch // batches to be filled; holds all of them
	full   chan *batch // batches to be shown; when full the reader waits. Closed at the end
	err    error       // why it ended early; set before full is closed
	last   int64       // the last position read; set before full is closed
}

func startReader(ctx context.Context, page *sql.Stmt) *reader {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the first Next; stop ends it
	r := &reader{page: page, cancel: cancel, free: make(chan *batch, batches), full: make(chan *batch, batches)}
	for range batches {
		r.free <- new(batch)
	}
	go func() { // stop waits for it
		defer close(r.full)
		r.err = r.run(ctx)
	}()
	return r
}

func (r *reader) stop() {
	r.cancel()
	for range r.full { // until it is closed
	}
}

func (r *reader) run(ctx context.Context) error {
	from := int64(math.MinInt64)
	for {
		n, err := r.readPage(ctx, from)
		if err != nil || n < pageSize || r.last == math.MaxInt64 {
			return err
		}
		from = r.last + 1
	}
}

// readPage shows a page's rows, a batch at a time, and returns how many there were.
func (r *reader) readPage(ctx context.Context, from int64) (n int, err error) {
	rows, err := r.page.QueryContext(ctx, from, pageSize)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	b, err := r.empty(ctx)
	if err != nil {
		return 0, err
	}
	var row sql.RawBytes
	for ; rows.Next(); n++ {
		if b.isFull() {
			r.full <- b // there is room for all batches
			if b, err = r.empty(ctx); err != nil {
				return n, err
			}
		}
		if err := rows.Scan(&row); err != nil {
			return n, err
		}
		if err := b.add(row); err != nil {
			return n, err
		}
		r.last = int64(b.events[len(b.events)-1].Position)
	}
	if len(b.events) > 0 {
		r.full <- b
	} else {
		r.free <- b
	}
	return n, rows.Err()
}

func (r *reader) empty(ctx context.Context) (*batch, error) {
	select {
	case b := <-r.free:
		b.reset()
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
