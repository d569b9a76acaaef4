package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"chainmail/domain"
)

func TestParticipants(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd, eve := w.person("Ann"), w.person("Bob"), w.person("Cyd"), w.person("Eve")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	path := "/api/conversations/" + id + "/participants"

	bob.post(path, object{"user_id": cyd.id}).want(http.StatusNoContent)
	bob.post(path, object{"user_id": cyd.id}).want(http.StatusNoContent) // he stays
	eve.post(path, object{"user_id": eve.id}).want(http.StatusNotFound).problem(http.StatusNotFound, "not_a_participant", "")
	ann.post("/api/conversations/"+newID().String()+"/participants", object{"user_id": cyd.id}).
		want(http.StatusNotFound).problem(http.StatusNotFound, "conversation_not_found", "conversation_id")
	for _, tc := range []struct {
		body   any
		status int
		code   string
	}{
		{object{}, 422, "missing_field"},
		{object{"user_id": 7}, 422, "invalid_field"},
		{object{"user_id": "x"}, 422, "invalid_field"},
		{object{"user_id": newID()}, 404, "receiver_not_found"},
	} {
		ann.post(path, tc.body).want(tc.status).problem(tc.status, tc.code, "user_id")
	}
	ann.post("/api/conversations/x/participants", object{"user_id": cyd.id}).problem(422, "invalid_field", "id")

	eve.delete(path+"/"+cyd.id.String(), nil).want(http.StatusNotFound).problem(http.StatusNotFound, "not_a_participant", "")
	bob.delete(path+"/"+cyd.id.String(), nil).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
	ann.delete(path+"/"+eve.id.String(), nil).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "user_id")
	ann.delete(path+"/x", nil).problem(http.StatusUnprocessableEntity, "invalid_field", "user_id")
	ann.delete(path+"/"+cyd.id.String(), nil).want(http.StatusNoContent)
	bob.delete(path+"/"+bob.id.String(), nil).want(http.StatusNoContent)
	left := root.delete(path+"/"+ann.id.String(), nil).want(http.StatusNoContent)

	items := root.see("/api/conversations/"+id+"/messages", left).items()
	want := []any{"started", "participant_added", "participant_left", "participant_left", "participant_left"}
	if got := pluck(items, "change"); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for i, want := range []int{2, 3, 2, 1, 0} {
		if got := items[i]["participant_ids"].([]any); len(got) != want {
			t.Errorf("after change %d: %v take part, want %d", i, got, want)
		}
	}
}

func TestDirectConversationsKeepTheirTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	id := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated).text("id")
	path := "/api/conversations/" + id + "/participants"
	ann.post(path, object{"user_id": cyd.id}).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "conversation_id")
	ann.delete(path+"/"+bob.id.String(), nil).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "conversation_id")
}

// One who joins sees from his joining on, one who left nothing after, and one who comes back not what was between.
func TestEachSeesHisSpans(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	id := ann.group("comings and goings", bob)
	path := "/api/conversations/" + id
	ann.say(id, "before")
	ann.post(path+"/participants", object{"user_id": cyd.id}).want(http.StatusNoContent)
	seen := ann.say(id, "first span")
	cyd.delete(path+"/participants/"+cyd.id.String(), nil).want(http.StatusNoContent)
	unseen := ann.say(id, "away")
	bob.delete(path+"/participants/"+bob.id.String(), nil).want(http.StatusNoContent)

	r := cyd.see(path, unseen)
	if got := r.body["last_message"].(map[string]any)["content"]; got != "first span" {
		t.Errorf("who left sees %v last", got)
	}
	if got := len(r.body["participants"].([]any)); got != 2 { // Ann and Bob, who left later
		t.Errorf("who left sees %d participants: %s", got, r.raw)
	}
	if got := cyd.get("/api/conversations").items(); len(got) != 0 {
		t.Errorf("who left has it in his list: %v", got)
	}
	cyd.get("/api/messages/" + seen.text("id")).want(http.StatusOK)
	cyd.get("/api/messages/"+unseen.text("id")).want(http.StatusNotFound).problem(http.StatusNotFound, "message_not_found", "id")
	cyd.post(path+"/messages", object{"content": "still here?"}).want(http.StatusNotFound).
		problem(http.StatusNotFound, "not_a_participant", "conversation_id")

	ann.post(path+"/participants", object{"user_id": cyd.id}).want(http.StatusNoContent)
	last := ann.say(id, "second span")
	seqs := pluck(cyd.see(path+"/messages", last).items(), "seq")
	if want := []any{3.0, 4.0, 5.0, 8.0, 9.0}; !slices.Equal(seqs, want) {
		t.Errorf("got seqs %v, want %v", seqs, want)
	}
	seqs = pluck(cyd.get(path+"/messages?after=3&before=9&limit=2").items(), "seq")
	if want := []any{4.0, 5.0}; !slices.Equal(seqs, want) {
		t.Errorf("got seqs %v, want %v", seqs, want)
	}
}
