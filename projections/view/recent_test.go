package view

import (
	"testing"

	"chainmail/domain"
)

// TestRecentIsBounded keeps the latest, whatever came before.
func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	const limit = 5
	r := newRecent(limit)
	for n := byte(1); n <= 4*limit+2; n++ {
		r.add(domain.MessageRef{ID: domain.ID{15: n}, Position: domain.Position(n)})
		for old := byte(1); old <= n; old++ {
			ref, ok := r.get(domain.ID{15: old})
			if want := old+limit > n; ok != want {
				t.Fatalf("after %d: %d is known: %t, want %t", n, old, ok, want)
			}
			if ok && ref.Position != domain.Position(old) {
				t.Fatalf("after %d: %d is taken for %d", n, old, ref.Position)
			}
		}
		if len(r.index) > limit || len(r.refs) > limit {
			t.Fatalf("after %d: %d entries", n, len(r.index))
		}
	}
}

func BenchmarkApply(b *testing.B) {
	v := newView(nil, nil)
	conversation := domain.ID{15: 1}
	stream := domain.ConversationStream(conversation)
	message := &domain.MessageSent{ConversationID: conversation, SenderID: domain.ID{15: 2}}
	batch := make([]domain.Event, 1)
	b.ReportAllocs()
	for n := domain.Position(1); b.Loop(); n++ {
		message.MessageID = domain.ID{0: byte(n), 1: byte(n >> 8), 2: byte(n >> 16), 3: 1}
		batch[0] = domain.Event{Position: n, Stream: stream, Type: domain.TypeMessageSent}.WithData(message)
		v.Apply(batch)
	}
}
