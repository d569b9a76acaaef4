package ws_test

import (
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/clustertest"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

// among is a server that hears others, with a clock of its own.
type among struct {
	*wstest.Server
	node  *clustertest.Server
	clock *wstest.Clock
}

// startTwo starts two servers on one database that know each other.
func startTwo(t *testing.T) (w *clustertest.World, a, b *among) {
	t.Helper()
	dsn := pgtest.New(t).DSN
	w = clustertest.New(t, dsn)
	start := func() *among {
		s := &among{node: w.Add(), clock: wstest.NewClock()}
		s.Server = wstest.Start(t, wstest.Options{DSN: dsn, Configure: func(config *ws.Config) {
			s.clock.Use(config)
			config.Others = s.node.Node
		}})
		w.Run(s.node)
		return s
	}
	a, b = start(), start()
	w.Advance(2 * time.Second)
	return w, a, b
}

func (s *among) settle(w *clustertest.World) {
	s.Settle()
	w.Settle()
}

func TestTypingAcrossServers(t *testing.T) {
	t.Parallel()
	w, one, two := startTwo(t)
	ann, bob, cat, dan := one.User("Ann"), one.User("Bob"), one.User("Cat"), one.User("Dan")
	group := one.Group("us", ann, bob, cat)
	if _, err := one.Commands.Block(t.Context(), wstest.As(cat), ann); err != nil {
		t.Fatal(err)
	}
	one.Settle()
	two.Settle()
	a, a2, b, c, d := one.Connect(ann), two.Connect(ann), two.Connect(bob), two.Connect(cat), two.Connect(dan)
	w.Settle()
	types := func(frame Is) {
		t.Helper()
		frame["type"] = "typing"
		a.Send(frame)
		a.Quiet()
		w.Settle()
	}
	expect := func(who *wstest.Client, conversation any, typing bool) {
		t.Helper()
		f := who.Expect("typing_indicator")
		if f["conversation_id"] != conversation || f.Text("sender_id") != ann.String() || f["is_typing"] != typing {
			t.Errorf("got %v, want %v in %v", f, typing, conversation)
		}
	}
	types(Is{"conversation_id": group.String()})
	expect(b, group.String(), true)
	one.clock.Advance(7 * time.Second)
	expect(b, group.String(), false)
	types(Is{"receiver_id": dan.String()})
	expect(d, nil, true)
	types(Is{"receiver_id": dan.String(), "is_typing": false})
	expect(d, nil, false)

	// The end is lost: the other server ends it by itself.
	types(Is{"conversation_id": group.String()})
	expect(b, group.String(), true)
	one.node.Lost = func(w cluster.Word) bool { return w.Kind == cluster.Typing }
	one.clock.Advance(7 * time.Second)
	w.Settle()
	two.clock.Advance(7 * time.Second)
	b.Quiet()
	two.clock.Advance(2 * time.Second)
	expect(b, group.String(), false)
	one.node.Lost = nil

	// What another server says is a word, and no more: who hears is for this one to know.
	stranger := one.User("Eve")
	one.Settle()
	two.Settle()
	for _, sender := range []domain.ID{stranger, wstest.ID()} {
		one.node.Node.Tell(cluster.Typing, cluster.Audience{}, append(append([]byte{1}, sender[:]...), group[:]...))
	}
	unknown := wstest.ID()
	one.node.Node.Tell(cluster.Typing, cluster.Audience{}, append(append([]byte{3}, unknown[:]...), dan[:]...))
	one.node.Node.Tell(cluster.Typing, cluster.Audience{}, []byte{1})
	w.Settle()

	types(Is{"conversation_id": group.String()})
	expect(b, group.String(), true)
	w.Kill(one.node)
	w.Advance(7 * time.Second)
	b.Quiet()
	w.Advance(2 * time.Second)
	expect(b, group.String(), false)
	for _, who := range []*wstest.Client{a2, b, c, d} {
		who.Quiet() // his own other connection, and one who blocks him, have heard nothing
	}
}

func TestPresenceAcrossServers(t *testing.T) {
	t.Parallel()
	w, one, two := startTwo(t)
	ann, bob, cat := one.User("Ann"), one.User("Bob"), one.User("Cat")
	one.Direct(ann, bob)
	one.Settle()
	two.Settle()
	b := two.Connect(bob)
	w.Settle()
	a := one.Dial(ann, "")
	a.Expect("authenticated")
	a.Expect("synced")
	expect := func(who *wstest.Client, user domain.ID, online bool) wstest.Frame {
		t.Helper()
		f := who.Await("presence")
		if f.Text("user_id") != user.String() || f["online"] != online {
			t.Errorf("got %v, want %v online: %v", f, user, online)
		}
		return f
	}
	expect(a, bob, true) // whoever is elsewhere greets the newcomer
	expect(b, ann, true)

	// Those who meet hear of each other.
	c := two.Connect(cat)
	w.Settle()
	one.Direct(ann, cat)
	one.settle(w)
	two.settle(w)
	expect(a, cat, true)
	expect(c, ann, true)

	// Moving makes no noise.
	a2 := two.Connect(ann)
	w.Settle()
	a.Leave()
	one.Eventually("she has left", func() bool { return one.WS.Connections() == 0 })
	w.Settle()
	one.clock.Advance(6 * time.Second)
	two.clock.Advance(6 * time.Second)
	quietWithPresence(t, b)
	quietWithPresence(t, c)
	if online, _ := one.Presence.Online(ann); !online {
		t.Error("she is offline where she was before")
	}
	a2.Leave()
	two.Eventually("she has left", func() bool { return two.WS.Connections() == 2 })
	left := two.clock.Now()
	two.clock.Advance(6 * time.Second)
	if f := expect(b, ann, false); f.Text("last_seen") != left.UTC().Format("2006-01-02T15:04:05.000000Z") {
		t.Errorf("got %v, want last_seen %v", f, left)
	}

	// A server dies.
	one.Connect(ann)
	expect(b, ann, true)
	w.Settle()
	w.Kill(one.node)
	w.Advance(8 * time.Second)
	two.clock.Advance(4 * time.Second)
	quietWithPresence(t, b)
	two.clock.Advance(2 * time.Second)
	expect(b, ann, false)
	quietWithPresence(t, b)
}

// TestConnectionsAcrossServers: those elsewhere count among the 20.
func TestConnectionsAcrossServers(t *testing.T) {
	t.Parallel()
	w, one, two := startTwo(t)
	ann := one.User("Ann")
	one.Settle()
	two.Settle()
	var last *wstest.Client
	for range 12 {
		last = one.Connect(ann)
	}
	w.Settle()
	for range 8 {
		two.Connect(ann)
	}
	w.Settle()
	one.Dial(ann, "").ExpectClose(1008, "too many connections")
	two.Dial(ann, "").ExpectClose(1008, "too many connections")
	last.Leave()
	one.Eventually("it has gone", func() bool { return one.WS.Connections() == 11 })
	w.Settle()
	two.Connect(ann)
}
