package command_test

import (
	"context"
	"slices"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
)

// history finds messages by reading the whole log.
type history struct{ log *eventstore.Log }

// Find is command.Messages.
func (h history) Find(ctx context.Context, ids []domain.ID, _ domain.Position) (map[domain.ID]domain.MessageRef, error) {
	found := make(map[domain.ID]domain.MessageRef)
	facts, err := readAll(ctx, h.log)
	for _, f := range facts {
		switch m := f.data.(type) {
		case *domain.MessageSent:
			if slices.Contains(ids, m.MessageID) {
				found[m.MessageID] = domain.MessageRef{
					ID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, Position: f.Position,
				}
			}
		case *domain.MessageBlocked:
			if slices.Contains(ids, m.MessageID) {
				found[m.MessageID] = domain.MessageRef{ID: m.MessageID, SenderID: m.SenderID, Position: f.Position, Blocked: true}
			}
		}
	}
	return found, err
}

// fact is an event and what it says.
type fact struct {
	domain.Event
	data domain.Data
}

// readAll reads the log from its beginning, so that the nth fact is that of position n+1.
func readAll(ctx context.Context, log *eventstore.Log) (all []fact, err error) {
	for {
		events, err := log.Read(ctx, domain.Position(len(all)), 500)
		if err != nil || len(events) == 0 {
			return all, err
		}
		for _, e := range events {
			data, err := domain.Decode(e)
			if err != nil {
				return all, err
			}
			all = append(all, fact{e, data})
		}
	}
}

// facts returns what the log has after a position.
func (s *server) facts(t testing.TB, after domain.Position) []fact {
	t.Helper()
	all, err := readAll(t.Context(), s.log)
	if err != nil {
		t.Fatal(err)
	}
	return all[after:]
}

// head is how far the log is.
func (s *server) head(t testing.TB) domain.Position {
	t.Helper()
	head, err := s.log.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// types names the events after a position.
func (s *server) types(t testing.TB, after domain.Position) (types []domain.Type) {
	t.Helper()
	for _, f := range s.facts(t, after) {
		types = append(types, f.Type)
	}
	return types
}

// wantTypes checks which events the log has after a position.
func (s *server) wantTypes(t testing.TB, after domain.Position, want ...domain.Type) {
	t.Helper()
	if got := s.types(t, after); !slices.Equal(got, want) {
		t.Errorf("after %d the log has %v, want %v", after, got, want)
	}
}
