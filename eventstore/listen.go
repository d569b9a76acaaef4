package eventstore

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
)

// channel is the name that append_events notifies, with the head as the payload.
const channel = "chainmail_events"

// pollEvery bounds how long an append of another process can go unnoticed when its notification
// is lost, as it is while this process is connecting again.
const pollEvery = time.Second

// listen wakes the log on appends of other processes, until ctx ends. Its own appends notify it
// too, and are known already.
func (l *Log) listen(ctx context.Context) error {
	listener := NewListener(l.dsn, l.stats.connection)
	defer listener.Close() // a second Close is harmless
	started := make(chan error, 1)
	go func() { started <- listener.Listen(channel) }() // ends when it has connected, or on Close
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		select {
		case <-ctx.Done():
			listener.Close()
			if started != nil {
				<-started
			}
			return nil
		case err := <-started:
			if err != nil {
				return fmt.Errorf("listen to %s: %w", channel, err)
			}
			started = nil
			l.refreshHead(ctx)
		case n := <-listener.Notify:
			if n == nil { // connected again; what was notified meanwhile is lost
				l.refreshHead(ctx)
				continue
			}
			if head, err := strconv.ParseInt(n.Extra, 10, 64); err == nil {
				l.signal.hear(domain.Position(head))
			}
		case <-poll.C:
			l.refreshHead(ctx)
		}
	}
}

// NewListener returns a listener that connects at once and again whenever its connection is lost, and tells events of it. Whoever
// has it closes it.
func NewListener(dsn string, events pq.EventCallbackType) *pq.Listener {
	return pq.NewListener(impatient(dsn), 100*time.Millisecond, 5*time.Second, events)
}

// refreshHead reads the head. An error is left to the next poll; Check tells of it meanwhile.
func (l *Log) refreshHead(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := l.Fresh(ctx)
	l.stats.away.Store(err != nil)
	if err != nil && ctx.Err() == nil {
		l.logger.Debug("cannot read the head", "error", err)
	}
}

// impatient adds a connect timeout to an address that has none, so that the listener does not
// hang on a server that takes connections and says nothing.
func impatient(dsn string) string {
	if strings.Contains(dsn, "connect_timeout") {
		return dsn
	}
	timeout := strconv.Itoa(int(connectTimeout.Seconds()))
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme == "" {
		return dsn + " connect_timeout=" + timeout
	}
	query := u.Query()
	query.Set("connect_timeout", timeout)
	u.RawQuery = query.Encode()
	return u.String()
}
