package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"

	"chainmail/domain"
)

func TestDirectConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	first := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated)
	if first.body["direct"] != true || first.body["title"] != nil || first.body["last_message"] != nil || first.body["unread_count"] != float64(0) {
		t.Errorf("started: %s", first.raw)
	}
	if got := len(first.body["participants"].([]any)); got != 2 {
		t.Errorf("participants: %s", first.raw)
	}
	again := bob.post("/api/conversations", object{"participant_ids": []any{ann.id}, "title": nil}).want(http.StatusOK)
	if again.text("id") != first.text("id") || again.text("created_at") != first.text("created_at") {
		t.Errorf("again: %s, first: %s", again.raw, first.raw)
	}
	titled := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}, "title": "Plans"}).want(http.StatusCreated)
	if titled.text("id") == first.text("id") || titled.body["direct"] != false || titled.text("title") != "Plans" {
		t.Errorf("with a title: %s", titled.raw)
	}
	read := ann.see("/api/conversations/"+titled.text("id"), titled)
	if read.raw != titled.raw {
		t.Errorf("read:    %s\nstarted: %s", read.raw, titled.raw)
	}
}

// A request to start a group that is repeated, because its answer got lost, starts no second one.
func TestStartOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	const path = "/api/conversations"
	group := object{"participant_ids": []any{bob.id, cyd.id}, "title": "Plans"}
	ann.repeats(path, group, group.with("title", "Plan B"))
	cyd.repeats(path, object{"participant_ids": []any{bob.id}, "title": "Two"}, group)
	bob.post(path, group, "Idempotency-Key", "k 1").want(http.StatusCreated) // keys are each user's own

	// The order in which people are named, and naming oneself, makes no other wish of it.
	id := ann.post(path, group, "Idempotency-Key", "k 3").want(http.StatusCreated).text("id")
	same := object{"participant_ids": []any{cyd.id, ann.id, bob.id}, "title": "Plans"}
	if again := ann.post(path, same, "Idempotency-Key", "k 3").want(http.StatusOK); again.text("id") != id {
		t.Errorf("in another order: %s, first: %s", again.raw, id)
	}
	ann.post(path, same.with("participant_ids", []any{bob.id, ann.id}), "Idempotency-Key", "k 3").
		problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")

	// The direct conversation is there once, with and without a key.
	direct := object{"participant_ids": []any{bob.id}}
	first := ann.post(path, direct, "Idempotency-Key", "k 4").want(http.StatusCreated)
	for _, key := range []string{"k 4", "k 5", ""} {
		if again := ann.post(path, direct, "Idempotency-Key", key).want(http.StatusOK); again.text("id") != first.text("id") {
			t.Errorf("with the key %q: %s, first: %s", key, again.raw, first.raw)
		}
	}
	ann.post(path, group, "Idempotency-Key", "k 4").problem(http.StatusUnprocessableEntity, "invalid_field", "Idempotency-Key")
	ann.post(path, group, "Idempotency-Key", "k 5").want(http.StatusCreated) // it made nothing yet
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	cyd.post("/api/blocks", object{"user_id": ann.id}).want(http.StatusNoContent)
	many := make([]domain.ID, 1001)
	for i := range many {
		many[i] = newID()
	}
	for _, tc := range []struct {
		name   string
		body   any
		status int
		code   string
		field  string
	}{
		{"nothing", nil, 400, "invalid_json", ""},
		{"not JSON", "{", 400, "invalid_json", ""},
		{"more after it", "{} {}", 400, "invalid_json", ""},
		{"no object", "[]", 422, "invalid_json", ""},
		{"not UTF-8", "{\"title\":\"\xff\"}", 400, "invalid_json", ""},
		{"empty", object{}, 422, "missing_field", "participant_ids"},
		{"null", object{"participant_ids": nil}, 422, "missing_field", "participant_ids"},
		{"other case", object{"Participant_IDs": []any{bob.id}}, 422, "missing_field", "participant_ids"},
		{"a text", object{"participant_ids": "x"}, 422, "invalid_field", "participant_ids"},
		{"no UUID", object{"participant_ids": []any{"x"}}, 422, "invalid_field", "participant_ids"},
		{"a number", object{"participant_ids": []any{1}}, 422, "invalid_field", "participant_ids"},
		{"null in it", object{"participant_ids": []any{bob.id, nil}}, 422, "invalid_field", "participant_ids"},
		{"nobody", object{"participant_ids": []any{}}, 422, "invalid_field", "participant_ids"},
		{"oneself", object{"participant_ids": []any{ann.id}}, 422, "invalid_field", "participant_ids"},
		{"too many", object{"participant_ids": many}, 422, "too_large", "participant_ids"},
		{"a stranger", object{"participant_ids": []any{newID()}}, 404, "receiver_not_found", "participant_ids"},
		{"blocked", object{"participant_ids": []any{cyd.id, bob.id}}, 403, "forbidden", "participant_ids"},
		{"title a number", object{"participant_ids": []any{bob.id}, "title": 1}, 422, "invalid_field", "title"},
		{"title blank", object{"participant_ids": []any{bob.id}, "title": " "}, 422, "invalid_field", "title"},
		{"title too long", object{"participant_ids": []any{bob.id}, "title": fmt.Sprintf("%0201d", 0)}, 422, "too_large", "title"},
		{"NUL", `{"participant_ids":["` + bob.id.String() + `"],"title":"a\u0000"}`, 422, "invalid_field", "title"},
		{"lone surrogate", `{"participant_ids":["` + bob.id.String() + `"],"title":"a\ud800b"}`, 422, "invalid_field", "title"},
		{"low surrogate", `{"participant_ids":["` + bob.id.String() + `"],"title":"\uDC00"}`, 422, "invalid_field", "title"},
		{"wrong pair", `{"participant_ids":["` + bob.id.String() + `"],"title":"\ud800\u0041"}`, 422, "invalid_field", "title"},
		{"twice", `{"title":"a","title":"b","participant_ids":["` + bob.id.String() + `"]}`, 422, "invalid_field", "title"},
		{"too much", `{"title":"` + fmt.Sprintf("%0200000d", 0) + `"}`, 413, "too_large", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ann.post("/api/conversations", tc.body).want(tc.status).problem(tc.status, tc.code, tc.field)
		})
	}
	fine := ann.post("/api/conversations", `{"participant_ids":["`+bob.id.String()+`"],"title":"\ud83d\ude42\\u0000","more":1}`)
	if fine.want(http.StatusCreated).text("title") != `🙂\u0000` {
		t.Errorf("a pair and an escaped backslash: %s", fine.raw)
	}
}

func TestConversationsOfOthersAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, eve := w.person("Ann"), w.person("Bob"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("private", bob)
	sent := ann.say(id, "for Bob")
	for _, path := range []string{"/api/conversations/" + id, "/api/conversations/" + newID().String()} {
		eve.get(path).want(http.StatusNotFound).problem(http.StatusNotFound, "conversation_not_found", "id")
		eve.get(path+"/messages").want(http.StatusNotFound).problem(http.StatusNotFound, "conversation_not_found", "id")
	}
	if got := eve.see("/api/conversations", sent).items(); len(got) != 0 {
		t.Errorf("Eve's list: %v", got)
	}
	r := root.see("/api/conversations/"+id, sent)
	if got := r.body["last_message"].(map[string]any)["content"]; got != "for Bob" || r.body["unread_count"] != float64(0) {
		t.Errorf("an admin sees %s", r.raw)
	}
	if got := root.see("/api/conversations/"+id+"/messages", sent).items(); len(got) != 2 {
		t.Errorf("an admin's history: %v", got)
	}
	root.get("/api/conversations/"+newID().String()+"/messages").problem(http.StatusNotFound, "conversation_not_found", "id")
}

func TestListIsInOrderOfActivity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	ids := make([]string, 5)
	for i := range ids {
		ids[i] = ann.group(fmt.Sprint("group ", i), bob)
	}
	last := bob.say(ids[1], "hello")
	var got []any
	pages := 0
	for cursor := ""; ; pages++ {
		r := ann.see("/api/conversations?limit=2"+cursor, last)
		got = append(got, pluck(r.items(), "id")...)
		if r.body["next_cursor"] == nil {
			break
		}
		cursor = "&cursor=" + r.text("next_cursor")
		bob.get("/api/conversations?limit=2"+cursor).problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
	}
	want := []any{ids[1], ids[4], ids[3], ids[2], ids[0]}
	if fmt.Sprint(got) != fmt.Sprint(want) || pages != 2 {
		t.Errorf("got %v after %d more pages, want %v", got, pages, want)
	}
}

func TestUnreadCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	id := ann.group("counted", bob)
	unread := func(p *person, after reply, want int) {
		t.Helper()
		if got := p.see("/api/conversations/"+id, after).body["unread_count"]; got != float64(want) {
			t.Errorf("got %v unread, want %d", got, want)
		}
	}
	first, second := ann.say(id, "one"), ann.say(id, "two")
	third := bob.say(id, "three")
	unread(bob, third, 2)
	unread(ann, third, 1)
	read := bob.post("/api/messages/read", object{"message_ids": []any{second.text("id")}}).want(http.StatusNoContent)
	unread(bob, read, 1)
	erased := ann.delete("/api/messages/"+first.text("id")+"/content", object{"reason": "sender"}).want(http.StatusNoContent)
	unread(bob, erased, 0)
	added := ann.post("/api/conversations/"+id+"/participants", object{"user_id": cyd.id}).want(http.StatusNoContent)
	unread(cyd, added, 0)
	unread(cyd, bob.say(id, "four"), 1)
}
