package push

import (
	"context"
	"fmt"
	"time"

	"chainmail/domain"
)

// Tables reads the state tables. What one call returns comes from one snapshot, together with
// the offset up to which the tables include the log.
type Tables interface {
	// Undelivered lists, in ascending order, the positions of at most limit messages to the user, with
	// after < position <= upTo, that he has not acknowledged. The list is empty at the end.
	Undelivered(
		ctx context.Context, user domain.ID, after, upTo domain.Position, limit int,
	) (messages []domain.Position, offset domain.Position, err error)
	// Receipts returns what the tables know of the messages' recipients, in any order. With no
	// messages it returns the offset alone.
	Receipts(ctx context.Context, messages []domain.ID) (receipts []Receipt, offset domain.Position, err error)
}

// Receipt is how far one recipient is with a message. The times are those of the events, which
// run like their positions: no two events have the same.
type Receipt struct {
	Message, User domain.ID
	Delivered     time.Time // of his first receipt of either kind
	Read          time.Time // zero when he has not read it
}

// tally is how many have a message, and the time of the latest receipt that was counted.
type tally struct {
	delivered, read int
	latest          time.Time
}

// countAtOnce is how many messages' receipts are read at once; each has up to a thousand.
const countAtOnce = 64

// ledger counts receipts as of a position: from the state tables, and from the log where the tables lag.
type ledger struct {
	p       *Pusher
	streams []domain.StreamID
	upTo    domain.Position
	until   time.Time // of upTo; zero: what the tables know beyond upTo may count too
	keep    func(receipt) bool

	offset domain.Position                     // the log was read after it
	recent map[domain.ID]map[domain.ID]Receipt // by message and user: the receipts of streams in (offset, upTo]
}

// openLedger reads the receipts up to upTo that the tables do not have yet, of those that keep wants.
func (p *Pusher) openLedger(
	ctx context.Context, streams []domain.StreamID, upTo domain.Position, until time.Time, keep func(receipt) bool,
) (*ledger, error) {
	l := &ledger{p: p, streams: streams, upTo: upTo, until: until, keep: keep}
	_, offset, err := p.tables.Receipts(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read offset of receipts: %w", err)
	}
	return l, l.readAfter(ctx, offset)
}

func (l *ledger) readAfter(ctx context.Context, offset domain.Position) error {
	l.offset, l.recent = offset, make(map[domain.ID]map[domain.ID]Receipt)
	return l.p.readReceipts(ctx, l.streams, offset, l.upTo, func(e domain.Event, r receipt) {
		if !l.keep(r) {
			return
		}
		users := l.recent[r.message]
		if users == nil {
			users = make(map[domain.ID]Receipt)
			l.recent[r.message] = users
		}
		users[r.user] = users[r.user].with(e.RecordedAt, r.read)
	})
}

// count returns the tallies of messages in the ledger's streams. A message without receipts has none.
func (l *ledger) count(ctx context.Context, messages []domain.ID) (map[domain.ID]tally, error) {
	tallies := make(map[domain.ID]tally, len(messages))
	for len(messages) > 0 {
		chunk := messages[:min(countAtOnce, len(messages))]
		rows, offset, err := l.p.tables.Receipts(ctx, chunk)
		if err != nil {
			return nil, fmt.Errorf("read receipts of %d messages: %w", len(chunk), err)
		}
		if offset < l.offset { // rebuilt tables took the place of those that were read before
			if err := l.readAfter(ctx, offset); err != nil {
				return nil, err
			}
		}
		l.fold(tallies, chunk, rows)
		messages = messages[len(chunk):]
	}
	return tallies, nil
}

// fold adds up the rows and, for who has none or only the first of his receipts there, the log's.
func (l *ledger) fold(tallies map[domain.ID]tally, messages []domain.ID, rows []Receipt) {
	type recipient struct{ message, user domain.ID }
	seen := make(map[recipient]struct{})
	for _, row := range rows {
		if later, ok := l.recent[row.Message][row.User]; ok {
			if row.Read.IsZero() {
				row.Read = later.Read
			}
			seen[recipient{row.Message, row.User}] = struct{}{}
		}
		tallies[row.Message] = tallies[row.Message].plus(row, l.until)
	}
	for _, message := range messages {
		for user, r := range l.recent[message] {
			if _, ok := seen[recipient{message, user}]; !ok {
				tallies[message] = tallies[message].plus(r, l.until)
			}
		}
	}
}

// with adds a receipt that comes after those that r has.
func (r Receipt) with(at time.Time, read bool) Receipt {
	if r.Delivered.IsZero() {
		r.Delivered = at
	}
	if read {
		r.Read = at
	}
	return r
}

// plus counts one recipient as of a time; zero is the end of time.
func (t tally) plus(r Receipt, until time.Time) tally {
	for _, c := range []struct {
		at    time.Time
		count *int
	}{{r.Delivered, &t.delivered}, {r.Read, &t.read}} {
		if c.at.IsZero() || !until.IsZero() && c.at.After(until) {
			continue
		}
		*c.count++
		if c.at.After(t.latest) {
			t.latest = c.at
		}
	}
	return t
}
