// Package notify carries words between servers through PostgreSQL's NOTIFY: where there is a log, there is a carrier.
//
// Words are gathered into payloads. The first goes at once, and what comes within Pause after it goes together. A payload is
// base64 (RFC 4648 §4, without padding) of a version byte, a stamp, encoded words (package cluster), and a signature of all that (package
// seal): any role that may connect can NOTIFY. What is not signed, not of the last 30 seconds, or not newer than its server's last is
// not heard. The database keeps nothing.
package notify

import (
	"context"
	"database/sql"
	"encoding/base64"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"chainmail/domain"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/seal"
)

const (
	channel = "chainmail_words"
	// version begins a payload. One that begins otherwise is passed over.
	version = 2
	// maxPayload is the most bytes that NOTIFY takes.
	maxPayload = 7_999
	// header is the length of what comes before the words.
	header = 1 + seal.StampSize
	// Pause is the least time between two statements of a server.
	Pause = 20 * time.Millisecond
	// maxQueue is how many bytes of words may wait to be sent. What comes beyond is dropped.
	maxQueue = 4 << 20
	// atOnce is how many payloads one statement takes at most.
	atOnce = 64
	// patience bounds a statement, lastTry the one that a server ends with.
	patience = 2 * time.Second
	lastTry  = time.Second
	// retryAfter is the pause after a statement that failed.
	retryAfter = time.Second
)

// Carrier is a [cluster.Bus].
type Carrier struct {
	dsn    string
	db     *sql.DB
	id     domain.ID
	logger *slog.Logger

	mu    sync.Mutex
	queue []byte        // guarded by mu; encoded words, at most maxQueue
	ends  []int         // guarded by mu; where each word ends in the queue
	wake  chan struct{} // holds one; there is something in the queue

	signs  *seal.Seals // owned by the goroutine that sends
	number uint64      // of the last payload; owned by the goroutine that sends
	checks *seal.Seals // owned by the goroutine of Run
	memory seal.Memory // owned by the goroutine of Run

	dropped, garbage atomic.Int64
}

// New returns the carrier of the server with the id. It listens with a connection of its own to dsn, which must lead to PostgreSQL
// itself: no pooler passes notifications on. It sends with one of db at a time, through a pooler too. It hears only those who have its key
// ([seal.ReadKey]).
func New(dsn string, db *sql.DB, id domain.ID, key []byte, logger *slog.Logger) *Carrier {
	return &Carrier{
		dsn: dsn, db: db, id: id, logger: logger, wake: make(chan struct{}, 1), signs: seal.New(key), checks: seal.New(key),
	}
}

// Dropped counts the words that were not sent, since too many waited or the database was away.
func (c *Carrier) Dropped() int64 { return c.dropped.Load() }

// Garbage counts the notifications that were not believed: forged, repeated or too old, or not to be read to their end.
func (c *Carrier) Garbage() int64 { return c.garbage.Load() }

// Send is [cluster.Bus].
func (c *Carrier) Send(w cluster.Word) {
	w.From = c.id
	c.mu.Lock()
	if len(c.queue)+cluster.MaxEncoded > maxQueue {
		c.mu.Unlock()
		c.dropped.Add(1)
		return
	}
	c.queue = cluster.Append(c.queue, w)
	c.ends = append(c.ends, len(c.queue))
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default: // it was woken already
	}
}

// Run is [cluster.Bus].
func (c *Carrier) Run(ctx context.Context, receive func(cluster.Word)) error {
	ctx, stop := context.WithCancel(ctx)
	var sending sync.WaitGroup
	sending.Go(func() { c.send(ctx) })
	defer sending.Wait()
	defer stop()
	for ctx.Err() == nil {
		if err := c.listen(ctx, receive); err != nil {
			return err
		}
	}
	return nil
}

// send sends what waits, until ctx ends, and then once more.
func (c *Carrier) send(ctx context.Context) {
	for ctx.Err() == nil {
		pause := Pause
		select {
		case <-ctx.Done():
			continue
		case <-c.wake:
			trying, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
			if !c.flush(trying) {
				pause = retryAfter
			}
			cancel()
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
	defer cancel()
	c.flush(last)
}

// flush sends what waits and reports whether that went well. What did not go is lost.
func (c *Carrier) flush(ctx context.Context) bool {
	c.mu.Lock()
	queue, ends := c.queue, c.ends
	c.queue, c.ends = nil, nil
	c.mu.Unlock()
	for len(ends) > 0 {
		payloads, words := c.gather(queue, ends)
		if err := c.notify(ctx, payloads); err != nil {
			c.dropped.Add(int64(len(ends)))
			c.logger.Debug("words to other servers are lost", slog.Int("words", len(ends)), slog.Any("error", err))
			return false
		}
		queue, ends = queue[ends[words-1]:], shift(ends, words)
	}
	return true
}

// shift returns the ends of the words that are left, counted from where the first of them begins.
func shift(ends []int, words int) []int {
	begin := ends[words-1]
	left := ends[words:]
	for i := range left {
		left[i] -= begin
	}
	return left
}

// gather puts words into signed payloads, atOnce at most, and returns how many words went into them.
func (c *Carrier) gather(queue []byte, ends []int) (payloads []string, words int) {
	const room = maxPayload/4*3 - seal.Size // base64 makes four bytes of three
	raw := make([]byte, 0, room+seal.Size)
	for begin := 0; words < len(ends) && len(payloads) < atOnce; {
		c.number++
		raw = append(raw[:0], version)
		raw = seal.Stamp{From: c.id, At: time.Now().UnixMilli(), Number: c.number}.Append(raw)
		for words < len(ends) && len(raw)+ends[words]-begin <= room {
			raw = append(raw, queue[begin:ends[words]]...)
			begin = ends[words]
			words++
		}
		payloads = append(payloads, base64.RawStdEncoding.EncodeToString(c.signs.Sign(channel, raw)))
	}
	return payloads, words
}
