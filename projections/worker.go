package projections

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"

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
	failure  *failure        // guarded by mu; why it is stuck, nil if it isn't
	recorded bool            // guarded by mu; failure stands in the offset row
	logged   string          // guarded by mu; the failure that was told last
	changed  chan struct{}   // guarded by mu; closed and replaced when position or failure changes

	retries  int // owned by the subscriber: how often in a row the batch failed
	troubles int // owned by the subscriber: how often in a row reading failed
}

// batch is what one message stands for. It goes from the topic to the handler beside the message,
// whose payload is span: both are in one process.
type batch struct {
	span   string
	events []domain.Event
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

func (w *worker) receive(events []domain.Event) (span string) {
	span = fmt.Sprintf("%d-%d", events[0].Position, events[len(events)-1].Position)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inbox = batch{span, events}
	return span
}

// open returns the events that a message stands for; nil if others were read since.
func (w *worker) open(span string) []domain.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inbox.span != span {
		return nil
	}
	return w.inbox.events
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
