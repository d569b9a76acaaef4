package main

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/transport/judge/judgetest"
)

// play runs a server on which some people do all that there is to do, and records it. When it returns, there has been a
// frame of every type.
func (r *record) play(g *guarded) *served {
	r.t.Helper()
	m := g.machine
	root := m.must("user", "add", "Root", "--role", "admin")
	crowd := registerCrowd(r.t, g.dsn)
	s := g.start("--rate-limit", "0")
	idle := r.tap(s, m.must("token", root)) // for a heartbeat, which takes its time
	scene := scene{
		record: r, served: s, ann: g.ann, bob: g.bob,
		annToken: m.must("token", g.ann), bobToken: m.must("token", g.bob), rootToken: m.must("token", root),
	}
	expiring := r.tap(s, m.must("token", g.ann, "--ttl", "40s"))
	scene.a, scene.b = r.tap(s, scene.annToken), r.tap(s, scene.bobToken)
	scene.talk()
	scene.erase()
	scene.mistakes()
	scene.group()
	scene.crowd(append(crowd, g.bob))
	scene.work()
	expiring.await("token_expiring")
	expiring.send(`{"type":"authenticate","token":%q,"ref":"fresh"}`, scene.annToken)
	expiring.await("authenticated")
	expiring.send(`{"type":"authenticate","token":"x"}`)
	expiring.await("error")
	idle.await("heartbeat")
	return s
}

// scene is two people on a server.
type scene struct {
	*record
	*served
	ann, bob                      string // ids
	annToken, bobToken, rootToken string
	a, b                          *tap // of theirs
	said                          map[string]any
}

// talk is what happens to messages that are sent, and to one that isn't.
func (s *scene) talk() {
	s.a.send(`{"type":"chat_message","receiver_id":%q,"content":"hello <b>\ud83d\ude42","client_message_id":"1","ref":{"n":[1]}}`, s.bob)
	s.said = s.a.await("message_sent")
	s.b.await("chat_message")
	s.a.send(`{"type":"chat_message","receiver_id":%q,"content":"hello <b>\ud83d\ude42","client_message_id":"1"}`, s.bob)
	s.a.await("message_sent")
	s.a.send(`{"conversation_id":%q,"content":"more","client_message_id":null}`, s.said["conversation_id"])
	s.a.await("message_sent")
	second := s.b.await("chat_message")["message_id"]
	s.a.send(`{"type":"chat_message","conversation_id":%q,"receiver_id":null,"content":%q}`, s.said["conversation_id"], judgetest.Scam)
	s.a.await("warning")
	s.b.send(`{"type":"delivered","message_id":%q}`, s.said["message_id"])
	s.a.await("message_status")
	s.b.send(`{"type":"message_received","message_id":%q,"ref":null}`, second)
	s.a.await("message_status")
	s.b.send(`{"type":"read","message_ids":[%q]}`, s.said["message_id"])
	s.a.await("message_status")
	s.b.send(`{"type":"read_receipt","message_id":%q,"ref":false}`, second)
	s.a.await("message_status")
	s.a.send(`{"type":"typing","conversation_id":%q}`, s.said["conversation_id"])
	s.b.await("typing_indicator")
	s.a.send(`{"type":"typing","receiver_id":%q,"is_typing":false,"ref":1.5e3}`, s.bob)
	s.b.await("typing_indicator")
	s.a.send(`{"type":"ping"}`)
	s.a.await("pong")
	s.a.send(`{"type":"heartbeat","ref":"x"}`)
	s.a.await("pong")
	s.b.close()
	for s.a.await("presence")["online"] == true {
	}
	s.b = s.tap(s.served, s.bobToken)
}

// erase is what is left of a message without its words.
func (s *scene) erase() {
	s.call(s.rootToken, "DELETE", fmt.Sprintf("/api/messages/%s/content", s.said["message_id"]), `{"reason":"privacy"}`, 204)
	s.b.await("message_erased")
	s.a.send(`{"type":"sync","since":0,"log_id":null,"ref":"all"}`)
	s.a.await("chat_message")
	s.a.await("synced")
	s.a.send(`{"type":"chat_message","receiver_id":%q,"content":"hello <b>\ud83d\ude42","client_message_id":"1"}`, s.bob)
	s.a.await("message_sent")
}

// mistakes are frames that neither the description nor the server takes.
func (s *scene) mistakes() {
	for _, f := range []string{
		`{}`,
		`{"type":null}`,
		`{"type":"shout"}`,
		`{"type":"chat_message","content":"to nobody"}`,
		`{"type":"chat_message","content":"to both","conversation_id":"` + s.ann + `","receiver_id":"` + s.bob + `"}`,
		`{"type":"chat_message","receiver_id":"` + s.bob + `"}`,
		`{"type":"chat_message","receiver_id":"Bob","content":"hello"}`,
		`{"type":"chat_message","receiver_id":"` + s.bob + `","content":7}`,
		`{"type":"chat_message","receiver_id":"` + s.bob + `","text":"hello"}`,
		`{"type":"chat_message","receiver_id":"` + s.bob + `","content":"x","client_message_id":""}`,
		`{"conversation_id":"` + s.ann + `"}`,
		`{"type":"read","message_ids":[]}`,
		`{"type":"read","message_ids":["x"]}`,
		`{"type":"delivered"}`,
		`{"type":"typing","receiver_id":"` + s.bob + `","is_typing":"no"}`,
		`{"type":"sync","since":-1}`,
		`{"type":"sync","since":"1"}`,
		`{"type":"subscribe","channel":"broadcast"}`,
		`{"type":"authenticate"}`,
	} {
		s.a.sendBad("%s", f)
	}
}

// group is who takes part in a conversation.
func (s *scene) group() {
	id := s.call(s.annToken, "POST", "/api/conversations", fmt.Sprintf(`{"participant_ids":[%q],"title":"Lunch"}`, s.bob), 201)["id"]
	s.b.await("conversation")
	s.a.send(`{"type":"chat_message","conversation_id":%q,"content":"hello all"}`, id)
	s.b.await("chat_message")
	s.call(s.annToken, "DELETE", fmt.Sprintf("/api/conversations/%s/participants/%s", id, s.bob), "", 204)
	s.b.await("conversation")
	s.call(s.annToken, "POST", fmt.Sprintf("/api/conversations/%s/participants", id), fmt.Sprintf(`{"user_id":%q}`, s.bob), 204)
	s.b.await("conversation")
}

// crowd is a message to so many that its sender gets counts.
func (s *scene) crowd(ids []string) {
	id := s.call(s.annToken, "POST", "/api/conversations", fmt.Sprintf(`{"participant_ids":["%s"]}`, strings.Join(ids, `","`)), 201)["id"]
	s.a.send(`{"type":"chat_message","conversation_id":%q,"content":"hello everybody","client_message_id":"2"}`, id)
	s.a.await("message_sent")
	var message any
	for f := s.b.await("chat_message"); message == nil; {
		if f["conversation_id"] == id {
			message = f["message_id"]
		} else {
			f = s.b.await("chat_message")
		}
	}
	s.b.send(`{"type":"delivered","message_id":%q}`, message)
	for s.a.await("message_status")["delivered_count"] == nil {
	}
}

// work is what the platform around the chat tells.
func (s *scene) work() {
	watching := s.tap(s.served, s.rootToken)
	project := s.call(s.annToken, "POST", "/api/projects", `{"title":"A bridge"}`, 201)["id"]
	s.b.await("notification")
	task := s.call(s.annToken, "POST", "/api/tasks", fmt.Sprintf(`{"project_id":%q,"title":"Pillars","freelancer_id":%q}`, project, s.bob), 201)["id"]
	s.b.await("notification")
	watching.send(`{"type":"subscribe","channel":"task:%s","ref":1}`, task)
	watching.await("subscribed")
	watching.send(`{"type":"subscribe","channel":"project:%s"}`, project)
	watching.await("subscribed")
	for _, status := range []string{"in_progress", "in_review", "done"} {
		s.call(s.bobToken, "PATCH", fmt.Sprintf("/api/tasks/%s/status", task), fmt.Sprintf(`{"status":%q}`, status), 200)
		for _, p := range []*tap{watching, s.a, s.b} {
			p.await("task_status_update")
		}
	}
	watching.send(`{"type":"unsubscribe","channel":"project:%s"}`, project)
	watching.await("unsubscribed")
	s.call(s.rootToken, "POST", "/api/notifications", fmt.Sprintf(
		`{"user_id":%q,"notification_type":"note","title":"T \u2028","message":"<b>","link":"/tasks"}`, s.bob), 201)
	told := s.b.await("notification")
	for told["notification_type"] != "note" {
		told = s.b.await("notification")
	}
	s.call(s.bobToken, "POST", fmt.Sprintf("/api/notifications/%s/read", told["notification_id"]), "", 204)
	s.b.await("notification_read")
	s.call(s.rootToken, "POST", "/api/announcements", `{"title":"Maintenance","message":"Back at noon."}`, 201)
	s.b.await("announcement")
}

// registerCrowd makes so many users that a conversation with them is a large one, without a process for each.
func registerCrowd(t testing.TB, dsn string) (ids []string) {
	t.Helper()
	flags := commonFlags{databaseFlags: databaseFlags{DatabaseURL: dsn, DataDir: t.TempDir()}} // not the machine's own, which may know another log
	open, err := openSession(t.Context(), &flags, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := open.close(); err != nil {
			t.Error(err)
		}
	}()
	var group errgroup.Group
	for i := range 50 {
		id := domain.ID{0x01, 0x9d, 6: 0x70, 8: 0x80, 15: byte(i + 1)}
		ids = append(ids, id.String())
		group.Go(func() error {
			_, err := open.commands.Register(t.Context(), domain.RegisterUser{
				Actor: byOperator, UserID: id, Name: fmt.Sprintf("Guest %d", i), Role: domain.RoleMember,
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return ids
}
