package ws_test

import (
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/ws/wstest"
)

func TestTyping(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob, cat, dan := s.User("Ann"), s.User("Bob"), s.User("Cat"), s.User("Dan")
	group := s.Group("us", ann, bob, cat)
	if _, err := s.Commands.Block(t.Context(), wstest.As(cat), ann); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	a, b, c, d := s.Connect(ann), s.Connect(bob), s.Connect(cat), s.Connect(dan)
	expect := func(who *wstest.Client, conversation any, typing bool) {
		t.Helper()
		f := who.Expect("typing_indicator")
		if f["conversation_id"] != conversation || f.Text("sender_id") != ann.String() || f["is_typing"] != typing {
			t.Errorf("got %v, want %v in %v", f, typing, conversation)
		}
	}

	a.Send(Is{"type": "typing", "conversation_id": group.String()})
	expect(b, group.String(), true)
	clock.Advance(4 * time.Second)
	a.Send(Is{"type": "typing", "conversation_id": group.String(), "is_typing": true})
	expect(b, group.String(), true)
	clock.Advance(4 * time.Second)
	b.Quiet() // it was renewed
	clock.Advance(3 * time.Second)
	expect(b, group.String(), false)

	a.Send(Is{"type": "typing", "receiver_id": dan.String()})
	expect(d, nil, true)
	a.Send(Is{"type": "typing", "receiver_id": dan.String(), "is_typing": false})
	expect(d, nil, false)
	a.Send(Is{"type": "typing", "receiver_id": dan.String()})
	expect(d, nil, true)
	a.Leave()
	expect(d, nil, false) // at once, not after 6 s
	clock.Advance(10 * time.Second)
	b.Quiet()
	c.Quiet() // of a blocked user nothing is heard, though the group is shared
	d.Quiet()
}

// TestTypingOfOneWhoLeft: who was told that somebody types hears that he no longer does, though he has left meanwhile.
func TestTypingOfOneWhoLeft(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob, cat := s.User("Ann"), s.User("Bob"), s.User("Cat")
	group := s.Group("us", ann, bob, cat)
	a, b := s.Connect(ann), s.Connect(bob)
	a.Send(Is{"type": "typing", "conversation_id": group.String()})
	b.Expect("typing_indicator")
	if _, err := s.Commands.Remove(t.Context(), wstest.As(ann), group, ann); err != nil {
		t.Fatal(err)
	}
	b.Expect("conversation")
	clock.Advance(7 * time.Second)
	if f := b.Expect("typing_indicator"); f["is_typing"] != false || f["conversation_id"] != group.String() || f.Text("sender_id") != ann.String() {
		t.Errorf("got %v", f)
	}
	a.Send(Is{"type": "typing", "conversation_id": group.String()})
	a.Await("error")
	b.Quiet()
}

// TestTypingAndThenABlock: who was told that somebody types hears that he no longer does, though a block is between the two by then.
func TestTypingAndThenABlock(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob, cat := s.User("Ann"), s.User("Bob"), s.User("Cat")
	group := s.Group("us", ann, bob, cat)
	block := func(who, whom domain.ID) {
		t.Helper()
		if _, err := s.Commands.Block(t.Context(), wstest.As(who), whom); err != nil {
			t.Fatal(err)
		}
		s.Settle()
	}
	block(cat, ann)
	a, b, c := s.Connect(ann), s.Connect(bob), s.Connect(cat)
	expect := func(typing bool) {
		t.Helper()
		if f := b.Expect("typing_indicator"); f["is_typing"] != typing {
			t.Errorf("got %v, want %v", f, typing)
		}
	}
	types := func(is bool) { a.Send(Is{"type": "typing", "conversation_id": group.String(), "is_typing": is}) }

	types(true)
	expect(true)
	block(bob, ann)
	types(true) // he hears nothing of it
	a.Quiet()
	clock.Advance(7 * time.Second)
	expect(false)
	types(true)
	types(false)
	b.Quiet()

	if _, err := s.Commands.Unblock(t.Context(), wstest.As(bob), ann); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	types(true)
	expect(true)
	block(bob, ann)
	types(false)
	expect(false)
	b.Quiet()
	c.Quiet()
}

// TestTypingUnderTwoNames: a direct conversation is the same whether the conversation or the receiver is named.
func TestTypingUnderTwoNames(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob := s.User("Ann"), s.User("Bob")
	a, b := s.Connect(ann), s.Connect(bob)
	a.Send(Is{"type": "typing", "receiver_id": bob.String()})
	b.Expect("typing_indicator")
	talk := s.Direct(ann, bob)
	b.Expect("conversation")
	a.Send(Is{"type": "typing", "conversation_id": talk.String(), "is_typing": false})
	if f := b.Expect("typing_indicator"); f["is_typing"] != false || f["conversation_id"] != talk.String() {
		t.Errorf("got %v", f)
	}
	clock.Advance(7 * time.Second)
	b.Quiet() // it was said
}

func TestTypingRefused(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob, cat := s.User("Ann"), s.User("Bob"), s.User("Cat")
	foreign := s.Group("others", bob, cat)
	if _, err := s.Commands.Block(t.Context(), wstest.As(bob), ann); err != nil {
		t.Fatal(err)
	}
	a, b := s.Connect(ann), s.Connect(bob)
	for _, test := range []struct {
		field string
		id    domain.ID
		code  string
	}{
		{"conversation_id", wstest.ID(), "conversation_not_found"},
		{"conversation_id", foreign, "not_a_participant"},
		{"receiver_id", wstest.ID(), "receiver_not_found"},
		{"receiver_id", ann, "invalid_field"},
	} {
		a.Send(Is{"type": "typing", test.field: test.id.String(), "ref": "t"})
		if e := a.ExpectError(test.code, test.field); e.Text("ref") != "t" {
			t.Errorf("%v: got %v", test, e)
		}
	}
	a.Send(Is{"type": "typing", "receiver_id": bob.String()}) // blocked: no answer, and he hears nothing
	a.Quiet()
	b.Quiet()
}
