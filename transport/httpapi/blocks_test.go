package httpapi_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	direct := bob.post("/api/conversations", object{"participant_ids": []any{ann.id}}).want(http.StatusCreated).text("id")
	ann.post("/api/blocks", object{"user_id": bob.id}).want(http.StatusNoContent)
	last := ann.post("/api/blocks", object{"user_id": bob.id}).want(http.StatusNoContent) // again
	for _, p := range []*person{ann, bob} {
		p.post("/api/conversations/"+direct+"/messages", object{"content": "hello"}).want(http.StatusForbidden).
			problem(http.StatusForbidden, "forbidden", "conversation_id")
	}
	items := ann.see("/api/blocks", last).items()
	if len(items) != 1 || items[0]["user_id"] != bob.id.String() || items[0]["name"] != "Bob" || items[0]["created_at"] == nil {
		t.Errorf("blocks: %v", items)
	}
	if got := bob.get("/api/blocks").items(); len(got) != 0 {
		t.Errorf("the blocked one sees %v", got)
	}
	for _, tc := range []struct {
		body   any
		status int
		code   string
	}{
		{object{}, 422, "missing_field"},
		{object{"user_id": "x"}, 422, "invalid_field"},
		{object{"user_id": ann.id}, 422, "invalid_field"},
		{object{"user_id": newID()}, 404, "not_found"},
	} {
		ann.post("/api/blocks", tc.body).want(tc.status).problem(tc.status, tc.code, "user_id")
	}
	ann.delete("/api/blocks/x", nil).problem(http.StatusUnprocessableEntity, "invalid_field", "user_id")
	ann.post("/api/blocks", object{"user_id": cyd.id}).want(http.StatusNoContent)
	ann.delete("/api/blocks/"+bob.id.String(), nil).want(http.StatusNoContent)
	last = ann.delete("/api/blocks/"+bob.id.String(), nil).want(http.StatusNoContent) // again
	if got := pluck(ann.see("/api/blocks", last).items(), "user_id"); fmt.Sprint(got) != fmt.Sprint([]any{cyd.id.String()}) {
		t.Errorf("after unblocking: %v", got)
	}
	bob.say(direct, "hello")
}

func TestBlocksPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	var last reply
	var want []any
	for i := range 3 {
		other := w.person(fmt.Sprint("Other ", i))
		last = ann.post("/api/blocks", object{"user_id": other.id}).want(http.StatusNoContent)
		want = append(want, other.id.String())
	}
	first := ann.see("/api/blocks?limit=2", last)
	second := ann.get("/api/blocks?limit=2&cursor=" + first.text("next_cursor")).want(http.StatusOK)
	got := append(pluck(first.items(), "user_id"), pluck(second.items(), "user_id")...)
	if fmt.Sprint(got) != fmt.Sprint(want) || second.body["next_cursor"] != nil {
		t.Errorf("got %v, want %v", got, want)
	}
	ann.get("/api/blocks?cursor=AAAA").problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
}
