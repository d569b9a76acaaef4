package ws_test

import (
	"context"
	"fmt"
	"testing"

	"chainmail/domain"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

// between acts while a connection catches up.
type between struct {
	ws.Pushes
	before func()                                     // it joins the pushes; without since only
	act    func(user domain.ID, upTo domain.Position) // after it has joined
}

func (b *between) Undelivered(
	ctx context.Context, user domain.ID, upTo domain.Position,
	emit func(domain.Position, domain.ID, []byte) error,
) error {
	if b.before != nil {
		b.before()
	}
	return b.Pushes.Undelivered(ctx, user, upTo, emit)
}

func (b *between) CatchUpWatching(
	ctx context.Context, user domain.ID, watched map[domain.ID]domain.Position, after, upTo domain.Position,
	emit func(domain.Position, domain.ID, []byte) error,
) error {
	if b.act != nil {
		b.act(user, upTo)
	}
	return b.Pushes.CatchUpWatching(ctx, user, watched, after, upTo, emit)
}

// TestPushesWhileCatchingUp: what is pushed meanwhile comes after synced; what belongs to what
// was missed comes once.
func TestPushesWhileCatchingUp(t *testing.T) {
	t.Parallel()
	var s *wstest.Server
	hook := new(between)
	s = wstest.Start(t, wstest.Options{Pushes: func(p ws.Pushes) ws.Pushes { hook.Pushes = p; return hook }})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	since := s.Log.Head()
	s.Say(ann, talk, "missed")
	s.Settle()
	hook.act = func(user domain.ID, upTo domain.Position) {
		to := []domain.ID{user}
		s.WS.Push(to, upTo, domain.ID{}, []byte(`{"type":"chat_message","content":"missed, pushed late"}`))
		s.WS.Push(to, upTo+1, domain.ID{}, []byte(`{"type":"chat_message","content":"meanwhile"}`))
		s.WS.Push(to, upTo+2, domain.ID{}, []byte(`{"type":"chat_message","content":"and then"}`))
		s.WS.Advance(upTo + 2)
	}
	expect := func(b *wstest.Client) {
		t.Helper()
		if f := b.Expect("chat_message"); f.Text("content") != "missed" {
			t.Errorf("got %v, want what was missed", f)
		}
		b.Expect("synced")
		for _, want := range []string{"meanwhile", "and then"} {
			if f := b.Expect("chat_message"); f.Text("content") != want {
				t.Errorf("got %v, want %q", f, want)
			}
		}
		b.Quiet()
	}
	b := s.Dial(bob, fmt.Sprint("since=", since))
	b.Expect("authenticated")
	expect(b)
	b.Send(Is{"type": "sync", "since": since})
	expect(b)
}

// TestAnswersRunAhead: a client that catches up can send at once, and its own message comes to
// it as an answer alone, whether it is stored before the pushes are joined or after.
func TestAnswersRunAhead(t *testing.T) {
	t.Parallel()
	hook := new(between)
	s := wstest.Start(t, wstest.Options{Pushes: func(p ws.Pushes) ws.Pushes { hook.Pushes = p; return hook }})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	for name, set := range map[string]func(wait func()){
		"before": func(wait func()) { hook.before, hook.act = wait, nil },
		"after":  func(wait func()) { hook.before, hook.act = nil, func(domain.ID, domain.Position) { wait() } },
	} {
		missed := s.Say(bob, talk, "missed")
		s.Settle()
		answered := make(chan struct{})
		set(func() { <-answered })
		a := s.Dial(ann, "")
		a.Expect("authenticated")
		if name == "after" {
			a.Expect("chat_message")
		}
		a.Send(Is{"type": "chat_message", "conversation_id": talk.String(), "content": "mine"})
		a.Expect("message_sent")
		s.Settle()
		close(answered)
		if name == "before" {
			a.Expect("chat_message")
		}
		a.Expect("synced")
		a.Quiet()
		a.Send(Is{"type": "delivered", "message_id": missed.MessageID.String()})
		a.Leave()
		s.Eventually("the receipt is stored", func() bool { return s.Log.Head() >= missed.Position+2 })
	}
}

// TestPushDuringSync: what is pushed before a sync has joined the pushes again comes once.
func TestPushDuringSync(t *testing.T) {
	t.Parallel()
	hook := new(between)
	s := wstest.Start(t, wstest.Options{Pushes: func(p ws.Pushes) ws.Pushes { hook.Pushes = p; return hook }})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	a := s.Connect(ann)
	hook.before = func() {
		s.Say(bob, talk, "meanwhile")
		s.Settle()
	}
	a.Send(Is{"type": "sync", "since": 1_000_000}) // beyond the head: as without it
	a.ExpectError("invalid_field", "since")
	if f := a.Expect("chat_message"); f.Text("content") != "meanwhile" {
		t.Errorf("got %v", f)
	}
	a.Expect("synced")
	a.Quiet()
}
