package ws_test

import (
	"fmt"
	"testing"

	"chainmail/domain"
	"chainmail/guard/llm"
	"chainmail/transport/judge/judgetest"
	"chainmail/transport/ws/wstest"
)

// startJudged starts a server that judges by judgetest.Policy.
func startJudged(t *testing.T, o wstest.Options) *wstest.Server {
	t.Helper()
	s := wstest.Start(t, o)
	s.Commands.UseJudge(judgetest.Judge(t))
	return s
}

// admin makes an account that reviews blocked messages.
func admin(t *testing.T, s *wstest.Server) domain.Actor {
	t.Helper()
	id, err := s.Commands.Register(t.Context(), domain.RegisterUser{Name: "admin", Role: domain.RoleAdmin, Actor: domain.Actor{Auth: domain.AuthCLI}})
	if err != nil {
		t.Fatal(err)
	}
	return wstest.As(id)
}

// bad is a frame with a message that is blocked.
func bad(receiver domain.ID, clientID string) Is {
	return Is{"type": "chat_message", "receiver_id": receiver.String(), "content": judgetest.Scam, "client_message_id": clientID, "ref": "r-" + clientID}
}

// A blocked message is answered with a warning, and nobody else learns of it: not the receiver, not the sender's other connections.
func TestWarning(t *testing.T) {
	t.Parallel()
	s := startJudged(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	s.Settle()
	a, other, b := s.Connect(ann), s.Connect(ann), s.Connect(bob)
	a.Send(bad(bob, "1"))
	w := a.Expect("warning")
	wantWarning(t, w, Is{
		"type": "warning", "code": "message_blocked", "message": "Your message was not sent. It drains a wallet.",
		"client_message_id": "1", "risk_score": 0.9, "ref": "r-1",
	})
	if id, err := domain.ParseID(w.Text("message_id")); err != nil || id.IsZero() || w.Int("position") != int64(s.Log.Head()) {
		t.Errorf("got %v, want an id and the log's head, %d", w, s.Log.Head())
	}
	if reasons := fmt.Sprint(w["reasons"]); reasons != "[wallet_drain]" {
		t.Errorf("reasons: got %s", reasons)
	}
	// A repeat, from wherever and however named, gets the same but for its ref.
	other.Send(Is{"conversation_id": talk.String(), "content": judgetest.Scam, "client_message_id": "1"})
	again := other.Expect("warning")
	if again.Has("ref") {
		t.Errorf("got %v, want no ref", again)
	}
	delete(w, "ref")
	wantWarning(t, again, Is(w))
	// Without an id of the client's own.
	a.Send(Is{"type": "chat_message", "receiver_id": bob.String(), "content": judgetest.Scam})
	if w := a.Expect("warning"); w["client_message_id"] != nil || w.Text("message_id") == again.Text("message_id") {
		t.Errorf("got %v, want a new message without client_message_id", w)
	}
	a.Send(Is{"type": "chat_message", "receiver_id": bob.String(), "content": "other", "client_message_id": "1", "ref": 2})
	if e := a.ExpectError("invalid_field", "client_message_id"); e.Int("ref") != 2 {
		t.Errorf("got %v", e)
	}
	// Nobody acknowledges it.
	b.Send(Is{"type": "read", "message_ids": []any{w["message_id"]}})
	b.ExpectError("message_not_found", "message_ids")
	s.Settle()
	a.Quiet()
	other.Quiet()
	b.Quiet()
	// It took no seq: the next message is the first of the conversation.
	a.Send(Is{"type": "chat_message", "receiver_id": bob.String(), "content": "hello", "client_message_id": "2"})
	if sent := a.Expect("message_sent"); sent.Int("seq") != 2 || sent["risk_score"] != 0.0 {
		t.Errorf("got %v, want seq 2", sent)
	}
	if got := b.Expect("chat_message"); got.Int("seq") != 2 {
		t.Errorf("got %v, want seq 2", got)
	}
}

func wantWarning(t *testing.T, got wstest.Frame, want Is) {
	t.Helper()
	for name, value := range want {
		if fmt.Sprint(got[name]) != fmt.Sprint(value) {
			t.Errorf("%s: got %v, want %v", name, got[name], value)
		}
	}
}

// A blocked message opens no conversation, and its erasure tells nobody anything.
func TestBlockedFirstMessageTellsNobody(t *testing.T) {
	t.Parallel()
	s := startJudged(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	a, other, b := s.Connect(ann), s.Connect(ann), s.Connect(bob)
	a.Send(bad(bob, "1"))
	w := a.Expect("warning")
	id, err := domain.ParseID(w.Text("message_id"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commands.Erase(t.Context(), wstest.As(ann), id, domain.ReasonSender); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	for _, c := range []*wstest.Client{a, other, b} {
		c.Quiet()
	}
	for _, user := range []domain.ID{ann, bob} { // nor those who come later
		c := s.Dial(user, "since=1&log_id="+s.LogID.String())
		c.Expect("authenticated")
		c.Expect("synced")
		s.Connect(user)
	}
}

// A released message comes like any other: to its receiver, and to all connections of its sender, the one that sent it too.
func TestReleasedMessageIsPushed(t *testing.T) {
	t.Parallel()
	s := startJudged(t, wstest.Options{})
	ann, bob, boss := s.User("Ann"), s.User("Bob"), admin(t, s)
	a, other, b, review := s.Connect(ann), s.Connect(ann), s.Connect(bob), s.Connect(boss.ID)
	since := s.Log.Head()
	a.Send(bad(bob, "1"))
	w := a.Expect("warning")
	id, err := domain.ParseID(w.Text("message_id"))
	if err != nil {
		t.Fatal(err)
	}
	sent, err := s.Commands.Release(t.Context(), boss, id)
	if err != nil {
		t.Fatal(err)
	}
	s.Settle()
	back := func(user domain.ID) *wstest.Client { // he was away meanwhile
		c := s.Dial(user, fmt.Sprintf("since=%d&log_id=%s", since, s.LogID))
		c.Expect("authenticated")
		return c
	}
	late := back(bob)
	for name, c := range map[string]*wstest.Client{
		"the sender": a, "his other connection": other, "the receiver": b, "the sender since": back(ann), "the receiver since": late,
	} {
		if started := c.Expect("conversation"); started.Text("change") != "started" || started.Text("user_id") != ann.String() {
			t.Errorf("%s: got %v", name, started)
		}
		got := c.Expect("chat_message")
		if got.Text("message_id") != sent.MessageID.String() || got.Text("sender_id") != ann.String() || got.Text("receiver_id") != bob.String() ||
			got.Text("content") != judgetest.Scam || got.Int("seq") != 2 || got.Int("position") != int64(sent.Position) || got["client_message_id"] != nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
	late.Expect("synced")
	// Whoever has not acknowledged it gets it again without since; then it is like any other message.
	undelivered := s.Dial(bob, "")
	undelivered.Expect("authenticated")
	undelivered.Expect("chat_message")
	undelivered.Expect("synced")
	b.Send(Is{"type": "read", "message_ids": []any{sent.MessageID.String()}})
	for _, c := range []*wstest.Client{a, other} {
		if status := c.Expect("message_status"); status.Text("message_id") != sent.MessageID.String() || status.Text("status") != "read" {
			t.Errorf("got %v", status)
		}
	}
	// The sender's repeat still gets the warning.
	a.Send(bad(bob, "1"))
	wantWarning(t, a.Expect("warning"), Is(w))
	s.Settle()
	review.Quiet()
	a.Quiet()
}

// While the model is asked, the connection is read on: what waits for it are the messages to the same conversation alone.
func TestModelHoldsUpOneConversation(t *testing.T) {
	t.Parallel()
	asked, released := make(chan struct{}), make(chan struct{})
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer {
		close(asked) // it is asked once
		return judgetest.After(released, judgetest.Says(llm.Scam, 1))
	})
	j := judgetest.Judge(t)
	j.Model = m.Client(0)
	s := wstest.Start(t, wstest.Options{})
	s.Commands.UseJudge(j)
	ann, bob, cat := s.User("Ann"), s.User("Bob"), s.User("Cat")
	toBob, toCat := s.Direct(ann, bob), s.Direct(ann, cat)
	s.Settle()
	a, b, c := s.Connect(ann), s.Connect(bob), s.Connect(cat)
	say := func(conversation domain.ID, id, content string) {
		a.Send(Is{"type": "chat_message", "conversation_id": conversation.String(), "content": content, "client_message_id": id})
	}
	say(toBob, "1", "a "+judgetest.Doubtful)
	say(toBob, "2", "hello")
	<-asked
	say(toCat, "3", "hello")
	if sent := a.Expect("message_sent"); sent.Text("client_message_id") != "3" {
		t.Errorf("got %v, want 3 first", sent)
	}
	c.Expect("chat_message")
	b.Send(Is{"type": "chat_message", "receiver_id": ann.String(), "content": "hello", "client_message_id": "4"})
	b.Expect("message_sent")
	hello := a.Expect("chat_message")
	a.Send(Is{"type": "read", "message_ids": []any{hello["message_id"]}})
	b.Expect("message_status")
	a.Send(Is{"type": "typing", "conversation_id": toBob.String()})
	b.Expect("typing_indicator")
	a.Quiet()
	b.Quiet()
	close(released)
	if w := a.Expect("warning"); w.Text("client_message_id") != "1" || fmt.Sprint(w["reasons"]) != "[language_model doubtful_offer]" {
		t.Errorf("got %v, want a warning of 1", w)
	}
	if sent := a.Expect("message_sent"); sent.Text("client_message_id") != "2" {
		t.Errorf("got %v, want 2", sent)
	}
	if got := b.Expect("chat_message"); got.Text("content") != "hello" {
		t.Errorf("got %v", got)
	}
}
