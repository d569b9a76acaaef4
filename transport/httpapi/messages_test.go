package httpapi_test

import (
	"net/http"
	"testing"

	"chainmail/domain"
)

func TestReadMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	id := ann.group("team", bob)
	sent := ann.say(id, "hello")
	message := sent.text("id")
	before := ann.see("/api/messages/"+message, sent)
	if before.body["is_delivered"] != false || before.body["is_read"] != false || len(before.body["receipts"].([]any)) != 0 {
		t.Errorf("before: %s", before.raw)
	}
	bob.post("/api/messages/read", object{"message_ids": []any{message, message}}).want(http.StatusNoContent)
	last := bob.post("/api/messages/read", object{"message_ids": []any{message}}).want(http.StatusNoContent)
	after := ann.see("/api/messages/"+message, last)
	receipts := after.body["receipts"].([]any)
	if after.body["is_delivered"] != true || after.body["is_read"] != true || len(receipts) != 1 {
		t.Fatalf("after: %s", after.raw)
	}
	r := receipts[0].(map[string]any)
	if r["user_id"] != bob.id.String() || r["delivered_at"] == nil || r["read_at"] == nil {
		t.Errorf("receipt: %v", r)
	}
	if after.body["risk_score"] != 0.0 || after.body["was_blocked"] != false {
		t.Errorf("after: %s", after.raw)
	}
	many := make([]any, 501)
	for i := range many {
		many[i] = message
	}
	for _, tc := range []struct {
		who    *person
		body   any
		status int
		code   string
		field  string
	}{
		{bob, object{}, 422, "missing_field", "message_ids"},
		{bob, object{"message_ids": []any{}}, 422, "invalid_field", "message_ids"},
		{bob, object{"message_ids": message}, 422, "invalid_field", "message_ids"},
		{bob, object{"message_ids": []any{"x"}}, 422, "invalid_field", "message_ids"},
		{bob, object{"message_ids": many}, 422, "too_large", "message_ids"},
		{bob, object{"message_ids": []any{newID()}}, 404, "message_not_found", "message_ids"},
		{eve, object{"message_ids": []any{message}}, 404, "message_not_found", "message_ids"},
		{ann, object{"message_ids": []any{message}}, 404, "message_not_found", "message_ids"}, // her own
	} {
		tc.who.post("/api/messages/read", tc.body).want(tc.status).problem(tc.status, tc.code, tc.field)
	}
}

func TestMessagesOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	sent := ann.say(ann.group("team", bob), "hello")
	for _, id := range []string{sent.text("id"), newID().String()} {
		eve.get("/api/messages/"+id).want(http.StatusNotFound).problem(http.StatusNotFound, "message_not_found", "id")
	}
	eve.get("/api/messages/1").problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	root.get("/api/messages/" + sent.text("id")).want(http.StatusOK)
	// A message that was sent just now is there, however far the tables are.
	for range 20 {
		sent = bob.say(sent.text("conversation_id"), "again")
		bob.get("/api/messages/" + sent.text("id")).want(http.StatusOK)
	}
}

func TestErase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	first, second := ann.say(id, "a secret"), ann.say(id, "another")
	path := "/api/messages/" + first.text("id") + "/content"
	for _, tc := range []struct {
		who    *person
		body   any
		status int
		code   string
		field  string
	}{
		{ann, nil, 400, "invalid_json", ""},
		{ann, object{}, 422, "missing_field", "reason"},
		{ann, object{"reason": 1}, 422, "invalid_field", "reason"},
		{ann, object{"reason": "whim"}, 422, "invalid_field", "reason"},
		{bob, object{"reason": "privacy"}, 403, "forbidden", "message_id"},
		{eve, object{"reason": "privacy"}, 404, "message_not_found", "message_id"},
	} {
		tc.who.delete(path, tc.body).want(tc.status).problem(tc.status, tc.code, tc.field)
	}
	ann.delete("/api/messages/"+newID().String()+"/content", object{"reason": "sender"}).want(http.StatusNotFound)
	ann.delete(path, object{"reason": "sender"}).want(http.StatusNoContent)
	ann.delete(path, object{"reason": "sender"}).want(http.StatusNoContent) // again
	last := root.delete("/api/messages/"+second.text("id")+"/content", object{"reason": "moderation"}).want(http.StatusNoContent)

	m := bob.see("/api/messages/"+first.text("id"), last)
	if m.body["content"] != nil || m.body["salt"] != nil || m.body["erased_at"] == nil || m.text("content_hash") != first.text("content_hash") {
		t.Errorf("erased: %s", m.raw)
	}
	items := bob.get("/api/conversations/" + id + "/messages").items()
	if len(items) != 3 { // the erasures have a seq, but no item
		t.Fatalf("history: %v", items)
	}
	for _, item := range items[1:] {
		if item["content"] != nil || item["erased_at"] == nil {
			t.Errorf("history: %v", item)
		}
	}
	r := bob.get("/api/conversations/" + id)
	if got := r.body["last_message"].(map[string]any); got["content"] != nil {
		t.Errorf("last message: %v", got)
	}
}
