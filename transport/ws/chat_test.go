package ws_test

import (
	"fmt"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

// Is is a frame that a client sends.
type Is = wstest.Is

func TestFirstMessageOpensConversation(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	a, other, b := s.Connect(ann), s.Connect(ann), s.Connect(bob)

	a.Send(Is{"type": "chat_message", "receiver_id": bob.String(), "content": "hello <b>", "client_message_id": "1", "ref": 7})
	sent := a.Await("message_sent")
	if sent.Int("seq") != 2 || sent.Text("client_message_id") != "1" || sent.Int("ref") != 7 || sent["duplicate"] != false {
		t.Errorf("message_sent: got %v", sent)
	}
	if started := b.Expect("conversation"); started.Text("change") != "started" || started.Int("seq") != 1 {
		t.Errorf("conversation: got %v", started)
	}
	got := b.Expect("chat_message")
	fields := Is{
		"message_id": sent["message_id"], "conversation_id": sent["conversation_id"], "seq": sent["seq"],
		"position": sent["position"], "sender_id": ann.String(), "receiver_id": bob.String(), "content": "hello <b>",
		"content_hash": sent["content_hash"], "salt": sent["salt"], "timestamp": sent["timestamp"],
	}
	for name, want := range fields {
		if got[name] != want {
			t.Errorf("chat_message %s: got %v, want %v", name, got[name], want)
		}
	}
	if got.Has("client_message_id") {
		t.Error("the receiver sees the sender's client_message_id")
	}
	other.Expect("conversation")
	if own := other.Expect("chat_message"); own.Text("client_message_id") != "1" {
		t.Errorf("the sender's other connection: got %v", own)
	}
	s.Settle()
	b.Quiet()
	other.Quiet()
}

func TestRepeatReturnsFirstResult(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	a, b := s.Connect(ann), s.Connect(bob)
	frame := Is{"type": "chat_message", "receiver_id": bob.String(), "content": "once", "client_message_id": "1"}
	a.Send(frame)
	first := a.Await("message_sent")
	b.Expect("conversation")
	b.Expect("chat_message")
	a.Send(frame)
	again := a.Await("message_sent")
	if again["duplicate"] != true {
		t.Errorf("duplicate: got %v", again)
	}
	for _, name := range []string{"message_id", "conversation_id", "seq", "position", "content_hash", "salt", "timestamp"} {
		if again[name] != first[name] {
			t.Errorf("%s: got %v, want %v", name, again[name], first[name])
		}
	}
	frame["content"] = "something else"
	a.Send(frame)
	if e := a.ExpectError("invalid_field", "client_message_id"); e.Text("client_message_id") != "1" {
		t.Errorf("error: got %v", e)
	}
	s.Settle()
	b.Quiet()
	a.Quiet()
}

// TestOrder: what is sent without waiting is stored and seen in the order in which it was sent.
func TestOrder(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	a, other, b := s.Connect(ann), s.Connect(ann), s.Connect(bob)
	const count = 1000 // several times what may be under way
	go func() {
		for i := range count {
			a.Send(Is{"type": "chat_message", "conversation_id": talk.String(), "content": fmt.Sprint(i), "client_message_id": fmt.Sprint(i)})
		}
	}()
	for i := range count {
		sent := a.Expect("message_sent")
		if sent.Text("client_message_id") != fmt.Sprint(i) || sent.Int("seq") != int64(i+2) {
			t.Fatalf("answer %d: got %v", i, sent)
		}
	}
	for _, c := range []*wstest.Client{b, other} {
		for i := range count {
			if got := c.Expect("chat_message"); got.Text("content") != fmt.Sprint(i) || got.Int("seq") != int64(i+2) {
				t.Fatalf("message %d: got %v", i, got)
			}
		}
	}
	s.Settle()
	a.Quiet() // its own messages come to the others, not to it
}

func TestRefusedSends(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob, cat, gone := s.User("Ann"), s.User("Bob"), s.User("Cat"), s.User("Gone")
	if _, err := s.Commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, gone); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commands.Block(t.Context(), wstest.As(cat), ann); err != nil {
		t.Fatal(err)
	}
	foreign := s.Group("others", bob, cat)
	a := s.Connect(ann)
	head := s.Log.Head()
	for _, test := range []struct {
		frame       Is
		code, field string
	}{
		{Is{"receiver_id": ann.String()}, "invalid_field", "receiver_id"},
		{Is{"receiver_id": wstest.ID().String()}, "receiver_not_found", "receiver_id"},
		{Is{"receiver_id": gone.String()}, "receiver_not_found", "receiver_id"},
		{Is{"receiver_id": cat.String()}, "forbidden", "receiver_id"},
		{Is{"conversation_id": wstest.ID().String()}, "conversation_not_found", "conversation_id"},
		{Is{"conversation_id": foreign.String()}, "not_a_participant", "conversation_id"},
		{Is{"receiver_id": bob.String(), "content": " "}, "invalid_field", "content"},
		{Is{"receiver_id": bob.String(), "content": strings.Repeat("x", 10_241)}, "too_large", "content"},
		{Is{}, "missing_field", "conversation_id"},
	} {
		test.frame["type"], test.frame["ref"], test.frame["client_message_id"] = "chat_message", "r", "c"
		if test.frame["content"] == nil {
			test.frame["content"] = "hello"
		}
		a.Send(test.frame)
		if e := a.ExpectError(test.code, test.field); e.Text("ref") != "r" || e.Text("client_message_id") != "c" {
			t.Errorf("%v: got %v, want ref and client_message_id", test.frame, e)
		}
	}
	if got := s.Log.Head(); got != head {
		t.Errorf("refused sends stored %d events", got-head)
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) { c.RateLimit = 5 }})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	one, two := s.Connect(ann), s.Connect(ann)
	message := Is{"type": "chat_message", "conversation_id": talk.String(), "content": "x", "client_message_id": "c", "ref": 1}
	for i := range 5 {
		message["client_message_id"] = fmt.Sprint(i)
		one.Send(message)
		one.Expect("message_sent")
	}
	head := s.Log.Head()
	for _, c := range []*wstest.Client{one, two} { // the user's connections share the limit
		c.Send(message)
		e := c.Await("error")
		wait, _ := e["retry_after"].(float64)
		if e.Text("code") != "rate_limited" || wait <= 50 || wait > 60 || e.Int("ref") != 1 || e.Text("client_message_id") != "4" {
			t.Errorf("error: got %v", e)
		}
		c.Send(Is{"type": "typing", "conversation_id": talk.String()}) // limited apart
		c.Quiet()
	}
	if got := s.Log.Head(); got != head {
		t.Errorf("refused sends stored %d events", got-head)
	}
}

// TestReceiptsAndTypingAreLimitedApart: who may send no more messages may send receipts and typing, each up to a limit of its own, which
// is higher.
func TestReceiptsAndTypingAreLimitedApart(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) { c.RateLimit = 1 }})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	his := s.Say(bob, talk, "hello").MessageID.String()
	a := s.Dial(ann, "")
	a.Await("synced")
	a.Send(Is{"type": "chat_message", "conversation_id": talk.String(), "content": "one"})
	a.Expect("message_sent")
	a.Send(Is{"type": "chat_message", "conversation_id": talk.String(), "content": "two"})
	a.ExpectError("rate_limited", "")
	head := s.Log.Head()
	for _, frame := range []Is{
		{"type": "delivered", "message_id": his},
		{"type": "typing", "receiver_id": bob.String()},
	} {
		for range 2_000 {
			a.Send(frame)
		}
		a.Quiet()
		a.Send(frame)
		if e := a.ExpectError("rate_limited", ""); !e.Has("retry_after") {
			t.Errorf("%v: got %v", frame, e)
		}
	}
	if got := s.Log.Head(); got != head+1 {
		t.Errorf("the receipts stored %d events, want 1", got-head)
	}
}
