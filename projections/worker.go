package projections

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"chainmail/domain"
)

// worker runs one projection.
type worker struct {
	projection Projection
	settings   Settings
	db         *sql.DB
	logger     *slog.Logger
	hard       context.Context // ends when batches under way must be rolled back
	done       <-chan struct{} // closed when Run's context ends
	wake       <-chan struct{} // capacity 1: the head has moved

	underway sync.WaitGroup // handlers, which may outlive their message

	preparing sync.Mutex
	prepared  Prepared // guarded by preparing; its Apply is nil until a batch needs it

	mu       sync.Mutex
	inbox    batch           // guarded by mu; the last that was read
	floor    domain.Position // guarded by mu; what the last read left out as applied
	limit    int             // guarded by mu; the most events of the last read
	position domain.Position // guarded by mu; the last known to be applied
	moves    int             // guarded by mu; how often this process set position
	mismatch bool            // guarded by mu; the batch did not follow the offset
	version  int             // guarded by mu; that of the offset row, 0 while unknown
	behind   time.Duration   // guarded by mu; how old the first event that was not applied was when the offsets were read last
	failure  *failure        // guarded by mu; why it is stuck, nil if it isn't
	recorded bool            // guarded by mu; failure stands in the offset row
	logged   string          // guarded by mu; the failure that was told last
	changed  chan struct{}   // guarded by mu; closed and replaced when position or failure changes

	retries  int // owned by the subscriber: how often in a row the batch failed
	troubles int // owned by the subscriber: how often in a row reading failed
}

// batch is what one message stands for. It goes from the topic to the handler beside the message,
// whose payload is its span: both are in one process.
type batch struct {
	after, through domain.Position // applied before, and once it is
	events         []domain.Event  // in between, all or those of the projection's types
	full           bool            // the log may hold more
}

func (b batch) span() string { return fmt.Sprintf("%d-%d", b.after+1, b.through) }

// split cuts a batch of two events or more in two.
func (b batch) split() (batch, batch) {
	half := len(b.events) / 2
	at := b.events[half-1].Position
	return batch{after: b.after, through: at, events: b.events[:half]},
		batch{after: at, through: b.through, events: b.events[half:]}
}

// nextRead tells where to read and how much: event by event while stuck.
func (w *worker) nextRead() (after domain.Position, limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.floor, w.mismatch = w.position, false
	w.inbox = batch{}
	w.limit = w.settings.BatchSize
	if w.failure != nil {
		w.limit = 1
	}
	return w.floor, w.limit
}

// receive takes in rows that were read after a position: all events, or those of the projection's types, those of types that nobody
// here knows, and the last one read.
func (w *worker) receive(after domain.Position, rows []domain.Event) (b batch) {
	w.mu.Lock()
	defer w.mu.Unlock()
	last := rows[len(rows)-1]
	b = batch{after: after, through: last.Position, events: rows, full: len(rows) >= w.limit}
	if types := w.projection.Types; types != nil {
		b.full = b.full || last.Position-after >= window
		b.events = slices.DeleteFunc(rows, func(e domain.Event) bool { return !w.concerns(e.Type) })
	}
	w.inbox = b
	return b
}

// concerns reports whether a projection of some types has to do with a type: it is one of them, or one of a newer release that may be.
func (w *worker) concerns(t domain.Type) bool {
	p := w.projection
	return slices.Contains(p.Types, t) || !p.Closed && !slices.Contains(domain.Types(), t)
}

// open returns what a message stands for; false if something else was read since.
func (w *worker) open(span string) (batch, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inbox.through == 0 || w.inbox.span() != span {
		return batch{}, false
	}
	return w.inbox, true
}

// applied notes that this process moved the offset.
func (w *worker) applied(position domain.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moves++
	w.position, w.version = position, w.projection.Version
	if w.failure != nil && w.failure.position <= position {
		w.clear()
	}
	w.announce()
}

// observe notes an offset row that was read when this process had moved the offset so many times. A
// row that may be older than the last move says nothing.
func (w *worker) observe(o offset, moves int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.behind = o.behind
	if w.moves != moves {
		return
	}
	w.position, w.version = o.position, o.version
	switch {
	case o.failure != nil:
		w.failure, w.recorded = o.failure, true
	case w.failure != nil && (w.recorded || w.failure.position <= o.position):
		w.clear()
	}
	w.announce()
}

// clear forgets the failure. The caller holds mu.
func (w *worker) clear() {
	w.failure, w.recorded = nil, false
	if w.logged != "" {
		w.logged = ""
		w.logger.Info("the projection goes on", "projection", w.projection.Name, "position", int64(w.position))
	}
}

// announce wakes those who wait for a change. The caller holds mu.
func (w *worker) announce() {
	close(w.changed)
	w.changed = make(chan struct{})
}

func (w *worker) moveCount() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moves
}
