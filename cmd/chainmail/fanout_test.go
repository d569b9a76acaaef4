package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
	"chainmail/transport/fanout/redistest"
)

// spread is some servers on one database with a Redis, and people at different ones.
type spread struct {
	*machine
	redis   *redistest.Server
	servers []*served

	ann, bob, cem, root string
	tokens              map[string]string
	group               string
	rooms               []string // the channels of all groups
}

func newSpread(t *testing.T, servers int) *spread {
	t.Helper()
	redis := redistest.Start(t)
	m := newMachine(t, t.TempDir(), "CHAINMAIL_DATABASE_URL="+pgtest.New(t).DSN, "CHAINMAIL_JWT_SECRET="+testSecret,
		"CHAINMAIL_REDIS_URL="+redis.URL, "CHAINMAIL_RATE_LIMIT=0", "CHAINMAIL_LOG_LEVEL=info")
	s := &spread{machine: m, redis: redis, tokens: make(map[string]string)}
	s.ann, s.bob, s.cem = m.must("user", "add", "Ann"), m.must("user", "add", "Bob"), m.must("user", "add", "Cem")
	s.root = m.must("user", "add", "Root", "--role", "admin")
	for _, id := range []string{s.ann, s.bob, s.cem, s.root} {
		s.tokens[id] = m.must("token", id)
	}
	for range servers {
		s.servers = append(s.servers, m.serve("--listen", "127.0.0.1:0"))
	}
	s.group = s.servers[0].call(s.tokens[s.ann], "POST", "/api/conversations",
		fmt.Sprintf(`{"participant_ids":[%q,%q],"title":"All"}`, s.bob, s.cem), 201)["id"].(string)
	s.rooms = append(s.rooms, "room:"+s.group)
	return s
}

// follow waits until all pushes come through Redis, and one server publishes.
func (s *spread) follow() {
	s.t.Helper()
	eventually(s.t, "Redis is followed", func() bool {
		publishers := 0.0
		for _, server := range s.servers {
			if server.metric("chainmail_fanout_following") != 1 {
				return false
			}
			publishers += server.metric("chainmail_fanout_publishing")
		}
		return publishers == 1
	})
}

// crosses has everything happen that is pushed, by people at one server to people at another.
func (s *spread) crosses(a, b *socket) {
	t := s.t
	t.Helper()
	first, last := s.servers[0], s.servers[len(s.servers)-1]
	a.say(s.bob, fmt.Sprint(time.Now().UnixNano()), "hello")
	sent := a.await("message_sent")
	if got := b.await("chat_message"); got.MessageID != sent.MessageID || got.Content != "hello" {
		t.Errorf("a direct message: got %+v, want %+v", got, sent)
	}
	for _, act := range []string{"delivered", "read_receipt"} {
		b.send(map[string]any{"type": act, "message_id": sent.MessageID})
		if got := a.await("message_status"); got.MessageID != sent.MessageID || !strings.HasPrefix(act, got.Status) {
			t.Errorf("a receipt: got %+v, want that of %s", got, act)
		}
	}
	b.send(map[string]any{"type": "chat_message", "conversation_id": s.group, "content": "to all"})
	inGroup := b.await("message_sent")
	if got := a.await("chat_message"); got.MessageID != inGroup.MessageID || got.ConversationID != s.group {
		t.Errorf("a group's message: got %+v, want %+v", got, inGroup)
	}
	last.call(s.tokens[s.root], "POST", "/api/notifications",
		fmt.Sprintf(`{"user_id":%q,"notification_type":"note","title":"A note","message":"text"}`, s.ann), 201)
	a.await("notification")
	first.call(s.tokens[s.root], "POST", "/api/announcements", `{"title":"To all","message":"of you"}`, 201)
	a.await("announcement")
	b.await("announcement")
	first.call(s.tokens[s.root], "DELETE", "/api/messages/"+sent.MessageID+"/content", `{"reason":"privacy"}`, 204)
	if got := b.await("message_erased"); got.MessageID != sent.MessageID {
		t.Errorf("an erasure: got %+v, want %s", got, sent.MessageID)
	}
	s.types(a, b)
}

// types has Ann type in a new group until Bob hears of it: what is said while Redis fails is lost, and people go on typing.
func (s *spread) types(a, b *socket) {
	group := s.servers[0].call(s.tokens[s.ann], "POST", "/api/conversations",
		fmt.Sprintf(`{"participant_ids":[%q,%q],"title":"More"}`, s.bob, s.cem), 201)["id"].(string)
	s.rooms = append(s.rooms, "room:"+group)
	heard, ended := make(chan struct{}), make(chan error, 1)
	go func() { // types waits for it
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			err := a.conn.WriteJSON(map[string]any{"type": "typing", "conversation_id": group})
			select {
			case <-heard:
				ended <- err
				return
			case <-tick.C:
			}
		}
	}()
	for b.await("typing_indicator").ConversationID != group {
	}
	close(heard)
	if err := <-ended; err != nil {
		s.t.Error(err)
	}
}

// channels waits until exactly these are subscribed to, and the groups'.
func (s *spread) channels(want ...string) {
	s.t.Helper()
	want = append(want, s.rooms...)
	slices.Sort(want)
	var got []string
	eventually(s.t, "the channels are "+strings.Join(want, " "), func() bool {
		var err error
		got, err = s.redis.Client.PubSubChannels(context.Background(), "*").Result()
		slices.Sort(got)
		return err == nil && slices.Equal(got, want)
	})
}

// Two and three servers, with a Redis that goes and comes back: all that crosses, crosses. Each subscribes to what its
// connections need and to nothing else.
func TestFanout(t *testing.T) {
	t.Parallel()
	for _, servers := range []int{2, 3} {
		t.Run(fmt.Sprint(servers), func(t *testing.T) {
			t.Parallel()
			s := newSpread(t, servers)
			a, b := s.servers[0].connect(s.tokens[s.ann]), s.servers[servers-1].connect(s.tokens[s.bob])
			const user = "user:"
			s.channels("broadcast", user+s.ann, user+s.bob)
			s.follow()
			s.crosses(a, b)
			eventually(t, "something comes through Redis", func() bool { // on a busy machine it may be late, and the log is read
				received := 0.0
				for _, server := range s.servers {
					received += server.metric(`chainmail_fanout_events_total{source="redis"}`)
				}
				if received == 0 {
					s.follow()
					s.crosses(a, b)
				}
				return received > 0
			})
			s.task(a, b)
			eventually(t, "the doctor says who publishes", func() bool {
				out, _, _ := s.run("doctor")
				return strings.Contains(out, "Redis answers; ") && publishes.MatchString(out)
			})
			s.redis.Stop()
			s.crosses(a, b)
			if out, _, status := s.run("doctor"); status != 1 || !strings.Contains(out, "start Redis, or correct --redis-url") {
				t.Errorf("doctor: status %d, %s", status, out)
			}
			for _, server := range s.servers {
				server.awaitReady(200, `"degraded":[]`)
			}
			s.redis.Start()
			s.crosses(a, b)
			s.follow()
			s.crosses(a, b)
			s.redis.Stop()
			for _, server := range s.servers {
				began := time.Now()
				if status := server.stop(); status != 0 || time.Since(began) > 10*time.Second {
					t.Errorf("exit status %d after %s, want 0 within 10 s", status, time.Since(began))
				}
			}
		})
	}
}

// publishes is what the doctor says of the server that does. Whoever is held up too long loses the lease: the next epoch begins.
var publishes = regexp.MustCompile(` publishes \(epoch \d+\)`)

// task lets a task's life be seen at the other server, also by who watches it.
func (s *spread) task(a, b *socket) {
	s.t.Helper()
	first, last := s.servers[0], s.servers[len(s.servers)-1]
	project := first.call(s.tokens[s.ann], "POST", "/api/projects", `{"title":"A bridge"}`, 201)["id"].(string)
	task := first.call(s.tokens[s.ann], "POST", "/api/tasks",
		fmt.Sprintf(`{"project_id":%q,"title":"Pillars","freelancer_id":%q}`, project, s.bob), 201)["id"].(string)
	b.send(map[string]any{"type": "subscribe", "channel": "task:" + task})
	b.await("subscribed")
	s.channels("broadcast", "user:"+s.ann, "user:"+s.bob, "task:"+task)
	last.call(s.tokens[s.bob], "PATCH", "/api/tasks/"+task+"/status", `{"status":"in_progress"}`, 200)
	for _, c := range []*socket{a, b} {
		if got := c.await("task_status_update"); got.Status != "in_progress" {
			s.t.Errorf("a task: got %+v", got)
		}
	}
	b.send(map[string]any{"type": "unsubscribe", "channel": "task:" + task})
	b.await("unsubscribed")
	s.channels("broadcast", "user:"+s.ann, "user:"+s.bob)
}

// Redis is away at the start, or falls silent: the server serves from the log, says so once, and ends in time.
func TestFanoutWithoutRedis(t *testing.T) {
	t.Parallel()
	s := newSpread(t, 1)
	s.follow()
	s.redis.Freeze()
	other := s.serve("--listen", "127.0.0.1:0")
	s.servers = append(s.servers, other)
	a, b := s.servers[0].connect(s.tokens[s.ann]), other.connect(s.tokens[s.bob])
	for range 2 {
		s.crosses(a, b)
	}
	for _, server := range s.servers {
		server.awaitReady(200, `"degraded":[]`)
		began := time.Now()
		if status := server.stop(); status != 0 || time.Since(began) > 10*time.Second {
			t.Errorf("exit status %d after %s, want 0 within 10 s", status, time.Since(began))
		}
	}
	if said := other.said(); strings.Count(said, "Redis cannot be reached") != 1 {
		t.Errorf("want one line that says that Redis cannot be reached: %s", said)
	}
}
