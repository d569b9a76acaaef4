package logkey

import (
	"context"
	"fmt"
	"slices"

	"chainmail/domain"
)

// Announced is a key that the log says is its own, from a position on.
type Announced struct {
	Verifier string
	Position domain.Position // of the event that announces it

	// Announcement is the signed note by which the key before vouches for it; empty for the first.
	Announcement string
}

// Stream reads the events of one stream after a version; *eventstore.Log does.
type Stream interface {
	ReadStream(ctx context.Context, stream domain.StreamID, after domain.Version, limit int) ([]domain.Event, error)
}

// page is how many events are read at once.
const page = 100

// ReadAnnounced returns the keys that the log has announced, the newest first. It takes the log's word for
// them: whether each was signed by the one before is for an audit to check.
func ReadAnnounced(ctx context.Context, log Stream) ([]Announced, error) {
	var keys []Announced
	for after := domain.Version(0); ; after += page {
		events, err := log.ReadStream(ctx, domain.LogStream, after, page)
		if err != nil {
			return nil, fmt.Errorf("read the log's keys: %w", err)
		}
		for _, e := range events {
			data, err := domain.Decode(e)
			if err != nil {
				return nil, fmt.Errorf("read the log's keys: %w", err)
			}
			switch d := data.(type) {
			case *domain.LogCreated:
				keys = append(keys, Announced{Verifier: d.PublicKey, Position: e.Position})
			case *domain.LogKeyRotated:
				keys = append(keys, Announced{d.PublicKey, e.Position, d.Announcement})
			}
		}
		if len(events) < page {
			slices.Reverse(keys)
			return keys, nil
		}
	}
}
