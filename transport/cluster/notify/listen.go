package notify

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/seal"
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
	from, words, ok := c.open(payload)
	if !ok {
		c.garbage.Add(1)
		return
	}
	for from != c.id && len(words) > 0 {
		w, rest, err := cluster.Parse(words)
		if err != nil || w.From != from {
			c.garbage.Add(1)
			return
		}
		receive(w)
		words = rest
	}
}

// open returns the encoded words of a payload that a server has signed, that is new, and which server that is.
func (c *Carrier) open(payload string) (from domain.ID, words []byte, ok bool) {
	signed, err := base64.RawStdEncoding.DecodeString(payload)
	if err != nil {
		return domain.ID{}, nil, false
	}
	raw, ours := c.checks.Open(channel, signed)
	if !ours || len(raw) < header || raw[0] != version {
		return domain.ID{}, nil, false
	}
	stamp := seal.ReadStamp(raw[1:])
	return stamp.From, raw[header:], stamp.From == c.id || c.memory.News(stamp, time.Now())
}
