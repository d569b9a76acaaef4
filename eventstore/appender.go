package eventstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
)

// commitTimeout bounds one call of append_events, waiting for the lock included. A call that
// takes longer is given up and looked for in the log.
const commitTimeout = 15 * time.Second

const appendSQL = `
	SELECT head, recorded_micros, versions, refused, refused_keys, refused_positions
	FROM append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`

// appender writes batches, one at a time. Everything in it is owned by run.
type appender struct {
	log     *Log
	batch   *batch
	pending []command
	again   int      // how many of pending were in a batch of which nothing was stored; they come first
	aside   int      // how many of pending rest on the batch that was filled last
	session *session // nil while there is no connection
}

// commit is what append_events answered.
type commit struct {
	head     domain.Position   // before the batch
	micros   int64             // recorded_at of the first event
	versions []int64           // of the events
	refusals map[int32]refusal // by the ordinal of the command's first event; then nothing was stored
}

type refusal struct {
	key    domain.Key
	holder domain.Position // 0 for a conflict
}

func newAppender(l *Log) *appender { return &appender{log: l, batch: newBatch()} }

// run writes what is handed over until ctx ends, then answers what waits with ErrUnavailable.
// There is no timer: a lone command goes at once, and what arrives during a commit is the next
// batch.
func (a *appender) run(ctx context.Context) {
	defer a.disconnect()
	for {
		if len(a.pending) == 0 {
			select {
			case <-ctx.Done():
				a.refuseWaiting()
				return
			case commands := <-a.log.queue:
				a.pending = append(a.pending, commands...)
			}
		}
		a.gather()
		known, _, _ := a.log.seen.get()
		a.batch.versions.validAt(known)
		a.pending, a.aside = a.batch.fill(a.pending, a.again)
		// What is under way is finished even when ctx ends meanwhile.
		retry := a.write(context.WithoutCancel(ctx), known)
		a.answerRepeats()
		if a.again = len(retry); a.again > 0 {
			a.pending = append(retry, a.pending...)
		}
		if ctx.Err() != nil {
			a.refuseWaiting()
			return
		}
	}
}

// gather takes what is waiting, up to a full batch beside what was put aside: who sends much that rests on each other holds up
// nobody else.
func (a *appender) gather() {
	for len(a.pending)-a.aside < maxBatch {
		select {
		case commands := <-a.log.queue:
			a.pending = append(a.pending, commands...)
		default:
			return
		}
	}
}

func (a *appender) refuseWaiting() {
	for {
		for i := range a.pending {
			a.pending[i].fail(ErrUnavailable)
		}
		a.pending, a.aside = a.pending[:0], 0
		if a.gather(); len(a.pending) == 0 {
			return
		}
	}
}

// write commits the batch and answers its commands, save those that it returns to be written
// again. The batch was filled when the log was known to reach the position.
func (a *appender) write(ctx context.Context, known domain.Position) (retry []command) {
	if err := a.log.Doubt(); err != nil {
		a.failAll(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return nil
	}
	if err := a.connect(ctx); err != nil {
		a.failAll(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return nil
	}
	a.log.signal.begin()
	began := time.Now()
	c, err := a.call(ctx, known)
	a.session.used = time.Now()
	became := outcome(err)
	if became != stored {
		a.log.signal.end(known)
	}
	switch became {
	case stored:
		if len(c.refusals) > 0 {
			return a.refuse(c)
		}
		a.settle(c, a.session.used.Sub(began))
		return nil
	case cutShort:
		if cut := a.log.examine(ctx, a.session.conn); cut != nil {
			err = cut
		}
		a.failAll(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return nil
	case rejected:
		return a.rejected(err)
	case refusedForNow:
		if isReadOnly(err) {
			a.disconnect() // another one may be the primary by now
		}
		a.failAll(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return nil
	default:
		return a.resolve(ctx, known, err)
	}
}

// failAll answers all commands of the batch with an error, ErrUnavailable or ErrUnknown.
func (a *appender) failAll(err error) {
	count := &a.log.stats.unavailable
	if errors.Is(err, ErrUnknown) {
		count = &a.log.stats.unknown
	}
	count.Add(int64(len(a.batch.commands)))
	for i := range a.batch.commands {
		a.batch.commands[i].fail(err)
	}
}

// rejected handles an error in one row's data: each command is tried alone, so that only the
// one at fault fails.
func (a *appender) rejected(err error) (retry []command) {
	if len(a.batch.commands) == 1 {
		a.log.stats.rejected.Add(1)
		a.log.logger.Error("the database rejects an event", "error", err)
		a.batch.commands[0].fail(fmt.Errorf("append: %w", err))
		return nil
	}
	for _, c := range a.batch.commands {
		c.alone = true
		retry = append(retry, c)
	}
	return retry
}

func (a *appender) call(ctx context.Context, known domain.Position) (commit, error) {
	ctx, cancel := context.WithTimeout(ctx, commitTimeout)
	defer cancel()
	b := a.batch
	var (
		c                commit
		micros           sql.NullInt64
		refused, holders pq.Int64Array
		keys             []sql.NullString
	)
	err := a.session.append.QueryRowContext(ctx, int64(known),
		b.ids.Bytes(), b.streams.Bytes(), b.rank.Bytes(), b.known.Bytes(), b.types.Bytes(), b.payloads.Bytes(),
		b.metadatas.Bytes(), b.bodies.Bytes(), b.deciding.Bytes(), b.eraseOf.Bytes(),
		b.keyIDs.Bytes(), b.keyOrdinals.Bytes(), b.keyClaims.Bytes(),
		int64(b.at), b.expectStreams.Bytes(), b.expectVersions.Bytes(), b.expectOrdinals.Bytes(),
	).Scan(&c.head, &micros, (*pq.Int64Array)(&c.versions), &refused, pq.Array(&keys), &holders)
	if err != nil {
		return commit{}, fmt.Errorf("append %d events: %w", b.events, err)
	}
	if ctx.Err() != nil { // a commit that is cancelled while it waits for a standby succeeds without it
		return commit{}, fmt.Errorf("append %d events: %w", b.events, ctx.Err())
	}
	c.micros = micros.Int64
	if len(refused) > 0 {
		c.refusals = make(map[int32]refusal, len(refused))
	}
	for i, ordinal := range refused {
		var r refusal
		if i < len(holders) {
			id, err := domain.ParseID(keys[i].String)
			if err != nil {
				return commit{}, fmt.Errorf("refused key %q: %w", keys[i].String, err)
			}
			r = refusal{key: domain.Key(id), holder: domain.Position(holders[i])}
		}
		c.refusals[int32(ordinal)] = r
	}
	return c, nil
}

// settle answers the commands of a batch that was committed.
func (a *appender) settle(c commit, took time.Duration) {
	b := a.batch
	events := make([]domain.Event, 0, b.events)
	head := c.head + domain.Position(b.events)
	results := make([]Result, len(b.commands))
	for i := range b.commands {
		cmd := &b.commands[i]
		start := len(events)
		for n := range cmd.ids {
			at := len(events)
			events = append(events, cmd.event(n, c.head+domain.Position(at+1), c.versions[at], c.micros+int64(at)))
		}
		results[i] = Result{Events: events[start:len(events):len(events)], Head: head}
		if a.aside > 0 {
			b.hold(cmd.decision.Keys, events[start].Position)
		}
	}
	// Tails learn of the events before the callers are answered, so that a caller who acts on
	// the answer finds a view that is as new as can be.
	b.versions.validAt(c.head)
	b.versions.note(events, head)
	a.log.recent.add(events)
	last := &events[len(events)-1]
	a.log.seen.note(last.Position, last.ID)
	a.log.signal.end(head)
	for i := range b.commands {
		b.commands[i].answer(results[i])
	}
	a.log.stats.tell(events, took)
}

// refuse answers the commands that were refused, and returns the others of their batch, of which
// nothing was stored.
func (a *appender) refuse(c commit) (retry []command) {
	a.log.seen.witness(c.head)
	a.log.signal.end(c.head)
	ordinal := int32(1)
	for _, cmd := range a.batch.commands {
		if r, refused := c.refusals[ordinal]; refused {
			if r.holder == 0 {
				a.log.stats.conflicts.Add(1)
			} else {
				a.log.stats.repeats.Add(1)
				a.batch.holders[r.key] = r.holder
			}
			cmd.answer(Result{Duplicate: r.holder, DuplicateKey: r.key, Conflict: r.holder == 0, Head: c.head})
		} else {
			retry = append(retry, cmd)
		}
		ordinal += int32(len(cmd.ids))
	}
	return retry
}

func (c *command) event(n int, position domain.Position, version, micros int64) domain.Event {
	draft, e := &c.decision.Drafts[n], &c.encoded[n]
	return domain.Event{
		Position: position, ID: c.ids[n], Stream: draft.Stream, Version: domain.Version(version),
		Type: e.Type, Payload: e.Payload, Metadata: e.Metadata, Body: e.Body,
		RecordedAt: time.UnixMicro(micros).UTC(),
	}.WithData(draft.Data)
}
