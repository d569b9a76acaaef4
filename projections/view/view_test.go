package view_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/projections/view"
)

var (
	ann, bob = domain.ID{15: 1}, domain.ID{15: 2}
	group    = domain.ID{15: 3}
	other    = domain.ID{15: 4}
	quiet    = slog.New(slog.DiscardHandler)
)

// memory is a log of events with the positions 1, 2, 3...
type memory struct {
	events []domain.Event
	page   int   // of ReadDeciding; 0: as asked for
	err    error // of the next call of ReadDeciding
}

func (m *memory) Head() domain.Position { return domain.Position(len(m.events)) }

func (m *memory) ReadDeciding(_ context.Context, after domain.Position, limit int) ([]domain.Event, error) {
	if err := m.err; err != nil {
		m.err = nil
		return nil, err
	}
	if m.page > 0 {
		limit = m.page
	}
	var events []domain.Event
	for _, e := range m.events[after:] {
		if e.Type.Deciding() && len(events) < limit {
			events = append(events, e)
		}
	}
	return events, nil
}

// add stores what the data says, as bytes.
func (m *memory) add(t testing.TB, stream domain.StreamID, data domain.Data) []domain.Event {
	t.Helper()
	raw, err := domain.Encode(data, domain.Actor{Auth: domain.AuthSystem})
	if err != nil {
		t.Fatal(err)
	}
	e := domain.Event{
		Position: domain.Position(len(m.events) + 1), Stream: stream, Version: 1,
		Type: raw.Type, Payload: raw.Payload, Metadata: raw.Metadata, Body: raw.Body,
	}
	m.events = append(m.events, e)
	return []domain.Event{e}
}

func (m *memory) message(t testing.TB, conversation domain.ID, number byte) []domain.Event {
	t.Helper()
	return m.add(t, domain.ConversationStream(conversation), &domain.MessageSent{
		MessageID: domain.ID{0: 1, 15: number}, ConversationID: conversation, SenderID: ann,
	})
}

// started is a log of two users, a group of theirs with a title, and a message.
func started(t testing.TB) *memory {
	t.Helper()
	m := new(memory)
	m.add(t, domain.UserStream(ann), &domain.UserRegistered{UserID: ann, Role: domain.RoleMember, Name: "Ann"})
	m.add(t, domain.UserStream(bob), &domain.UserRegistered{UserID: bob, Role: domain.RoleMember, Name: "Bob"})
	m.add(t, domain.ConversationStream(group), &domain.ConversationStarted{
		ConversationID: group, StarterID: ann, ParticipantIDs: []domain.ID{ann, bob}, Title: "Trip",
	})
	m.message(t, group, 1)
	return m
}

func load(t testing.TB, m *memory) *view.View {
	t.Helper()
	v, err := view.Load(t.Context(), m, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func has(v *view.View, conversation, user domain.ID) (yes bool) {
	v.Read(func(s *domain.State) {
		c := s.Conversation(conversation)
		yes = c != nil && c.Has(user)
	})
	return yes
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, page := range []int{0, 1, 2} {
		m := started(t)
		m.page = page
		v := load(t, m)
		if got := v.Position(); got != 4 {
			t.Errorf("page %d: position %d, want that of the message", page, got)
		}
		if !has(v, group, bob) {
			t.Errorf("page %d: the group lacks bob", page)
		}
		if got := v.Title(group); got != "Trip" {
			t.Errorf("page %d: title %q", page, got)
		}
		if got := v.Title(other); got != "" {
			t.Errorf("page %d: title %q of what isn't there", page, got)
		}
	}
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	m := started(t)
	away := errors.New("the database is away")
	m.err = away
	if _, err := view.Load(t.Context(), m, quiet); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	m := started(t)
	v := load(t, m)
	m.add(t, domain.ConversationStream(group), &domain.ParticipantLeft{ConversationID: group, UserID: bob, RemovedBy: bob})
	m.message(t, group, 2)
	m.err = errors.New("the database is away")
	if err := v.Refresh(t.Context()); err == nil || v.Position() != 4 {
		t.Errorf("got %v at %d", err, v.Position())
	}
	if err := v.Refresh(t.Context()); err != nil || v.Position() != 6 || has(v, group, bob) {
		t.Errorf("got %v at %d", err, v.Position())
	}
	if at, known := v.LastActivity(group); at != 6 || known {
		t.Errorf("activity %d, %t; want at most 6", at, known)
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	m := started(t)
	v := load(t, m)
	v.Apply(m.events) // what it has already changes nothing
	if at, known := v.LastActivity(group); at != 4 || known {
		t.Errorf("activity %d, %t; want at most 4", at, known)
	}
	if _, ok := v.Message(domain.ID{0: 1, 15: 1}); ok {
		t.Error("a message from before loading is known")
	}
	v.Apply(m.message(t, group, 2))
	want := domain.MessageRef{ID: domain.ID{0: 1, 15: 2}, ConversationID: group, SenderID: ann, Position: 5}
	if got, ok := v.Message(want.ID); !ok || got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	v.Apply(m.add(t, domain.ReceiptStream(group), &domain.MessageRead{
		MessageID: want.ID, ConversationID: group, SenderID: ann, UserID: bob,
	}))
	v.Apply(m.add(t, domain.GuardStream(ann), &domain.UserBlocked{UserID: ann, BlockedID: bob}))
	if at, known := v.LastActivity(group); at != 6 || !known {
		t.Errorf("activity %d, %t; want the receipt's", at, known)
	}
	v.Apply(m.add(t, domain.ConversationStream(group), &domain.ParticipantLeft{ConversationID: group, UserID: bob, RemovedBy: bob}))
	if has(v, group, bob) || v.Position() != 8 || v.Unfit() != 0 {
		t.Errorf("position %d, unfit %d", v.Position(), v.Unfit())
	}
}

// TestApplyGoesOn leaves out what does not fit or cannot be read.
func TestApplyGoesOn(t *testing.T) {
	t.Parallel()
	m := started(t)
	v := load(t, m)
	stream := domain.ConversationStream(other)
	v.Apply(m.add(t, stream, &domain.ParticipantLeft{ConversationID: other, UserID: bob, RemovedBy: bob}))
	for _, unreadable := range []domain.Type{domain.TypeParticipantAdded, domain.TypeMessageSent, "NewerThanThis"} {
		events := m.add(t, stream, &domain.UserDeactivated{UserID: bob})
		events[0].Type = unreadable
		v.Apply(events)
	}
	v.Apply(m.add(t, domain.ConversationStream(group), &domain.ParticipantLeft{ConversationID: group, UserID: bob, RemovedBy: bob}))
	if v.Unfit() != 3 || v.Position() != 9 || has(v, group, bob) {
		t.Errorf("unfit %d, position %d", v.Unfit(), v.Position())
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	m := started(t)
	v := load(t, m)
	if err := v.Wait(t.Context(), 4); err != nil {
		t.Errorf("what is included: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := v.Wait(ctx, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	var waiting sync.WaitGroup
	for range 8 {
		for at := domain.Position(5); at <= 24; at++ {
			waiting.Go(func() {
				if err := v.Wait(t.Context(), at); err != nil || v.Position() < at {
					t.Errorf("waited for %d, is at %d: %v", at, v.Position(), err)
				}
			})
		}
	}
	for range 10 {
		v.Apply(append(m.message(t, group, 2), m.message(t, group, 3)...))
	}
	waiting.Wait()
}

// TestGuard sees what the guard blocks as nothing that happened in a conversation, and a release as a message, whether it
// was followed or loaded.
func TestGuard(t *testing.T) {
	t.Parallel()
	m := started(t)
	v := load(t, m)
	v.Apply(m.message(t, group, 2))
	before, _ := v.LastActivity(group)
	blocked, sent := domain.ID{0: 2}, domain.ID{0: 1, 15: 3}
	stream := domain.GuardStream(ann)
	v.Apply(m.add(t, domain.PolicyStream, &domain.GuardPolicyInstalled{PolicyHash: "p", Policy: "strict"}))
	v.Apply(m.add(t, stream, &domain.MessageBlocked{MessageID: blocked, ConversationID: &group, SenderID: ann, PolicyHash: "p", Content: "x"}))
	at := m.Head()
	v.Apply(m.add(t, stream, &domain.MessageJudged{MessageID: sent, SenderID: ann, PolicyHash: "p"}))
	if _, ok := v.Message(blocked); ok {
		t.Error("the blocked message is taken for one that was sent")
	}
	if last, known := v.LastActivity(group); last != before || !known {
		t.Errorf("the group last moved at %d, want %d", last, before)
	}
	v.Apply(m.add(t, stream, &domain.MessageReleased{
		MessageID: blocked, BlockedPosition: at, SenderID: ann, ReleasedID: sent, ConversationID: group, ReleasedBy: bob,
	}))
	v.Apply(m.message(t, group, 3))
	if ref, ok := v.Message(sent); !ok || ref.Position != m.Head() || ref.Blocked {
		t.Errorf("the released message: got %+v, %t", ref, ok)
	}
	for how, v := range map[string]*view.View{"followed": v, "loaded": load(t, m)} {
		v.Read(func(s *domain.State) {
			twin, ok := s.Twin(blocked)
			if want := (domain.MessageRef{ID: sent, ConversationID: group, SenderID: ann, Position: m.Head()}); !ok || twin != want {
				t.Errorf("%s: released as %+v, %t, want %+v", how, twin, ok, want)
			}
			if s.Policy() == nil || s.Policy().Policy != "strict" {
				t.Errorf("%s: the policy is %+v", how, s.Policy())
			}
		})
		if n := v.Unfit(); n > 0 {
			t.Errorf("%s: %d events did not fit", how, n)
		}
	}
}
