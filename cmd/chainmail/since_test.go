package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"chainmail/transport/judge/judgetest"
)

// crew is some users of a running server who do random things at once, and what they have made so far.
type crew struct {
	*served
	users, tokens []string
	admin         int // its index

	mu                                             sync.Mutex
	conversations, messages, projects, tasks, held []string // guarded by mu
}

// For whatever several users do at once over HTTP and sockets, since=0 gives each of them the very frames that a connection
// got that was open all along, and so does GET /api/sync; any other since gives those after it.
func TestSinceGivesWhatWasPushed(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	m := g.machine
	c := &crew{users: []string{g.ann, g.bob}, admin: 4}
	for _, name := range []string{"Carl", "Dora"} {
		c.users = append(c.users, m.must("user", "add", name))
	}
	c.users = append(c.users, m.must("user", "add", "Root", "--role", "admin"))
	c.served = g.start("--rate-limit", "0")
	all := make([]*listener, len(c.users))
	for i, id := range c.users {
		c.tokens = append(c.tokens, m.must("token", id))
		all[i] = c.listen(c.tokens[i], "?since=0")
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed) // of what each does; how they meet is the scheduler's
	var group sync.WaitGroup
	for i := range c.users {
		socket := c.connect(c.tokens[i])
		group.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			for n := range 120 {
				c.act(random, i, socket, fmt.Sprintf("%d of %d", n, i))
			}
		})
	}
	group.Wait()
	if t.Failed() {
		return
	}
	// Pushes come in the order of the log: who has the last one has all.
	last := c.call(c.tokens[c.admin], "POST", "/api/announcements", `{"title":"The end","message":"of all"}`, 201)["position"]
	erased := g.erased()
	kinds := make(map[string]int)
	for i, l := range all {
		l.await("the end", func(frames []map[string]any) bool {
			return len(frames) > 0 && frames[len(frames)-1]["position"] == last
		})
		pushed := l.all()
		sameFrames(t, erased, fmt.Sprintf("user %d, since=0", i), c.listen(c.tokens[i], "?since=0").all(), pushed)
		sameFrames(t, erased, fmt.Sprintf("user %d, /api/sync", i), c.sync(c.tokens[i], 0), pushed)
		since := rand.Int64N(int64(last.(float64)))
		rest := slices.DeleteFunc(slices.Clone(pushed), func(f map[string]any) bool { return f["position"].(float64) <= float64(since) })
		sameFrames(t, erased, fmt.Sprintf("user %d, since=%d", i, since), c.listen(c.tokens[i], fmt.Sprintf("?since=%d", since)).all(), rest)
		sameFrames(t, erased, fmt.Sprintf("user %d, /api/sync since=%d", i, since), c.sync(c.tokens[i], since), rest)
		for _, f := range pushed {
			kinds[f["type"].(string)]++
		}
	}
	for _, kind := range durable {
		if kinds[kind] == 0 {
			t.Errorf("nobody was pushed a %s: %v", kind, kinds)
		}
	}
	if status := c.stop(); status != 0 {
		t.Errorf("exit status: got %d", status)
	}
	g.verify()
}

// sync pages through GET /api/sync.
func (c *crew) sync(token string, since int64) (frames []map[string]any) {
	c.t.Helper()
	for more := true; more; {
		status, text := c.ask(token, "GET", fmt.Sprintf("/api/sync?since=%d", since), "", "")
		var page struct {
			Items    []map[string]any
			Position int64
			More     bool
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil || status != 200 {
			c.t.Fatalf("sync: got %d %s, %v", status, text, err)
		}
		frames = append(frames, page.Items...)
		if more = page.More; more && page.Position <= since {
			c.t.Fatalf("sync since %d: more, but the position is %d", since, page.Position)
		}
		since = page.Position
	}
	return frames
}

// erased are the messages whose content is gone. Who has left a conversation is not told of it.
func (g *guarded) erased() map[any]bool {
	g.t.Helper()
	rows, err := g.db.QueryContext(g.t.Context(), `SELECT payload->>'message_id' FROM events WHERE type = 'ContentErased'`)
	if err != nil {
		g.t.Fatal(err)
	}
	defer rows.Close()
	erased := make(map[any]bool)
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			g.t.Fatal(err)
		}
		erased[id] = true
	}
	if err := rows.Err(); err != nil {
		g.t.Fatal(err)
	}
	return erased
}

// sameFrames compares, save the words of what was erased since.
func sameFrames(t *testing.T, erased map[any]bool, what string, have, want []map[string]any) {
	t.Helper()
	if len(have) != len(want) {
		t.Errorf("%s: got %d frames, want %d\n%s\n%s", what, len(have), len(want), types(have), types(want))
		return
	}
	for i := range want {
		a, b := have[i], want[i]
		if a["type"] == "chat_message" && erased[a["message_id"]] {
			a, b = wordless(a), wordless(b)
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: frame %d: got %v, want %v", what, i, a, b)
			return
		}
	}
}

func wordless(f map[string]any) map[string]any {
	bare := make(map[string]any)
	for name, value := range f {
		if name != "content" && name != "salt" {
			bare[name] = value
		}
	}
	return bare
}

// pick takes one of the things that were made, empty while there is none.
func (c *crew) pick(random *rand.Rand, from *[]string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(*from) == 0 {
		return ""
	}
	return (*from)[random.IntN(len(*from))]
}

func (c *crew) keep(in *[]string, id any) {
	if text, ok := id.(string); ok {
		c.mu.Lock()
		defer c.mu.Unlock()
		*in = append(*in, text)
	}
}

// try does something that the rules may refuse, and returns the answer when they did not.
func (c *crew) try(token, method, path string, body any) (answer map[string]any, done bool) {
	raw, err := json.Marshal(body)
	if err != nil {
		c.t.Error(err)
	}
	status, text := c.ask(token, method, path, string(raw), "")
	if status >= 500 {
		c.t.Errorf("%s %s %s: got %d %s", method, path, raw, status, text)
	}
	if status >= 300 {
		return nil, false
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			c.t.Errorf("%s %s: %v", method, path, err)
		}
	}
	return answer, true
}

type object = map[string]any

// act does one random thing as a user.
func (c *crew) act(random *rand.Rand, i int, socket *socket, title string) {
	me, token := c.users[i], c.tokens[i]
	other := c.users[random.IntN(len(c.users))]
	message, conversation, task := c.pick(random, &c.messages), c.pick(random, &c.conversations), c.pick(random, &c.tasks)
	content := "a message, " + title
	if random.IntN(8) == 0 {
		content += " " + judgetest.Scam
	}
	switch random.IntN(18) {
	case 0, 1:
		if other != me {
			c.sendFrame(socket, object{"type": "chat_message", "receiver_id": other, "client_message_id": title, "content": content})
		}
	case 2, 3:
		c.sendFrame(socket, object{"type": "chat_message", "conversation_id": conversation, "client_message_id": title, "content": content})
	case 4:
		c.sendFrame(socket, object{"type": "read", "message_ids": []string{message}})
	case 5:
		c.sendFrame(socket, object{"type": "delivered", "message_id": message})
	case 6:
		if a, done := c.try(token, "POST", "/api/conversations", object{"participant_ids": []string{other, c.users[0]}, "title": title}); done {
			c.keep(&c.conversations, a["id"])
		}
	case 7:
		c.try(token, "POST", "/api/conversations/"+conversation+"/participants", object{"user_id": other})
	case 8:
		c.try(token, "DELETE", "/api/conversations/"+conversation+"/participants/"+other, nil)
	case 9:
		if random.IntN(3) == 0 {
			c.try(token, "DELETE", "/api/messages/"+message+"/content", object{"reason": "privacy"})
		}
	case 10:
		if _, done := c.try(token, "POST", "/api/blocks", object{"user_id": other}); done {
			c.try(token, "DELETE", "/api/blocks/"+other, nil)
		}
	case 11:
		if a, done := c.try(token, "POST", "/api/projects", object{"title": title}); done {
			c.keep(&c.projects, a["id"])
		}
	case 12:
		project := c.pick(random, &c.projects)
		if a, done := c.try(token, "POST", "/api/tasks", object{"project_id": project, "title": title, "freelancer_id": other}); done {
			c.keep(&c.tasks, a["id"])
		}
	case 13, 14:
		status := []string{"open", "in_progress", "in_review", "done", "cancelled"}[random.IntN(5)]
		c.try(token, "PATCH", "/api/tasks/"+task+"/status", object{"status": status})
	case 15:
		if a, done := c.try(token, "GET", "/api/notifications?limit=3", nil); done {
			for _, item := range a["items"].([]any) {
				c.try(token, "POST", "/api/notifications/"+item.(object)["id"].(string)+"/read", nil)
			}
		}
	case 16:
		c.try(token, "POST", "/api/notifications", object{"user_id": other, "notification_type": "note", "title": title, "message": "<text>"})
		if random.IntN(4) == 0 {
			c.try(token, "POST", "/api/announcements", object{"title": title, "message": "<text>"})
		}
	case 17:
		if blocked := c.pick(random, &c.held); i == c.admin && blocked != "" {
			c.try(token, "POST", "/api/guard/blocked/"+blocked+"/release", nil)
		}
	}
}

// sendFrame sends a frame and waits until it was dealt with; what came of it is kept for later acts.
func (c *crew) sendFrame(socket *socket, f object) {
	f["ref"] = "x"
	if err := socket.conn.WriteJSON(f); err != nil {
		c.t.Errorf("send: %v", err)
		return
	}
	if err := socket.conn.WriteJSON(object{"type": "ping", "ref": "x"}); err != nil {
		c.t.Errorf("send: %v", err)
		return
	}
	socket.limit()
	_, sends := f["content"]
	for answered, ponged := !sends, false; !answered || !ponged; {
		got, err := readFrame(socket.conn)
		if err != nil {
			c.t.Errorf("waiting for an answer: %v", err)
			return
		}
		switch got.Type {
		case "pong":
			ponged = true
		case "message_sent":
			answered = true
			c.keep(&c.messages, got.MessageID)
			c.keep(&c.conversations, got.ConversationID)
		case "warning":
			answered = true
			c.keep(&c.held, got.MessageID)
		case "error":
			answered = answered || sends
			if got.Code == "internal" || got.Code == "unavailable" {
				c.t.Errorf("%v: got %s", f, got.Code)
			}
		}
	}
}
