package fanout_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/cluster"
	"chainmail/transport/fanout/redistest"
	"chainmail/transport/frame"
)

// follow waits until the nodes' pushes come through Redis.
func follow(t testing.TB, nodes ...*node) {
	t.Helper()
	eventually(t, "Redis is followed", func() bool {
		return !slices.ContainsFunc(nodes, func(n *node) bool { return !n.fan.Status().Follows })
	})
}

// publishers counts the nodes that have the lease.
func publishers(nodes ...*node) (count int) {
	for _, n := range nodes {
		if n.fan.Status().Publishing {
			count++
		}
	}
	return count
}

// talk has everything happen that makes frames, and is not read from the log anyway.
func (w *world) talk(a, b, group domain.ID) {
	for range 5 {
		w.say(a, domain.ID{}, b)
		w.say(b, group, domain.ID{})
		m := w.messages[len(w.messages)-1]
		w.do(w.state.Acknowledge(domain.Acknowledge{Actor: as(a), Message: m}))
		w.do(w.state.Acknowledge(domain.Acknowledge{Actor: as(a), Message: m, Read: true}))
		w.notify(b)
		w.announce()
	}
}

// each runs a test with one server, with Sentinel and with a cluster.
func each(t *testing.T, test func(t *testing.T, url string)) {
	t.Parallel()
	t.Run("single", func(t *testing.T) {
		t.Parallel()
		test(t, redistest.Start(t).URL)
	})
	t.Run("sentinel", func(t *testing.T) {
		t.Parallel()
		primary := redistest.StartPort(t)
		redistest.StartPort(t, "--replicaof", "127.0.0.1 "+primary.URL[len("redis://127.0.0.1:"):])
		_, url := redistest.StartSentinel(t, primary)
		test(t, url)
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		_, url := redistest.StartCluster(t)
		test(t, url)
	})
}

// All that is pushed comes through Redis, and what decides from the log.
func TestEverythingCrosses(t *testing.T) {
	each(t, func(t *testing.T, url string) {
		w := newWorld(t)
		a, b, c := w.user(), w.user(), w.user()
		nodes := []*node{w.node(url), w.node(url)}
		for _, n := range nodes {
			n.await(w.log.Head())
		}
		nodes[0].open(a)
		nodes[1].open(b)
		nodes[1].open(c)
		group := w.group(a, b)
		w.say(a, domain.ID{}, b)
		for _, n := range nodes {
			n.await(w.log.Head())
		}
		follow(t, nodes...)
		eventually(t, "one server publishes", func() bool { return publishers(nodes...) == 1 })
		before := nodes[1].fan.Status()
		eventually(t, "something comes through Redis", func() bool { // a marker may be late, and then the log is read
			follow(t, nodes...)
			w.talk(a, b, group)
			for _, n := range nodes {
				n.await(w.log.Head())
			}
			after := nodes[1].fan.Status()
			return after.Events > before.Events && after.Batches > before.Batches
		})
		m := w.messages[0]
		w.do(w.state.Erase(domain.EraseContent{Actor: as(m.SenderID), Message: m, Reason: domain.ReasonSender}))
		w.do(w.state.Add(domain.AddParticipant{Actor: as(a), ConversationID: group, UserID: c}))
		w.talk(c, a, group)
		for _, n := range nodes {
			n.await(w.log.Head())
		}
		if frames := w.same(nodes...); frames < 50 {
			t.Errorf("%d frames, want more", frames)
		}
		for _, n := range nodes {
			eventually(t, "traces are told of what was followed", func() bool {
				n.mu.Lock()
				defer n.mu.Unlock()
				s := n.fan.Status()
				return n.told["redis"] == s.Events && n.told[eventstore.FromMemory]+n.told[eventstore.FromTable] == s.Read && s.Read > 0
			})
		}
	})
}

// A server subscribes to what its connections need, and to nothing else.
func TestChannels(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	w := newWorld(t)
	a, b, c := w.user(), w.user(), w.user()
	group, other := w.group(a, b), w.group(b, c)
	n := w.node(redis.URL)
	task, project := newID(), newID()
	name := func(kind string, id domain.ID) string { return "test:" + kind + ":" + id.String() }
	has := func(want ...string) {
		t.Helper()
		want = append(want, "test:broadcast")
		slices.Sort(want)
		eventually(t, "the channels are "+strings.Join(want, " "), func() bool {
			got, err := redis.Client.PubSubChannels(context.Background(), "*").Result()
			slices.Sort(got)
			return err == nil && slices.Equal(got, want)
		})
	}
	has()
	conn := n.open(a)
	has(name("user", a), name("room", group))
	n.fan.Watch(frame.Channel{Kind: frame.TaskChannel, ID: task})
	n.fan.Watch(frame.Channel{Kind: frame.ProjectChannel, ID: project})
	has(name("user", a), name("room", group), name("task", task), name("project", project))
	n.fan.Unwatch(task)
	n.fan.Unwatch(project)
	w.do(w.state.Add(domain.AddParticipant{Actor: as(c), ConversationID: other, UserID: a}))
	has(name("user", a), name("room", group), name("room", other))
	w.do(w.state.Remove(domain.RemoveParticipant{Actor: as(a), ConversationID: group, UserID: a}))
	has(name("user", a), name("room", other))
	third := w.group(c, a)
	has(name("user", a), name("room", other), name("room", third))
	n.close(conn)
	conn = n.open(a) // at once: nothing changes
	has(name("user", a), name("room", other), name("room", third))
	n.close(conn)
	has() // after a while
}

// Redis is away at the start, comes, goes and comes back: nothing is lost, and nobody waits for it.
func TestRedisComesAndGoes(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	redis.Stop()
	w := newWorld(t)
	a, b := w.user(), w.user()
	group := w.group(a, b)
	nodes := []*node{w.node(redis.URL), w.node(redis.URL)}
	nodes[0].open(a)
	nodes[1].open(b)
	all := func() {
		t.Helper()
		w.talk(a, b, group)
		for _, n := range nodes {
			n.await(w.log.Head())
		}
	}
	all()
	for range 2 {
		redis.Start()
		follow(t, nodes...)
		all()
		redis.Stop()
		all()
	}
	w.same(nodes...)
}

// The publisher ends; another takes over.
func TestTakeover(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	w := newWorld(t)
	a, b := w.user(), w.user()
	group := w.group(a, b)
	nodes := []*node{w.node(redis.URL), w.node(redis.URL), w.node(redis.URL)}
	for _, n := range nodes {
		n.open(a)
		n.open(b)
	}
	follow(t, nodes...)
	for len(nodes) > 1 {
		w.talk(a, b, group)
		last := -1
		eventually(t, "one publishes", func() bool { // a lease that was renewed too late is gone for a while
			last = slices.IndexFunc(nodes, func(n *node) bool { return n.fan.Status().Publishing })
			return last >= 0
		})
		for _, n := range nodes {
			n.await(w.log.Head())
		}
		ends := nodes[last]
		nodes = slices.Delete(nodes, last, last+1)
		ends.stop()
		w.talk(b, a, group)
		eventually(t, "another publishes", func() bool { return publishers(nodes...) == 1 })
		w.talk(a, b, group)
		follow(t, nodes...)
	}
	w.talk(a, b, group)
	nodes[0].await(w.log.Head())
	w.same(nodes...)
}

// Words reach those whom they concern, once and in order.
func TestWords(t *testing.T) {
	each(t, func(t *testing.T, url string) {
		w := newWorld(t)
		a, b, c := w.user(), w.user(), w.user()
		group := w.group(a, b)
		w.say(a, domain.ID{}, b)
		direct := w.messages[len(w.messages)-1].ConversationID
		nodes := []*node{w.node(url), w.node(url), w.node(url)}
		for i, user := range []domain.ID{a, b, c} {
			nodes[i].await(w.log.Head())
			nodes[i].open(user)
		}
		follow(t, nodes...)
		heard := make([]chan string, len(nodes))
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(context.Background())
		defer wg.Wait()
		defer cancel()
		for i, n := range nodes {
			heard[i] = make(chan string, 1000)
			wg.Go(func() {
				_ = n.fan.Bus().Run(ctx, func(w cluster.Word) { heard[i] <- string(w.Body) })
			})
		}
		say := func(body string, to cluster.Audience) {
			nodes[0].fan.Bus().Send(cluster.Word{Kind: 1, To: to, Body: []byte(body)})
		}
		const toFind = "are you there" // and have you subscribed
		eventually(t, "b's server hears", func() bool {
			say(toFind, cluster.Audience{User: b})
			return len(heard[1]) > 0
		})
		<-heard[1]
		eventually(t, "b's server hears what is for the group", func() bool {
			say(toFind+", group", cluster.Audience{Conversation: group})
			return len(heard[1]) > 0 && <-heard[1] == toFind+", group"
		})
		for range 20 {
			say("to b", cluster.Audience{User: b})
			say("to the group", cluster.Audience{Conversation: group})
			say("to the two", cluster.Audience{Conversation: direct})
			say("to all", cluster.Audience{})
		}
		say("end", cluster.Audience{})
		upToEnd := func(words <-chan string) (heard []string) {
			for body := ""; body != "end"; {
				select {
				case body = <-words:
				case <-time.After(patience):
					t.Fatalf("the end did not come after %q", heard)
				}
				if !strings.HasPrefix(body, toFind) {
					heard = append(heard, body)
				}
			}
			return heard
		}
		ofB, ofC := upToEnd(heard[1]), upToEnd(heard[2])
		var wantB, wantC []string
		for range 20 {
			wantB = append(wantB, "to b", "to the group", "to the two", "to all")
			wantC = append(wantC, "to all")
		}
		if !slices.Equal(ofB, append(wantB, "end")) {
			t.Errorf("b's server heard %v", ofB)
		}
		if !strings.Contains(url, "?addr=") && !slices.Equal(ofC, append(wantC, "end")) { // in a cluster all hear all
			t.Errorf("c's server heard %v", ofC)
		}
		if len(heard[0]) > 0 {
			t.Error("the server heard itself")
		}
	})
}

// A server's last words reach the others, though it ends at once: that it ends is one.
func TestLastWords(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	w := newWorld(t)
	nodes := []*node{w.node(server.URL), w.node(server.URL)}
	follow(t, nodes...)
	const last = 300 // more than one pipeline takes
	heard := make(chan byte, last)
	var wg sync.WaitGroup
	defer wg.Wait()
	listening, stop := context.WithCancel(context.Background())
	defer stop()
	wg.Go(func() {
		_ = nodes[1].fan.Bus().Run(listening, func(w cluster.Word) { heard <- w.Body[0] })
	})
	for n := range last {
		nodes[0].fan.Bus().Send(cluster.Word{Kind: cluster.Bye, Body: []byte{byte(n)}})
	}
	ending, end := context.WithCancel(context.Background())
	end()
	if err := nodes[0].fan.Bus().Run(ending, func(cluster.Word) {}); err != nil {
		t.Fatal(err)
	}
	for n := range last {
		select {
		case got := <-heard:
			if got != byte(n) {
				t.Fatalf("got word %d, want %d", got, byte(n))
			}
		case <-time.After(patience):
			t.Fatalf("%d of %d words came", n, last)
		}
	}
}
