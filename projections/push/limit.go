package push

import (
	"context"
	"time"

	"chainmail/domain"
)

// readLimit bounds one read of a catch-up, of a page or two: a database that is away may say nothing, as a pooler does that waits for
// it for two minutes, and whoever catches up is better off at another server.
const readLimit = 10 * time.Second

// limitedLog is a log whose reads are bounded.
type limitedLog struct{ log Log }

func (l limitedLog) At(ctx context.Context, positions ...domain.Position) ([]domain.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	return l.log.At(ctx, positions...)
}

func (l limitedLog) ReadStreams(
	ctx context.Context, streams []domain.StreamID, after, upTo domain.Position, limit int,
) ([]domain.Event, domain.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	return l.log.ReadStreams(ctx, streams, after, upTo, limit)
}

// limitedTables are tables whose reads are bounded.
type limitedTables struct{ tables Tables }

func (t limitedTables) Undelivered(
	ctx context.Context, user domain.ID, after, upTo domain.Position, limit int,
) (messages []domain.Position, offset domain.Position, err error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	return t.tables.Undelivered(ctx, user, after, upTo, limit)
}

func (t limitedTables) Receipts(ctx context.Context, messages []domain.ID) ([]Receipt, domain.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	return t.tables.Receipts(ctx, messages)
}
