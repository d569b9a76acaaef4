package push

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/projections/view"
)

// deciding is a log that has only what decides.
type deciding []domain.Event

func (d deciding) Head() domain.Position { return d[len(d)-1].Position }

func (d deciding) ReadDeciding(_ context.Context, after domain.Position, _ int) ([]domain.Event, error) {
	return d[after:], nil
}

// BenchmarkFrames makes the frames of one event, from the event to the sink.
func BenchmarkFrames(b *testing.B) {
	ann, bob, direct := domain.ID{15: 1}, domain.ID{15: 2}, domain.ID{15: 3}
	started := domain.Event{Position: 1, Version: 1, Type: domain.TypeConversationStarted}.WithData(&domain.ConversationStarted{
		ConversationID: direct, StarterID: ann, Direct: true, ParticipantIDs: []domain.ID{ann, bob},
	})
	v, err := view.Load(b.Context(), deciding{started}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	clientID := "0190a1b2-0000-7000-8000-000000000000"
	message := &domain.MessageSent{
		MessageID: domain.ID{15: 4}, ConversationID: direct, SenderID: ann, ReceiverID: &bob, ClientMessageID: &clientID,
		Content: strings.Repeat("a message with ordinary words, ", 5), ContentHash: strings.Repeat("0123456789abcdef", 4),
	}
	receipt := &domain.MessageRead{MessageID: domain.ID{15: 4}, ConversationID: direct, SenderID: ann, UserID: bob}
	for _, bm := range []struct {
		name   string
		data   domain.Data
		online func(domain.ID) bool
	}{
		{"message to one", message, func(id domain.ID) bool { return id == bob }},
		{"message to both", message, func(domain.ID) bool { return true }},
		{"message to nobody", message, func(domain.ID) bool { return false }},
		{"receipt", receipt, func(domain.ID) bool { return true }},
	} {
		b.Run(bm.name, func(b *testing.B) {
			r := &router{view: v, live: silent{online: bm.online}}
			e := domain.Event{Position: 2, Version: 2, Type: bm.data.Type(), RecordedAt: time.Unix(1, 0)}
			b.ReportAllocs()
			for b.Loop() {
				if err := r.route(e, bm.data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// silent drops what it gets for those who are online.
type silent struct {
	Sink
	online func(domain.ID) bool
}

func (s silent) Connected(user domain.ID) bool                      { return s.online(user) }
func (silent) Push([]domain.ID, domain.Position, domain.ID, []byte) {}
