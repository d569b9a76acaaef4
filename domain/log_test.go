package domain_test

import (
	"fmt"
	"reflect"
	"time"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// log is the simplest log there can be: it gives positions and versions, and folds the state.
type log struct {
	state    *domain.State
	events   []domain.Event
	versions map[domain.StreamID]domain.Version
	messages map[domain.ID]domain.MessageRef
}

func newLog() *log {
	return &log{
		state:    domain.NewState(),
		versions: make(map[domain.StreamID]domain.Version),
		messages: make(map[domain.ID]domain.MessageRef),
	}
}

// append stores a draft as bytes, so that the state is folded from what can be read back. The
// draft is as it was: Encode fills in the hash of a body, and tables of tests share drafts.
func (l *log) append(t rapid.TB, draft domain.Draft) {
	t.Helper()
	encoded, err := domain.Encode(copyOf(draft.Data), as(alice))
	if err != nil {
		t.Fatal(err)
	}
	l.versions[draft.Stream]++
	e := domain.Event{
		Position: domain.Position(len(l.events) + 1), Stream: draft.Stream, Version: l.versions[draft.Stream],
		Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		RecordedAt: time.Unix(int64(len(l.events)), 0).UTC(),
	}
	l.events = append(l.events, e)
	if m, ok := draft.Data.(*domain.MessageSent); ok {
		l.messages[m.MessageID] = domain.MessageRef{
			ID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, Position: e.Position,
		}
	}
	if err := l.state.Apply(e); err != nil {
		t.Fatalf("what was decided does not fit: %v", err)
	}
}

// historyOf is the log in which these things happened, in this order.
func historyOf(t rapid.TB, history []domain.Data) *log {
	t.Helper()
	l := newLog()
	for _, d := range history {
		l.append(t, domain.Draft{Stream: streamOf(d), Data: d})
	}
	return l
}

// streamOf says, for each type, in which stream its events are.
func streamOf(d domain.Data) domain.StreamID {
	switch d := d.(type) {
	case *domain.UserRegistered:
		return domain.UserStream(d.UserID)
	case *domain.UserDeactivated:
		return domain.UserStream(d.UserID)
	case *domain.ConversationStarted:
		return domain.ConversationStream(d.ConversationID)
	case *domain.ParticipantAdded:
		return domain.ConversationStream(d.ConversationID)
	case *domain.ParticipantLeft:
		return domain.ConversationStream(d.ConversationID)
	case *domain.MessageSent:
		return domain.ConversationStream(d.ConversationID)
	case *domain.ContentErased:
		return domain.ConversationStream(d.ConversationID)
	case *domain.MessageDelivered:
		return domain.ReceiptStream(d.ConversationID)
	case *domain.MessageRead:
		return domain.ReceiptStream(d.ConversationID)
	case *domain.UserBlocked:
		return domain.GuardStream(d.UserID)
	case *domain.UserUnblocked:
		return domain.GuardStream(d.UserID)
	}
	panic(fmt.Sprintf("no stream for %s", d.Type()))
}

func copyOf(d domain.Data) domain.Data {
	c := reflect.New(reflect.TypeOf(d).Elem())
	c.Elem().Set(reflect.ValueOf(d).Elem())
	return c.Interface().(domain.Data)
}
