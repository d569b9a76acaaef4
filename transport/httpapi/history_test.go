package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestHistoryPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.group("long", bob) // seq 1
	var last reply
	for i := range 7 { // seq 2 to 8
		last = ann.say(id, fmt.Sprint("message ", i))
	}
	path := "/api/conversations/" + id + "/messages?"
	for _, tc := range []struct {
		query string
		want  []any
		more  bool
	}{
		{"", []any{1., 2., 3., 4., 5., 6., 7., 8.}, false},
		{"limit=3", []any{6., 7., 8.}, true},
		{"limit=100000", []any{1., 2., 3., 4., 5., 6., 7., 8.}, false},
		{"before=4", []any{1., 2., 3.}, false},
		{"before=4&limit=2", []any{2., 3.}, true},
		{"before=1", []any{}, false},
		{"before=0", []any{}, false},
		{"after=0", []any{1., 2., 3., 4., 5., 6., 7., 8.}, false},
		{"after=0&limit=2", []any{1., 2.}, true},
		{"after=5", []any{6., 7., 8.}, false},
		{"after=8", []any{}, false},
		{"after=9223372036854775807", []any{}, false},
		{"after=2&before=5", []any{3., 4.}, false},
		{"after=5&before=2", []any{}, false},
	} {
		r := bob.see(path+tc.query, last)
		if got := pluck(r.items(), "seq"); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.query, got, tc.want)
		}
		if more := r.body["next_cursor"] != nil; more != tc.more {
			t.Errorf("%s: more %v, want %v", tc.query, more, tc.more)
		}
	}
	for _, query := range []string{"before=x", "after=-1", "after=1.5", "limit=0", "cursor=x", "after=99999999999999999999"} {
		field, _, _ := strings.Cut(query, "=")
		bob.get(path+query).want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "invalid_field", field)
	}
}

func TestHistoryCursors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	id, other := ann.group("long", bob), ann.group("other", bob)
	var last reply
	for range 6 { // seq 2 to 7
		last = ann.say(id, "hello")
	}
	path := "/api/conversations/" + id + "/messages?"
	for _, tc := range []struct {
		query string
		want  [][]any
	}{
		{"limit=3", [][]any{{5., 6., 7.}, {2., 3., 4.}, {1.}}},
		{"limit=3&before=6", [][]any{{3., 4., 5.}, {1., 2.}}},
		{"limit=3&after=1", [][]any{{2., 3., 4.}, {5., 6., 7.}}},
		{"limit=2&after=1&before=6", [][]any{{2., 3.}, {4., 5.}}},
	} {
		cursor := ""
		for i, want := range tc.want {
			r := bob.see(path+tc.query+cursor, last)
			if got := pluck(r.items(), "seq"); !slices.Equal(got, want) {
				t.Errorf("%s, page %d: got %v, want %v", tc.query, i, got, want)
			}
			if i == len(tc.want)-1 {
				if r.body["next_cursor"] != nil {
					t.Errorf("%s: more after the last page", tc.query)
				}
				break
			}
			cursor = "&cursor=" + r.text("next_cursor")
			bob.get("/api/conversations/"+other+"/messages?"+cursor).problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
		}
	}
}

func TestHistoryItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	id := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated).text("id")
	path := "/api/conversations/" + id + "/messages"
	keyed := ann.post(path, object{"content": "hello"}, "Idempotency-Key", "mine").want(http.StatusCreated)
	last := ann.say(id, "without a key")

	own, others := ann.see(path, last).items(), bob.see(path, last).items()
	if own[1]["client_message_id"] != "mine" {
		t.Errorf("to the sender: %v", own[1])
	}
	if got, present := own[2]["client_message_id"]; !present || got != nil {
		t.Errorf("to the sender, without a key: %v", own[2])
	}
	if _, present := others[1]["client_message_id"]; present {
		t.Errorf("to another: %v", others[1])
	}
	m := others[1]
	for field, want := range map[string]any{
		"type": "chat_message", "message_id": keyed.text("message_id"), "conversation_id": id, "seq": 2.0,
		"position": keyed.body["position"], "sender_id": ann.id.String(), "receiver_id": bob.id.String(),
		"content": "hello", "content_hash": keyed.text("content_hash"), "salt": keyed.text("salt"),
		"timestamp": keyed.text("timestamp"), "is_delivered": false, "is_read": false, "erased_at": nil,
	} {
		if m[field] != want {
			t.Errorf("%s: got %v, want %v", field, m[field], want)
		}
	}
	started := others[0]
	for field, want := range map[string]any{
		"type": "conversation", "change": "started", "user_id": ann.id.String(), "title": nil, "seq": 1.0,
	} {
		if started[field] != want {
			t.Errorf("%s: got %v, want %v", field, started[field], want)
		}
	}
	if _, present := bob.see("/api/conversations/"+ann.group("g", bob)+"/messages", last).items()[0]["receiver_id"]; present {
		t.Error("a group's frame has a receiver")
	}
}
