package httpapi_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/frame"
)

func TestBlockedSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	first := ann.blocked(id, scam, "Idempotency-Key", "k1")
	warning := frame.Warning{
		Message:         "Your message was not sent. It is after your wallet.",
		MessageID:       parseID(t, first.text("message_id")),
		ClientMessageID: "k1", RiskScore: 0.96, Reasons: []string{"wallet_theft", "bargain"}, Position: w.log.Head(),
	}
	var want map[string]any
	if err := json.Unmarshal(warning.AppendJSON(nil), &want); err != nil {
		t.Fatal(err)
	}
	want["type"], want["title"], want["status"] = "about:blank", "Unprocessable Entity", 422.0
	want["detail"], want["field"] = warning.Message, "content"
	if !reflect.DeepEqual(first.body, want) {
		t.Errorf("got %s, want %v", first.raw, want)
	}
	if got := first.header.Get("Chainmail-Position"); got != fmt.Sprint(w.log.Head()) {
		t.Errorf("at %s, want %d", got, w.log.Head())
	}
	again := func() {
		t.Helper()
		if r := ann.blocked(id, scam, "Idempotency-Key", "k1"); r.raw != first.raw || r.header.Get("Chainmail-Position") != first.header.Get("Chainmail-Position") {
			t.Errorf("again: %s at %s, want %s", r.raw, r.header.Get("Chainmail-Position"), first.raw)
		}
	}
	again()
	for _, content := range []string{"another", scam + "!"} {
		ann.post("/api/conversations/"+id+"/messages", object{"content": content}, "Idempotency-Key", "k1").
			problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")
	}
	if r := ann.blocked(id, scam); r.body["client_message_id"] != nil || r.text("message_id") == first.text("message_id") {
		t.Errorf("without a key: %s", r.raw)
	}
	root.post("/api/guard/blocked/"+first.text("message_id")+"/release", nil).want(http.StatusCreated)
	again()
	if r := ann.say(id, "a bargain"); r.body["risk_score"] != 0.25 {
		t.Errorf("dubious: %s", r.raw)
	}
}

func TestBlockedTitle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	before := w.log.Head()
	r := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}, "title": "the wallet-thief"}).
		want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "message_blocked", "title")
	if r.body["risk_score"] != 0.95 || fmt.Sprint(r.body["reasons"]) != "[wallet_theft]" || r.text("message") != r.text("detail") ||
		!strings.Contains(r.text("detail"), "title") {
		t.Errorf("blocked: %s", r.raw)
	}
	for _, field := range []string{"message_id", "client_message_id", "position"} {
		if _, found := r.body[field]; found {
			t.Errorf("it has %s: %s", field, r.raw)
		}
	}
	if got := w.log.Head(); got != before {
		t.Errorf("stored: the log is at %d, was at %d", got, before)
	}
	ann.group("bargains", bob)
}

// A blocked message is there for its sender and for admins alone, and for them in no list of a conversation.
func TestBlockedIsInvisible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	newer := ann.group("another", bob)
	said := ann.say(id, "hello")
	ann.say(newer, "later")
	lists := []string{
		"/api/conversations", "/api/conversations/" + id, "/api/conversations/" + id + "/messages",
		"/api/conversations/" + id + "/messages?after=0", "/api/users?query=ann",
	}
	w.settle()
	before := make(map[string]string)
	for _, path := range lists {
		for _, p := range []*person{ann, bob} {
			before[path+p.id.String()] = p.get(path).want(http.StatusOK).raw
		}
	}
	blocked := ann.blocked(id, scam, "Idempotency-Key", "k")
	w.settle()
	for _, path := range lists {
		for _, p := range []*person{ann, bob} {
			if got := p.get(path).want(http.StatusOK).raw; got != before[path+p.id.String()] {
				t.Errorf("%s: got %s, was %s", path, got, before[path+p.id.String()])
			}
		}
	}
	message := "/api/messages/" + blocked.text("message_id")
	for _, p := range []*person{bob, eve} {
		p.get(message).want(http.StatusNotFound).problem(http.StatusNotFound, "message_not_found", "id")
		p.get(message+"/proof").want(http.StatusNotFound).problem(http.StatusNotFound, "message_not_found", "id")
		p.delete(message+"/content", object{"reason": "sender"}).problem(http.StatusNotFound, "message_not_found", "message_id")
	}
	for _, p := range []*person{ann, bob, eve, root} {
		for _, ids := range [][]any{{blocked.text("message_id")}, {said.text("id"), blocked.text("message_id")}} {
			p.post("/api/messages/read", object{"message_ids": ids}).problem(http.StatusNotFound, "message_not_found", "message_ids")
		}
	}
	for _, p := range []*person{ann, root} {
		r := p.get(message).want(http.StatusOK)
		want := map[string]any{
			"type": "chat_message", "seq": nil, "conversation_id": id, "sender_id": ann.id.String(), "content": scam,
			"was_blocked": true, "risk_score": 0.96, "is_delivered": false, "is_read": false, "erased_at": nil,
			"position": blocked.body["position"], "message_id": blocked.text("message_id"), "id": blocked.text("message_id"),
			"receipts": []any{},
		}
		for field, value := range want {
			if got, found := r.body[field]; !found || !reflect.DeepEqual(got, value) {
				t.Errorf("%s: got %v, want %v", field, got, value)
			}
		}
		if _, found := r.body["client_message_id"]; found != (p == ann) {
			t.Errorf("client_message_id: %s", r.raw)
		}
	}
}

// Nor does a blocked message open a direct conversation.
func TestBlockedBeforeItsConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	blocked := ann.blockedTo(bob, scam)
	r := ann.get("/api/messages/" + blocked.MessageID.String()).want(http.StatusOK)
	if value, found := r.body["conversation_id"]; !found || value != nil || r.text("receiver_id") != bob.id.String() || r.body["seq"] != nil {
		t.Errorf("blocked: %s", r.raw)
	}
	bob.get("/api/messages/"+blocked.MessageID.String()).problem(http.StatusNotFound, "message_not_found", "id")
	for _, p := range []*person{ann, bob} {
		if r := p.get("/api/conversations").want(http.StatusOK); len(r.items()) != 0 {
			t.Errorf("conversations: %s", r.raw)
		}
	}
	direct := bob.post("/api/conversations", object{"participant_ids": []any{ann.id}}).want(http.StatusCreated).text("id")
	if r := bob.get("/api/conversations/" + direct + "/messages"); len(r.items()) != 1 { // that it was started
		t.Errorf("history: %s", r.raw)
	}
	within := parseID(t, ann.blocked(direct, scam).text("message_id"))
	if r := ann.get("/api/messages/" + within.String()); r.body["conversation_id"] != direct || r.body["receiver_id"] != bob.id.String() {
		t.Errorf("blocked within: %s", r.raw)
	}
}

// What was blocked is proven to its sender as what it is.
func TestProofOfBlockedMessage(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	l.guarded()
	ann, bob := l.person("Ann"), l.person("Bob")
	root := l.register("Root", domain.RoleAdmin, "")
	m := ann.blocked(ann.group("team", bob), scam)
	path := "/api/messages/" + m.text("message_id") + "/proof"
	ann.get(path).problem(http.StatusNotFound, "not_found", "").retry()
	l.seal()
	for _, p := range []*person{ann, root} {
		r := p.get(path)
		l.checkProof(r, int64(m.body["position"].(float64)))
		leaf, err := base64.StdEncoding.DecodeString(r.text("leaf"))
		if err != nil || !strings.Contains(string(leaf), "MessageBlocked") || r.text("content") != scam {
			t.Errorf("proof: %v %s", err, r.raw)
		}
	}
	bob.get(path).problem(http.StatusNotFound, "message_not_found", "id")
}

func TestEraseBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	content := func(message string) string { return "/api/messages/" + message + "/content" }
	release := func(message string) reply { return root.post("/api/guard/blocked/"+message+"/release", nil) }
	var messages []string
	for i := range 4 {
		messages = append(messages, ann.blocked(id, fmt.Sprint(scam, i)).text("message_id"))
	}
	for _, p := range []*person{bob, eve} {
		p.delete(content(messages[0]), object{"reason": "privacy"}).want(http.StatusNotFound)
	}
	ann.delete(content(messages[0]), object{"reason": "whim"}).problem(http.StatusUnprocessableEntity, "invalid_field", "reason")
	ann.delete(content(messages[0]), object{"reason": "sender"}).want(http.StatusNoContent)
	ann.delete(content(messages[0]), object{"reason": "sender"}).want(http.StatusNoContent) // again
	root.delete(content(messages[1]), object{"reason": "legal"}).want(http.StatusNoContent)
	for _, erased := range messages[:2] {
		release(erased).want(http.StatusConflict).problem(http.StatusConflict, "conflict", "id")
	}
	// Of a released one both are gone, whichever is named.
	third, fourth := release(messages[2]).text("id"), release(messages[3]).text("id")
	ann.delete(content(messages[2]), object{"reason": "sender"}).want(http.StatusNoContent)
	last := ann.delete(content(fourth), object{"reason": "sender"}).want(http.StatusNoContent)

	for _, m := range root.see("/api/guard/blocked", last).items() {
		if m["content"] != nil || m["erased_at"] == nil || m["content_hash"] == nil {
			t.Errorf("reviewed: %v", m)
		}
	}
	for _, message := range append([]string{third, fourth}, messages...) {
		if r := ann.get("/api/messages/" + message).want(http.StatusOK); r.body["content"] != nil || r.body["salt"] != nil || r.body["erased_at"] == nil {
			t.Errorf("erased: %s", r.raw)
		}
	}
	r := bob.get("/api/conversations/" + id + "/messages").want(http.StatusOK)
	if got := pluck(r.items(), "message_id"); !slices.Equal(got, []any{nil, third, fourth}) || strings.Contains(r.raw, "thief") {
		t.Errorf("history: %s", r.raw)
	}
}
