package eventstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
)

// resolveTimeout bounds how long callers wait to learn what became of their commands.
const resolveTimeout = 8 * time.Second

// maxTries bounds how often a command is written again after answers were lost.
const maxTries = 3

// resolve finds out what became of a batch whose answer was lost. It makes sure that the old
// call is over, then looks for the batch's events behind the position that was known before.
// Commands that are in the log are answered; the others are returned to be written again. When
// the database stays away, all are answered with ErrUnknown.
func (a *appender) resolve(ctx context.Context, known domain.Position, cause error) (retry []command) {
	a.log.logger.Warn("the answer to an append was lost; looking for it in the log", "error", cause)
	a.log.stats.lost.Add(1)
	lost := a.session
	a.disconnect()
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	var found map[domain.ID]domain.Event
	for {
		err := a.connect(ctx)
		if err == nil {
			if found, err = a.find(ctx, lost, known); err == nil {
				break
			}
			a.disconnect()
		}
		if errors.Is(err, ErrCutShort) { // it may be stored where it was sent to, which is no longer this log
			a.failAll(fmt.Errorf("%w: %w: %w", ErrUnknown, err, cause))
			return nil
		}
		select {
		case <-ctx.Done():
			a.failAll(fmt.Errorf("%w: %w", ErrUnknown, cause))
			return nil
		case <-time.After(50 * time.Millisecond):
		}
	}
	head, err := a.log.readHead(ctx)
	if err != nil {
		head = a.log.Head()
	}
	a.log.signal.advance(head)
	for i := range a.batch.commands {
		c := a.batch.commands[i]
		events := c.found(found)
		switch {
		case events != nil:
			c.answer(Result{Events: events, Head: head})
			a.log.stats.tell(events, 0)
		case c.tries >= maxTries:
			a.log.stats.unavailable.Add(1)
			c.fail(ErrUnavailable)
		default:
			c.tries++
			retry = append(retry, c)
		}
	}
	return retry
}

// find ends the lost call's backend, waits for the lock, which a call still under way would
// hold, and reads which of the batch's events are in the log.
func (a *appender) find(
	ctx context.Context, lost *session, known domain.Position,
) (map[domain.ID]domain.Event, error) {
	var over bool
	err := a.session.conn.QueryRowContext(ctx, `
		SELECT coalesce(bool_and(pg_terminate_backend(pid, 5000)), true)
		FROM pg_stat_activity
		WHERE pid = $1 AND backend_start = $2`, lost.pid, lost.started).Scan(&over)
	if err != nil {
		return nil, fmt.Errorf("end the lost call: %w", err)
	}
	if !over {
		return nil, errors.New("the lost call's backend does not end")
	}
	tx, err := a.session.conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // it only reads
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('chainmail log', 0))`); err != nil {
		return nil, fmt.Errorf("wait for the log's lock: %w", err)
	}
	events, err := scan(tx.QueryContext(ctx, `
		SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
		FROM events
		WHERE position > $1 AND event_id = ANY ($2)
		ORDER BY position`, int64(known), a.batch.ids.Bytes()))
	if err != nil {
		return nil, fmt.Errorf("look for the batch: %w", err)
	}
	if len(events) > 0 {
		if err := errors.Join(tx.Rollback(), a.settled(ctx)); err != nil {
			return nil, err
		}
	}
	found := make(map[domain.ID]domain.Event, len(events))
	for _, e := range events {
		found[e.ID] = e
	}
	return found, nil
}

// settled returns when what is in the log is as durable as a commit makes it. A call whose backend is ended while it waits for a
// synchronous standby is committed, and seen by all, without the standby: only a commit behind it waits again.
func (a *appender) settled(ctx context.Context) error {
	_, err := a.session.conn.ExecContext(ctx, `SELECT pg_logical_emit_message(true, 'chainmail', '')`)
	if err == nil {
		err = ctx.Err() // when that ends, so does the wait, as if all were well
	}
	if err != nil {
		return fmt.Errorf("wait until the log is durable: %w", err)
	}
	return nil
}

// found returns the command's events if they are in the log. They are stored all or none.
func (c *command) found(events map[domain.ID]domain.Event) []domain.Event {
	var own []domain.Event
	for n, id := range c.ids {
		e, ok := events[id]
		if !ok {
			return nil
		}
		own = append(own, e.WithData(c.decision.Drafts[n].Data))
	}
	return own
}
