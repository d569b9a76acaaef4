package ws

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/frame"
)

// missed is what a client wants to catch up with.
type missed struct {
	given   bool            // it named a position; else: what nobody has acknowledged, and what comes after at
	at      domain.Position // that of the view when this was asked for
	since   domain.Position // with given
	ref     string          // of a sync
	isSync  bool
	refusal *frame.Error // since can't be used: send this, then go on as without it
}

// sinceRefused makes the error for a since that cannot be used.
func sinceRefused(field, message string) *frame.Error {
	return &frame.Error{Code: frame.InvalidField, Field: field, Message: message}
}

// queryMissed reads since and log_id from a handshake. What is wrong with them against the log is found later.
func queryMissed(u *url.URL) (m missed, logIDs []string) {
	values := queryValues(u, "since")
	if len(values) == 0 {
		return m, nil
	}
	n, err := strconv.ParseUint(values[0], 10, 63)
	if err != nil || len(values) > 1 {
		m.refusal = sinceRefused("since", "since must be one integer, 0 or more")
		return m, nil
	}
	return missed{given: true, since: domain.Position(n)}, queryValues(u, "log_id")
}

// queryValues has all values that a query gives a name. One that can't be decoded stays as it was sent, to be refused:
// url.Values would leave it out, and the client would not hear of it.
func queryValues(u *url.URL, name string) (values []string) {
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if key, value, _ := strings.Cut(pair, "="); decoded(key) == name {
			values = append(values, decoded(value))
		}
	}
	return values
}

func decoded(part string) string {
	if text, err := url.QueryUnescape(part); err == nil {
		return text
	}
	return part
}

func otherLog() *frame.Error {
	return sinceRefused("log_id", "log_id is not that of this log: its positions mean nothing here")
}

// reachable waits until the view includes what the client can have seen, and refuses a since
// beyond the log's head.
func (c *conn) reachable(ctx context.Context, m *missed) error {
	log := c.server.config.Log
	head := log.Head()
	if m.given && m.since > head {
		var err error
		if head, err = log.Fresh(ctx); err != nil {
			return err
		}
		if m.since > head {
			*m = missed{
				at: m.at, ref: m.ref, isSync: m.isSync,
				refusal: sinceRefused("since", "since is beyond the log's head, "+strconv.FormatInt(int64(head), 10)),
			}
		}
	}
	waiting, cancel := context.WithTimeout(ctx, freshWithin)
	defer cancel()
	if err := c.server.config.View.Wait(waiting, head); err != nil {
		return errors.Join(eventstore.ErrUnavailable, err)
	}
	return nil
}
