package main

import (
	"encoding/json"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/transport/judge/judgetest"
)

// An admin finds a blocked message and releases it, once; then it is a message like any other. What its sender erases is gone in both
// places. The log verifies, and the tables are what a rebuild makes of it.
func TestReviewOfBlockedMessages(t *testing.T) {
	t.Parallel()
	g := newGuarded(t)
	admin := g.must("token", g.must("user", "add", "Root", "--role", "admin"))
	token := g.must("token", g.ann)
	s := g.start()
	a, b := s.connect(token), s.connect(g.must("token", g.bob))
	a.say(g.bob, "1", judgetest.Scam)
	w := a.await("warning")
	a.say(g.bob, "2", judgetest.Scam+", again")
	other := a.await("warning")
	a.say(g.bob, "3", judgetest.Scam+", half erased")
	half := a.await("warning")

	blocked := func() (ids []string) {
		t.Helper()
		status, body := s.ask(admin, "GET", "/api/guard/blocked", "", "")
		var list struct{ Items []struct{ ID string } }
		if err := json.Unmarshal([]byte(body), &list); status != 200 || err != nil {
			t.Fatalf("list: %d %s", status, body)
		}
		for _, item := range list.Items {
			ids = append(ids, item.ID)
		}
		return ids
	}
	eventually(t, "all are listed", func() bool { return len(blocked()) == 3 })
	if status, body := s.ask(token, "GET", "/api/guard/blocked", "", ""); status != 403 {
		t.Errorf("list for a member: %d %s", status, body)
	}
	release := "/api/guard/blocked/" + w.MessageID + "/release"
	if status, body := s.ask(token, "POST", release, "", ""); status != 403 {
		t.Errorf("release by a member: %d %s", status, body)
	}
	status, body := s.ask(admin, "POST", release, "", "")
	var sent struct {
		MessageID string `json:"message_id"`
		Position  int64
		Seq       int64
	}
	if err := json.Unmarshal([]byte(body), &sent); status != 201 || err != nil || sent.Seq != 2 || sent.MessageID == w.MessageID {
		t.Fatalf("release: %d %s", status, body)
	}
	for name, c := range map[string]*socket{"sender": a, "receiver": b} {
		if f := c.await("chat_message"); f.MessageID != sent.MessageID || f.Content != judgetest.Scam || f.Position != sent.Position {
			t.Errorf("the %s got %+v", name, f)
		}
	}
	if status, body := s.ask(admin, "POST", release, "", ""); status != 409 {
		t.Errorf("a second release: %d %s", status, body)
	}
	a.say(g.bob, "1", judgetest.Scam)
	if again := a.await("warning"); again.MessageID != w.MessageID || again.Position != w.Position {
		t.Errorf("a repeat: got %+v, want %+v", again, w)
	}

	g.releaseAndHalfErase(s, admin, half.MessageID)
	for _, id := range []string{sent.MessageID, other.MessageID, half.MessageID} {
		if status, body := s.ask(token, "DELETE", "/api/messages/"+id+"/content", `{"reason":"sender"}`, ""); status >= 300 {
			t.Errorf("erase %s: %d %s", id, status, body)
		}
	}
	if status, body := s.ask(admin, "POST", "/api/guard/blocked/"+other.MessageID+"/release", "", ""); status != 409 {
		t.Errorf("release of what is erased: %d %s", status, body)
	}
	var left int
	const query = `SELECT count(*) FROM events WHERE type IN ('MessageSent', 'MessageBlocked') AND body IS NOT NULL`
	if err := g.db.QueryRow(query).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d bodies are left, %v", left, err)
	}
	g.verify()
	g.must("rebuild", "messages", "--verify")
}

// releaseAndHalfErase releases a blocked message of Ann's, and erases what was sent as a server of the release before does: it leaves
// the blocked one.
func (g *guarded) releaseAndHalfErase(s *served, admin, id string) {
	g.t.Helper()
	status, body := s.ask(admin, "POST", "/api/guard/blocked/"+id+"/release", "", "")
	var sent struct {
		MessageID      domain.ID `json:"message_id"`
		ConversationID domain.ID `json:"conversation_id"`
		Position       domain.Position
	}
	if err := json.Unmarshal([]byte(body), &sent); status != 201 || err != nil {
		g.t.Fatalf("release: %d %s", status, body)
	}
	ann, err := domain.ParseID(g.ann)
	if err != nil {
		g.t.Fatal(err)
	}
	_, err = eventstoretest.Open(g.t, g.dsn).Append(g.t.Context(), domain.Decision{
		Actor: domain.Actor{ID: ann, Auth: domain.AuthToken}, Keys: []domain.Key{domain.EraseKey(sent.MessageID)},
		Drafts: []domain.Draft{{Stream: domain.ConversationStream(sent.ConversationID), Erases: sent.Position, Data: &domain.ContentErased{
			MessageID: sent.MessageID, ConversationID: &sent.ConversationID, ErasedPosition: sent.Position, ErasedBy: ann, Reason: domain.ReasonSender,
		}}},
	})
	if err != nil {
		g.t.Fatal(err)
	}
}
