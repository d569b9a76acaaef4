package fanout_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"chainmail/domain"
	"chainmail/transport/fanout/redistest"
)

// steps is how long the random histories are.
var steps = flag.Int("fanout.steps", 240, "acts of the random history with losses")

// A random history with random losses: connections killed, publishers restarted, messages and subscriptions lost, garbage and what was
// published before on all channels. Every connection gets exactly the frames, in order, that it gets without Redis.
func TestLosses(t *testing.T) {
	t.Parallel()
	server := redistest.StartPort(t)
	proxy := newLossy(t, server.Port)
	w := newWorld(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	h := &history{world: w, random: random}
	for range 6 {
		h.users = append(h.users, w.user())
	}
	for range 3 {
		h.groups = append(h.groups, w.group(h.users[0], h.users[1:4]...))
	}
	nodes := []*node{w.node(proxy.url), w.node(proxy.url), w.node(server.URL)}
	past := slices.Clone(nodes)
	forger := newForger(t, server.Client)
	var open []opened
	losses := 0
	for step := range *steps {
		switch step % 80 {
		case 0: // all is well for a while
			proxy.one.Store(0)
			follow(t, nodes...)
		case 30:
			proxy.one.Store(int64(2 + random.IntN(3)))
			proxy.markers.Store(step%160 > 80)
		case 60:
			losses++
			_ = server.Client.ClientKillByFilter(context.Background(), "TYPE", "pubsub").Err()
		case 70: // the first is the publisher now and then
			first := nodes[0]
			first.stop()
			open = slices.DeleteFunc(open, func(o opened) bool { return o.node == first })
			nodes = append(nodes[1:], w.node(proxy.url))
			past = append(past, nodes[len(nodes)-1])
		}
		switch random.IntN(20) {
		case 0, 1:
			n := nodes[random.IntN(len(nodes))]
			open = append(open, opened{n, n.open(h.users[random.IntN(len(h.users))])})
		case 2:
			if len(open) > 0 {
				last := random.IntN(len(open))
				open[last].node.close(open[last].connection)
				open = slices.Delete(open, last, last+1)
			}
		case 3, 4:
			forger.forge(random)
		default:
			h.act()
		}
	}
	proxy.one.Store(0)
	for _, n := range nodes {
		n.await(w.log.Head())
	}
	var through, read int64
	eventually(t, "an event comes through Redis", func() bool { // on a busy machine each of the history's markers may be late
		through, read = 0, 0
		for _, n := range past {
			s := n.fan.Status()
			through, read = through+s.Events, read+s.Read
		}
		if through > 0 {
			return true
		}
		follow(t, nodes...)
		w.announce()
		for _, n := range nodes {
			n.await(w.log.Head())
		}
		return false
	})
	frames := w.same(past...)
	t.Logf("%d frames; %d events through Redis, %d from the log; %d messages lost, %d connections", frames, through, read, proxy.lost.Load(), losses)
	if read == 0 {
		t.Error("no event was read from the log")
	}
}

type opened struct {
	node       *node
	connection *connection
}

// history is what users do at random.
type history struct {
	*world
	random        *rand.Rand
	users, groups []domain.ID
}

func (h *history) one(of []domain.ID) domain.ID { return of[h.random.IntN(len(of))] }

func (h *history) act() {
	a, b, group := h.one(h.users), h.one(h.users), h.one(h.groups)
	switch h.random.IntN(12) {
	case 0, 1, 2:
		if a != b {
			h.say(a, domain.ID{}, b)
		}
	case 3, 4, 5:
		h.say(a, group, domain.ID{})
	case 6, 7:
		if len(h.messages) > 0 {
			m := h.messages[max(0, len(h.messages)-1-h.random.IntN(5))]
			h.do(h.state.Acknowledge(domain.Acknowledge{Actor: as(a), Message: m, Read: h.random.IntN(2) == 0}))
		}
	case 8:
		h.notify(a)
	case 9:
		h.announce()
	case 10:
		if h.random.IntN(2) == 0 {
			h.do(h.state.Add(domain.AddParticipant{Actor: as(b), ConversationID: group, UserID: a}))
		} else {
			h.do(h.state.Remove(domain.RemoveParticipant{Actor: as(a), ConversationID: group, UserID: a}))
		}
	case 11:
		if len(h.messages) > 0 && h.random.IntN(4) == 0 {
			m := h.messages[h.random.IntN(len(h.messages))]
			h.do(h.state.Erase(domain.EraseContent{Actor: as(m.SenderID), Message: m, Reason: domain.ReasonSender}))
		}
	}
}

// forger hears all that is published, and publishes what it has heard and what it has made of it.
type forger struct {
	client *redis.Client
	mu     sync.Mutex
	heard  []*redis.Message // guarded by mu
}

func newForger(t testing.TB, client *redis.Client) *forger {
	f := &forger{client: client}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			ps := client.PSubscribe(ctx, "*")                         // killed with the others
			stop := context.AfterFunc(ctx, func() { _ = ps.Close() }) // it heeds no context while it reads
			for {
				m, err := ps.ReceiveMessage(ctx)
				if err != nil {
					break
				}
				f.mu.Lock()
				f.heard = append(f.heard, m)
				f.mu.Unlock()
			}
			stop()
			_ = ps.Close()
		}
	})
	t.Cleanup(func() { cancel(); wg.Wait() })
	return f
}

func (f *forger) forge(random *rand.Rand) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.heard) == 0 {
		return
	}
	m := f.heard[random.IntN(len(f.heard))]
	channel, payload := m.Channel, []byte(m.Payload)
	switch random.IntN(3) {
	case 0: // once more
	case 1: // somewhere else
		channel = f.heard[random.IntN(len(f.heard))].Channel
	case 2: // changed
		payload[random.IntN(len(payload))] ^= 1 << random.IntN(8)
	}
	f.client.Publish(context.Background(), channel, payload)
}
