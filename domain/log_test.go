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

// append adds a draft.
func (l *log) append(t rapid.TB, draft domain.Draft, actor domain.Actor) {
	t.Helper()
	l.add(t, l.next(t, draft, actor), draft.Data)
}

// next makes the event that a draft will be, in bytes, so that the state is folded from what can be read back. The
// draft is as it was: Encode fills in the hash of a body, and tables of tests share drafts.
func (l *log) next(t rapid.TB, draft domain.Draft, actor domain.Actor) domain.Event {
	t.Helper()
	encoded, err := domain.Encode(copyOf(draft.Data), actor)
	if err != nil {
		t.Fatal(err)
	}
	return domain.Event{
		Position: domain.Position(len(l.events) + 1), Stream: draft.Stream, Version: l.versions[draft.Stream] + 1,
		Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		RecordedAt: time.Unix(int64(len(l.events)), 0).UTC(),
	}
}

// add puts an event at the end.
func (l *log) add(t rapid.TB, e domain.Event, data domain.Data) {
	t.Helper()
	l.versions[e.Stream] = e.Version
	l.events = append(l.events, e)
	l.note(e, data)
	if err := l.state.Apply(e); err != nil {
		t.Fatalf("what was decided does not fit: %v", err)
	}
}

// holds reports whether no stream that the decision read has a newer deciding event.
func (l *log) holds(d domain.Decision) bool {
	decided := make(map[domain.StreamID]domain.Version)
	for _, e := range l.events {
		if e.Type.Deciding() {
			decided[e.Stream] = e.Version
		}
	}
	for _, e := range d.Expect {
		if decided[e.Stream] != e.Version {
			return false
		}
	}
	return true
}

// note keeps what can be said of messages, and forgets what was erased.
func (l *log) note(e domain.Event, data domain.Data) {
	switch d := data.(type) {
	case *domain.MessageSent:
		l.messages[d.MessageID] = domain.MessageRef{
			ID: d.MessageID, ConversationID: d.ConversationID, SenderID: d.SenderID, Position: e.Position,
		}
	case *domain.MessageBlocked:
		ref := domain.MessageRef{ID: d.MessageID, SenderID: d.SenderID, Position: e.Position, Blocked: true}
		if d.ConversationID != nil {
			ref.ConversationID = *d.ConversationID
		}
		l.messages[d.MessageID] = ref
	case *domain.ContentErased:
		l.events[d.ErasedPosition-1].Body = nil
	}
}

// keptBack reads what was blocked under an id, as one does who wants to release it.
func (l *log) keptBack(t rapid.TB, message domain.ID) (*domain.MessageBlocked, domain.Position) {
	t.Helper()
	at := l.messages[message].Position
	d, err := domain.Decode(l.events[at-1])
	if err != nil {
		t.Fatal(err)
	}
	return d.(*domain.MessageBlocked), at
}

// historyOf is the log in which these things happened, in this order.
func historyOf(t rapid.TB, history []domain.Data) *log {
	t.Helper()
	l := newLog()
	var release *domain.MessageReleased // whose message is yet to be sent
	for _, d := range history {
		actor := actingIn(d)
		if release != nil {
			actor = release.ReleasedBy
		}
		switch d := d.(type) {
		case *domain.MessageReleased:
			release = d
		case *domain.MessageSent:
			release = nil
		}
		l.append(t, domain.Draft{Stream: streamOf(d), Data: d}, as(actor))
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
		if d.SenderID != nil {
			return domain.GuardStream(*d.SenderID)
		}
		return domain.ConversationStream(*d.ConversationID)
	case *domain.MessageDelivered:
		return domain.ReceiptStream(d.ConversationID)
	case *domain.MessageRead:
		return domain.ReceiptStream(d.ConversationID)
	case *domain.UserBlocked:
		return domain.GuardStream(d.UserID)
	case *domain.UserUnblocked:
		return domain.GuardStream(d.UserID)
	case *domain.MessageJudged:
		return domain.GuardStream(d.SenderID)
	case *domain.MessageBlocked:
		return domain.GuardStream(d.SenderID)
	case *domain.MessageReleased:
		return domain.GuardStream(d.SenderID)
	case *domain.GuardPolicyInstalled:
		return domain.PolicyStream
	case *domain.ProjectCreated:
		return domain.ProjectStream(d.ProjectID)
	case *domain.TaskCreated:
		return domain.TaskStream(d.TaskID)
	case *domain.TaskStatusChanged:
		return domain.TaskStream(d.TaskID)
	case *domain.NotificationCreated:
		return domain.NotificationStream(d.UserID)
	case *domain.NotificationRead:
		return domain.NotificationStream(d.UserID)
	case *domain.AnnouncementMade:
		return domain.AnnouncementStream
	}
	panic(fmt.Sprintf("no stream for %s", d.Type()))
}

func copyOf(d domain.Data) domain.Data {
	c := reflect.New(reflect.TypeOf(d).Elem())
	c.Elem().Set(reflect.ValueOf(d).Elem())
	return c.Interface().(domain.Data)
}
