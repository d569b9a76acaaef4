package ws_test

import (
	"fmt"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/ws/wstest"
)

func TestUnacknowledgedComeAgain(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	one, two, three := s.Say(ann, talk, "one"), s.Say(ann, talk, "two"), s.Say(ann, talk, "three")
	s.Say(bob, talk, "his own")

	b := s.Dial(bob, "")
	b.Expect("authenticated")
	for _, want := range []string{"one", "two", "three"} {
		if got := b.Expect("chat_message"); got.Text("content") != want {
			t.Fatalf("got %v, want %q", got, want)
		}
	}
	if at := b.Expect("synced").Int("position"); at < int64(three.Position) {
		t.Errorf("synced: got %d, want %d or more", at, three.Position)
	}
	b.Send(Is{"type": "delivered", "message_id": one.MessageID.String()})
	b.Send(Is{"type": "read", "message_ids": []string{two.MessageID.String()}})
	s.Eventually("both receipts are stored", func() bool { return s.Log.Head() >= three.Position+3 })

	b = s.Dial(bob, "")
	b.Expect("authenticated")
	if got := b.Expect("chat_message"); got.Text("content") != "three" {
		t.Errorf("got %v, want the one that is not acknowledged", got)
	}
	b.Expect("synced")
}

func TestSince(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	first := s.Say(ann, talk, "one")
	s.Say(bob, talk, "two")
	last := s.Say(ann, talk, "three")

	query := fmt.Sprintf("since=%d&log_id=%s", first.Position, s.LogID)
	b := s.Dial(bob, query)
	b.Expect("authenticated")
	for i, want := range []string{"two", "three"} {
		got := b.Expect("chat_message")
		if got.Text("content") != want || got.Int("position") != int64(first.Position)+int64(i)+1 {
			t.Errorf("got %v, want %q", got, want)
		}
	}
	b.Expect("synced")

	b = s.Dial(bob, fmt.Sprintf("since=%d", last.Position))
	b.Expect("authenticated")
	if got := b.Expect("synced"); got.Int("position") < int64(last.Position) {
		t.Errorf("synced: got %v, want %d or more", got, last.Position)
	}
	b = s.Dial(bob, "since=0")
	b.Expect("authenticated")
	if got := b.Expect("conversation"); got.Text("change") != "started" {
		t.Errorf("since the beginning: got %v", got)
	}
}

func TestBadSince(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	s.Say(ann, s.Direct(ann, bob), "hello")
	head := s.Log.Head()
	for query, field := range map[string]string{
		"since=":                                 "since",
		"since=x":                                "since",
		"since=-1":                               "since",
		"since=%2B1":                             "since",
		"since=1.0":                              "since",
		"since=1&since=2":                        "since",
		"since=%zz":                              "since", // neither can be decoded
		"since=1;x":                              "since",
		"since=9223372036854775808":              "since",
		fmt.Sprint("since=", head+1):             "since",
		"since=1&log_id=x":                       "log_id",
		"since=1&log_id=%zz":                     "log_id",
		"since=1&log_id=" + wstest.ID().String(): "log_id",
		fmt.Sprintf("since=1&log_id=%s&log_id=%s", s.LogID, wstest.ID()): "log_id",
	} {
		b := s.Dial(bob, query)
		b.Expect("authenticated")
		b.ExpectError("invalid_field", field)
		if got := b.Expect("chat_message"); got.Text("content") != "hello" {
			t.Errorf("%s: got %v", query, got)
		}
		b.Expect("synced")
		b.Leave()
	}
	b := s.Dial(bob, fmt.Sprint("since=", head))
	b.Expect("authenticated")
	b.Expect("synced")
}

// TestSinceOfAnotherServer: a position that a client got from one server is good at every other.
func TestSinceOfAnotherServer(t *testing.T) {
	t.Parallel()
	one := wstest.Start(t, wstest.Options{})
	two := wstest.Start(t, wstest.Options{DSN: one.DSN})
	ann, bob := one.User("Ann"), one.User("Bob")
	talk := one.Direct(ann, bob)
	for i := range 20 {
		sent := one.Say(ann, talk, fmt.Sprint(i))
		b := two.Dial(bob, fmt.Sprint("since=", sent.Position))
		b.Expect("authenticated")
		if at := b.Expect("synced").Int("position"); at < int64(sent.Position) {
			t.Errorf("synced: got %d, want %d or more", at, sent.Position)
		}
		b.Leave()
	}
}

func TestErasedKeepsItsPlace(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	start := s.Log.Head()
	sent := s.Say(ann, talk, "regret")
	if _, err := s.Commands.Erase(t.Context(), wstest.As(ann), sent.MessageID, domain.ReasonSender); err != nil {
		t.Fatal(err)
	}
	b := s.Dial(bob, fmt.Sprint("since=", start))
	b.Expect("authenticated")
	got := b.Expect("chat_message")
	if got["content"] != nil || got["salt"] != nil || !got.Has("content") || got.Text("content_hash") != sent.ContentHash {
		t.Errorf("chat_message: got %v", got)
	}
	b.Expect("message_erased")
	b.Expect("synced")
}

func TestSync(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	start := s.Log.Head()
	a := s.Connect(ann)
	a.Send(Is{"type": "chat_message", "conversation_id": talk.String(), "content": "mine", "client_message_id": "m"})
	a.Expect("message_sent")
	s.Say(bob, talk, "his")
	a.Expect("chat_message")

	a.Send(Is{"type": "sync", "since": start, "ref": "s"})
	if got := a.Expect("chat_message"); got.Text("content") != "mine" || got.Text("client_message_id") != "m" {
		t.Errorf("own message: got %v", got)
	}
	if got := a.Expect("chat_message"); got.Text("content") != "his" {
		t.Errorf("got %v", got)
	}
	if got := a.Expect("synced"); got.Text("ref") != "s" {
		t.Errorf("synced: got %v", got)
	}
	s.Say(bob, talk, "after")
	if got := a.Expect("chat_message"); got.Text("content") != "after" {
		t.Errorf("live after a sync: got %v", got)
	}
	a.Send(Is{"type": "sync", "since": s.Log.Head() + 1000, "ref": "far"})
	if got := a.ExpectError("invalid_field", "since"); got.Text("ref") != "far" {
		t.Errorf("ref: got %v", got)
	}
	for _, want := range []string{"his", "after"} { // as connecting without since
		if got := a.Expect("chat_message"); got.Text("content") != want {
			t.Errorf("got %v, want %q", got, want)
		}
	}
	a.Expect("synced")
}

func TestOneSyncAtATime(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	padding := strings.Repeat("x", 10_000)
	for range 100 { // more than the queue takes without a reader
		s.Say(bob, talk, padding)
	}
	a := s.Dial(ann, fmt.Sprint("since=", s.Log.Head()))
	a.Expect("authenticated")
	a.Expect("synced")
	a.Send(Is{"type": "sync", "since": 0, "ref": 1})
	a.Send(Is{"type": "sync", "since": 0, "ref": 2})
	synced, refused := 0, 0
	for synced+refused < 2 {
		switch f := a.Next(); f.Type() {
		case "synced":
			synced++
		case "error":
			refused++
			if f.Text("code") != "rate_limited" || f.Int("ref") != 2 || !f.Has("retry_after") {
				t.Errorf("error: got %v", f)
			}
		}
	}
	if synced != 1 || refused != 1 {
		t.Errorf("got %d synced and %d refused, want 1 and 1", synced, refused)
	}
}

func TestTenSyncsAMinute(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	a := s.Connect(s.User("Ann"))
	for range 10 {
		a.Send(Is{"type": "sync", "since": 0})
		a.Await("synced")
	}
	a.Send(Is{"type": "sync", "since": 0})
	a.ExpectError("rate_limited", "")
}
