package ws_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/ws/wstest"
)

func TestReceipts(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	a, b, phone := s.Connect(ann), s.Connect(bob), s.Connect(bob)
	sent := s.Say(ann, talk, "hello")
	b.Expect("chat_message")
	phone.Expect("chat_message")
	id := sent.MessageID.String()

	b.Send(Is{"type": "message_received", "message_id": id})
	a.Expect("chat_message")
	delivered := a.Expect("message_status")
	if delivered.Text("status") != "delivered" || delivered.Text("user_id") != bob.String() || delivered.Text("message_id") != id {
		t.Errorf("delivered: got %v", delivered)
	}
	b.Send(Is{"type": "read", "message_ids": []string{id, id}})
	if read := a.Expect("message_status"); read.Text("status") != "read" {
		t.Errorf("read: got %v", read)
	}
	if read := phone.Expect("message_status"); read.Text("status") != "read" {
		t.Errorf("the reader's other connection: got %v", read)
	}
	s.Settle()
	b.Quiet() // the one that said so knows
	head := s.Log.Head()
	b.Send(Is{"type": "delivered", "message_id": id}) // repeats make no event and no frame
	b.Send(Is{"type": "read_receipt", "message_id": id})
	b.Send(Is{"type": "delivered", "message_id": wstest.ID().String(), "ref": "x"})
	b.ExpectError("message_not_found", "message_id")
	s.Settle()
	a.Quiet()
	phone.Quiet()
	if got := s.Log.Head(); got != head {
		t.Errorf("repeats stored %d events", got-head)
	}
	a.Send(Is{"type": "delivered", "message_id": id, "ref": "own"})
	if e := a.ExpectError("message_not_found", "message_id"); e.Text("ref") != "own" {
		t.Errorf("one's own message: got %v", e)
	}
	b.Send(Is{"type": "sync", "since": head - 1}) // catching up it comes to everybody
	b.Expect("message_status")
	b.Expect("synced")
}

// TestReceiptsRefused: who reads several messages is told which of them is not there for him.
func TestReceiptsRefused(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	b := s.Connect(bob)
	id := s.Say(ann, talk, "hello").MessageID.String()
	for _, absent := range []string{wstest.ID().String(), s.Say(bob, talk, "his own").MessageID.String()} {
		b.Send(Is{"type": "read", "message_ids": []string{id, absent}})
		if e := b.Await("error"); e.Text("code") != "message_not_found" || e.Text("field") != "message_ids" || !strings.Contains(e.Text("message"), absent) {
			t.Errorf("%s is not there: got %v", absent, e)
		}
	}
}

func TestReceiptOfOldMessage(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	sent := s.Say(ann, s.Direct(ann, bob), "old")
	// A server that starts now has the message in its log, not in its memory.
	later := wstest.Start(t, wstest.Options{DSN: s.DSN})
	a, b := later.Connect(ann), later.Dial(bob, fmt.Sprint("since=", s.Log.Head()))
	b.Send(Is{"type": "read", "message_ids": []string{sent.MessageID.String()}})
	if got := a.Expect("message_status"); got.Text("status") != "read" {
		t.Errorf("got %v", got)
	}
}

func TestPingSubscribeAndNonsense(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	c := s.Connect(s.User("Ann"))
	for _, kind := range []string{"ping", "heartbeat"} {
		c.Send(Is{"type": kind, "ref": []int{1}})
		if pong := c.Expect("pong"); fmt.Sprint(pong["ref"]) != "[1]" || !pong.Has("timestamp") {
			t.Errorf("%s: got %v", kind, pong)
		}
	}
	for _, kind := range []string{"subscribe", "unsubscribe"} {
		c.Send(Is{"type": kind, "channel": "task:" + wstest.ID().String(), "ref": "s"})
		if e := c.ExpectError("forbidden", "channel"); e.Text("ref") != "s" {
			t.Errorf("%s: got %v", kind, e)
		}
	}
	for text, code := range map[string]string{
		"": "invalid_json", "nonsense": "invalid_json", "[]": "invalid_json", "{}": "missing_field",
		`{"type":"dance"}`: "unknown_type", `{"type":7}`: "invalid_field",
		`{"type":"chat_message","text":"x","receiver_id":"01234567-89ab-7cde-8123-456789abcdef"}`: "unknown_field",
	} {
		c.SendText(text)
		if e := c.Expect("error"); e.Text("code") != code {
			t.Errorf("%s: got %v, want %s", text, e, code)
		}
	}
	c.Quiet() // it lives on
}

func TestPresence(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob, stranger := s.User("Ann"), s.User("Bob"), s.User("Cat")
	s.Direct(ann, bob)
	s.Settle() // or those two are introduced once more
	b, x := s.Connect(bob), s.Connect(stranger)
	a := s.Dial(ann, "")
	a.Expect("authenticated")
	a.Expect("synced")
	if f := a.Expect("presence"); f.Text("user_id") != bob.String() || f["online"] != true || f["last_seen"] != nil {
		t.Errorf("the newcomer hears of those online: got %v", f)
	}
	if f := b.Expect("presence"); f.Text("user_id") != ann.String() || f["online"] != true {
		t.Errorf("those online hear of the newcomer: got %v", f)
	}
	second := s.Connect(ann)
	second.Leave()
	a.Leave()
	s.Eventually("both are gone", func() bool { return s.WS.Connections() == 2 })
	clock.Advance(4 * time.Second)
	quietWithPresence(t, b)
	if online, _ := s.Presence.Online(ann); !online {
		t.Error("offline within the grace")
	}
	left := clock.Now().Add(-4 * time.Second)
	clock.Advance(2 * time.Second)
	f := b.Expect("presence")
	if f["online"] != false || f.Text("last_seen") != left.UTC().Format("2006-01-02T15:04:05.000000Z") {
		t.Errorf("offline: got %v, want last_seen %v", f, left)
	}
	s.Connect(ann)
	if f := b.Expect("presence"); f["online"] != true || f["last_seen"] != nil {
		t.Errorf("back online: got %v", f)
	}
	quietWithPresence(t, x)
}

// TestPresenceAfterABlock: what passed in neither direction during a block is made good at its end.
func TestPresenceAfterABlock(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob := s.User("Ann"), s.User("Bob")
	s.Direct(ann, bob)
	s.Settle()
	b := s.Connect(bob)
	a := s.Connect(ann) // who comes later is told of him once
	if f := a.Expect("presence"); f["online"] != true {
		t.Errorf("got %v, want him online", f)
	}
	if _, err := s.Commands.Block(t.Context(), wstest.As(ann), bob); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	b.Leave()
	s.Eventually("he is gone", func() bool { return s.WS.Connections() == 1 })
	clock.Advance(6 * time.Second)
	s.Eventually("he counts as gone", func() bool { online, _ := s.Presence.Online(bob); return !online })
	quietWithPresence(t, a)
	if _, err := s.Commands.Unblock(t.Context(), wstest.As(ann), bob); err != nil {
		t.Fatal(err)
	}
	if f := a.Expect("presence"); f.Text("user_id") != bob.String() || f["online"] != false || f["last_seen"] == nil {
		t.Errorf("after the block: got %v, want that he is offline", f)
	}
}

// TestPresenceOfNewAcquaintances: who comes together while online hears of the others at once.
func TestPresenceOfNewAcquaintances(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob, cat, foe, away := s.User("Ann"), s.User("Bob"), s.User("Cat"), s.User("Foe"), s.User("Away")
	if _, err := s.Commands.Block(t.Context(), wstest.As(foe), bob); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	a, b, c, f := s.Connect(ann), s.Connect(bob), s.Connect(cat), s.Connect(foe)
	expect := func(who *wstest.Client, online ...domain.ID) {
		t.Helper()
		var got, want []string
		who.Send(Is{"type": "ping"})
		for f := who.Next(); f.Type() != "pong"; f = who.Next() {
			if f.Type() == "presence" && f["online"] == true && f["last_seen"] == nil {
				got = append(got, f.Text("user_id"))
			}
		}
		for _, user := range online {
			want = append(want, user.String())
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("online: got %v, want %v", got, want)
		}
	}
	s.Direct(ann, bob)
	s.Settle()
	expect(a, bob)
	expect(b, ann)
	group := s.Group("us", ann, foe, away)
	s.Settle()
	expect(a, foe)
	expect(f, ann)
	if _, err := s.Commands.Add(t.Context(), wstest.As(ann), group, bob); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	expect(a, bob)
	expect(b, ann) // not of one who blocks him
	expect(f)
	s.Group("crowd", cat, append(s.Users(49), ann)...)
	s.Settle()
	expect(c)
	expect(a)
}

// quietWithPresence is Quiet, with presence counted too.
func quietWithPresence(t *testing.T, c *wstest.Client) {
	t.Helper()
	c.Send(Is{"type": "ping"})
	if f := c.Next(); f.Type() != "pong" {
		t.Errorf("got %v, want nothing", f)
	}
}

func TestHeartbeat(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob := s.User("Ann"), s.User("Bob")
	c := s.Connect(ann)
	sent := s.Say(bob, s.Direct(ann, bob), "hello")
	s.Settle()
	pings := 0
	c.Conn.SetPingHandler(func(string) error { pings++; return nil }) // a peer that is not there
	clock.Advance(29 * time.Second)
	clock.Advance(2 * time.Second)
	c.Expect("conversation")
	c.Expect("chat_message")
	if f := c.Expect("heartbeat"); f.Int("position") != int64(sent.Position) || !f.Has("timestamp") {
		t.Errorf("heartbeat: got %v, want position %d", f, sent.Position)
	}
	clock.Advance(30 * time.Second)
	c.Expect("heartbeat")
	clock.Advance(14 * time.Second)
	s.Eventually("the silent peer is dropped", func() bool { clock.Advance(time.Second); return s.WS.Connections() == 0 })
	if _, _, err := c.Conn.ReadMessage(); err == nil {
		t.Error("the connection of a silent peer is still open")
	}
	if pings != 2 {
		t.Errorf("pings: got %d, want 2", pings)
	}
}

func TestAnsweringPeerStays(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	c := s.Connect(s.User("Ann"))
	for range 6 {
		clock.Advance(30 * time.Second)
		c.Expect("heartbeat") // reading it, the client answers the ping
		c.Quiet()
	}
}
