package notify

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/lib/pq"

	"chainmail/eventstore"
	"chainmail/transport/cluster"
)

// deafAfter is how long nothing may come, this server's own words included, before the connection is taken for dead. Every server
// beats more often.
const deafAfter = 5 * cluster.BeatEvery

// The commit does not wait for the disk: there is nothing to keep. Both are in one statement, so that a pooler may give the next one
// another session.
const notifySQL = `
	SELECT set_config('synchronous_commit', 'off', true), pg_notify('` + channel + `', payload)
	FROM unnest($1::text[]) AS payload`

// notify sends payloads in one transaction. Others get them in order.
func (c *Carrier) notify(ctx context.Context, payloads []string) error {
	if _, err := c.db.ExecContext(ctx, notifySQL, pq.Array(payloads)); err != nil {
		return fmt.Errorf("notify %s: %w", channel, err)
	}
	return nil
}

// listen hands on what comes, until ctx ends or nothing has come for too long. An error says that there can be no listening.
func (c *Carrier) listen(ctx context.Context, receive func(cluster.Word)) error {
	listener, err := eventstore.NewListener(c.dsn, nil)
	if err != nil {
		return fmt.Errorf("listen to %s: %w", channel, err)
	}
	started := make(chan error, 1)
	go func() { started <- listener.Listen(channel) }() // ends when it has connected, or on Close
	defer func() {
		_ = listener.Close() // the connection is of no use any more
		<-started
	}()
	deaf := time.NewTimer(deafAfter)
	defer deaf.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-deaf.C:
			return nil
		case n := <-listener.Notify:
			deaf.Reset(deafAfter)
			if n != nil { // else it has connected again
				c.read(n.Extra, receive)
			}
		}
	}
}

// read hands on a payload's words, save this server's own.
func (c *Carrier) read(payload string, receive func(cluster.Word)) {
	raw, err := base64.RawStdEncoding.DecodeString(payload)
	if err != nil || len(raw) < 1 || raw[0] != version {
		c.garbage.Add(1)
		return
	}
	for rest := raw[1:]; len(rest) > 0; {
		var w cluster.Word
		if w, rest, err = cluster.Parse(rest); err != nil {
			c.garbage.Add(1)
			return
		}
		if w.From == c.id {
			return // a payload is of one server
		}
		receive(w)
	}
}
