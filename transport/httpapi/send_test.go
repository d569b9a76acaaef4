package httpapi_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
)

func TestSend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated).text("id")
	path := "/api/conversations/" + id + "/messages"
	const content = "<b>hi</b> & \u2028 \t\n 🙂 \"quoted\""
	sent := ann.post(path, object{"content": content}, "Idempotency-Key", "k 1").want(http.StatusCreated)
	salt, err := hex.DecodeString(sent.text("salt"))
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(append(salt, content...)); sent.text("content_hash") != hex.EncodeToString(sum[:]) {
		t.Errorf("content_hash: %s", sent.raw)
	}
	if sent.body["seq"] != 2.0 || sent.text("client_message_id") != "k 1" || sent.body["duplicate"] != false ||
		sent.text("conversation_id") != id || sent.body["risk_score"] != 0.0 || sent.text("id") != sent.text("message_id") {
		t.Errorf("sent: %s", sent.raw)
	}

	again := ann.post(path, object{"content": content}, "Idempotency-Key", "k 1").want(http.StatusOK)
	if again.body["duplicate"] != true || again.text("message_id") != sent.text("message_id") || again.body["position"] != sent.body["position"] {
		t.Errorf("again: %s", again.raw)
	}
	ann.post(path, object{"content": "other"}, "Idempotency-Key", "k 1").want(http.StatusUnprocessableEntity).
		problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")
	if other := bob.post(path, object{"content": "mine"}, "Idempotency-Key", "k 1").want(http.StatusCreated); other.body["seq"] != 3.0 {
		t.Errorf("another's key: %s", other.raw)
	}
	read := ann.see(path, again)
	if !strings.Contains(read.raw, `"content":"<b>hi</b> & `) {
		t.Errorf("escaped: %s", read.raw)
	}
	if got := read.items()[1]["content"]; got != content {
		t.Errorf("got %q, want %q", got, content)
	}
}

func TestSendRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	path := "/api/conversations/" + ann.group("team", bob) + "/messages"
	for _, tc := range []struct {
		name   string
		body   any
		status int
		code   string
		field  string
	}{
		{"nothing", nil, 400, "invalid_json", ""},
		{"no object", `"hello"`, 422, "invalid_json", ""},
		{"no content", object{}, 422, "missing_field", "content"},
		{"null", object{"content": nil}, 422, "missing_field", "content"},
		{"a number", object{"content": 1}, 422, "invalid_field", "content"},
		{"empty", object{"content": ""}, 422, "invalid_field", "content"},
		{"white space", object{"content": " \t\n"}, 422, "invalid_field", "content"},
		{"control", object{"content": "a\x1b[31m"}, 422, "invalid_field", "content"},
		{"NUL", object{"content": "a\x00"}, 422, "invalid_field", "content"},
		{"half a pair", `{"content":"\ud83d"}`, 422, "invalid_field", "content"},
		{"too large", object{"content": strings.Repeat("ä", 5121)}, 422, "too_large", "content"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ann.post(path, tc.body).want(tc.status).problem(tc.status, tc.code, tc.field)
		})
	}
	ann.post(path, object{"content": strings.Repeat("ä", 5120)}).want(http.StatusCreated)
	eve.post(path, object{"content": "hi"}).want(http.StatusNotFound).problem(http.StatusNotFound, "not_a_participant", "conversation_id")
	ann.post("/api/conversations/"+newID().String()+"/messages", object{"content": "hi"}).want(http.StatusNotFound).
		problem(http.StatusNotFound, "conversation_not_found", "conversation_id")
	ann.post("/api/conversations/x/messages", object{"content": "hi"}).problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	for _, key := range []string{strings.Repeat("k", 65), "a\tb", "\xff"} {
		ann.post(path, object{"content": "hi"}, "Idempotency-Key", key).want(http.StatusUnprocessableEntity).
			problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")
	}
}

func TestTooOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) {
		c.Limits = httpapi.Limits{Messages: limit.New(2), Receipts: limit.New(3), Changes: limit.New(3)}
	})
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.group("busy", bob) // a change
	path := "/api/conversations/" + id + "/messages"
	first := ann.say(id, "one")
	ann.post(path, object{"content": ""}).want(http.StatusUnprocessableEntity) // a slip costs nothing
	ann.say(id, "two")
	limited := ann.post(path, object{"content": "three"}).want(http.StatusTooManyRequests).problem(http.StatusTooManyRequests, "rate_limited", "")
	if got := limited.header.Get("Retry-After"); got != "60" {
		t.Errorf("Retry-After: %q", got)
	}
	if got, _ := limited.body["retry_after"].(float64); got <= 50 || got > 60 {
		t.Errorf("retry_after: %v", limited.body["retry_after"])
	}
	bob.say(id, "mine")

	ids := []any{first.text("id")}
	for range 2 {
		bob.post("/api/messages/read", object{"message_ids": ids}).want(http.StatusNoContent)
	}
	many := make([]any, 26) // weigh two
	for i := range many {
		many[i] = first.text("id")
	}
	bob.post("/api/messages/read", object{"message_ids": many}).want(http.StatusTooManyRequests)
	bob.post("/api/messages/read", object{"message_ids": ids}).want(http.StatusNoContent)

	for range 2 {
		ann.post("/api/blocks", object{"user_id": bob.id}).want(http.StatusNoContent)
	}
	ann.post("/api/blocks", object{"user_id": bob.id}).want(http.StatusTooManyRequests)
	ann.delete("/api/blocks/"+bob.id.String(), nil).want(http.StatusTooManyRequests)
	ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusTooManyRequests)
	ann.post("/api/conversations/"+id+"/participants", object{"user_id": bob.id}).want(http.StatusTooManyRequests)
	ann.delete("/api/conversations/"+id+"/participants/"+bob.id.String(), nil).want(http.StatusTooManyRequests)
	ann.delete("/api/messages/"+first.text("id")+"/content", object{"reason": domain.ReasonSender}).want(http.StatusTooManyRequests)
	ann.get("/api/conversations").want(http.StatusOK)

	root := w.register("Root", domain.RoleAdmin, "")
	release := "/api/guard/blocked/" + newID().String() + "/release"
	for range 3 {
		root.post(release, nil).want(http.StatusNotFound)
	}
	root.post(release, nil).want(http.StatusTooManyRequests).problem(http.StatusTooManyRequests, "rate_limited", "")
}
