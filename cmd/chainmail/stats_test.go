package main

import (
	"encoding/json"
	"testing"

	"chainmail/transport/judge/judgetest"
)

// stats are what an admin's page draws of a server.
type stats struct {
	Head            int64 `json:"head"`
	Sealed          int64 `json:"sealed"`
	Connections     int64 `json:"connections"`
	MessagesSent    int64 `json:"messages_sent"`
	MessagesBlocked int64 `json:"messages_blocked"`
	EventsAppended  int64 `json:"events_appended"`
	FramesSent      int64 `json:"frames_sent"`
	CommitSeconds   took  `json:"commit_seconds"`
	DeliverySeconds took  `json:"delivery_seconds"`
	HTTPSeconds     took  `json:"http_seconds"`
	Projections     []struct {
		Projection string
		Position   int64
		Stopped    *string
	}
}

type took struct {
	Count   int64
	Sum     float64
	Buckets []struct {
		LE    float64
		Count int64
	}
}

// An admin's page has its figures also where metrics have an address of their own. Each of them is one that the server has: a
// metric that is called otherwise would leave a 0.
func TestStats(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	s := g.serve("--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--batch-interval", "50ms", "--guard-policy", g.policy)
	admin, member := g.must("token", g.must("user", "add", "Root", "--role", "admin")), g.must("token", g.ann)
	a, b := s.connect(member), s.connect(g.must("token", g.bob))
	a.say(g.bob, "1", "hello")
	b.await("chat_message")
	a.say(g.bob, "2", judgetest.Scam)
	a.await("warning")
	if status, body := s.ask(member, "GET", "/api/stats", "", ""); status != 403 {
		t.Errorf("for a member: %d %s", status, body)
	}
	var got stats
	eventually(t, "all is counted, sealed and projected", func() bool {
		got = stats{}
		status, body := s.ask(admin, "GET", "/api/stats", "", "")
		if err := json.Unmarshal([]byte(body), &got); status != 200 || err != nil {
			t.Fatalf("got %d %s", status, body)
		}
		projected := len(got.Projections) > 0
		for _, p := range got.Projections {
			projected = projected && p.Position > 0 && p.Projection != "" && p.Stopped == nil
		}
		return projected && got.MessagesSent == 1 && got.MessagesBlocked == 1 && got.Connections == 2 && got.Head > 0 && got.Sealed > 0 &&
			got.EventsAppended >= 3 && got.FramesSent >= 4 && got.DeliverySeconds.Count > 0 && got.HTTPSeconds.Count > 1
	})
	if c := got.CommitSeconds; c.Count == 0 || c.Sum <= 0 || len(c.Buckets) != len(secondsBuckets) || c.Buckets[0].LE != secondsBuckets[0] {
		t.Errorf("commits: %+v", c)
	}
}
