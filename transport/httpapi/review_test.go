package httpapi_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/guard"
)

func TestListBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	const path = "/api/guard/blocked"
	if r := root.get(path).want(http.StatusOK); len(r.items()) != 0 || r.body["next_cursor"] != nil {
		t.Errorf("of none: %s", r.raw)
	}
	id := ann.group("team", bob)
	inGroup := ann.blocked(id, scam, "Idempotency-Key", "k")
	direct := ann.blockedTo(bob, scam)
	root.post(path+"/"+inGroup.text("message_id")+"/release", nil).want(http.StatusCreated)
	w.settle()

	items := root.get(path).want(http.StatusOK).items()
	if got := pluck(items, "id"); !slices.Equal(got, []any{direct.MessageID.String(), inGroup.text("message_id")}) {
		t.Fatalf("got %v", got)
	}
	policy, err := guard.ParsePolicy([]byte(theft))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": direct.MessageID.String(), "conversation_id": nil, "sender_id": ann.id.String(), "receiver_id": bob.id.String(),
		"client_message_id": nil, "content": scam, "risk_score": 0.96, "reasons": []any{"wallet_theft", "bargain"},
		"evidence": []any{
			map[string]any{"rule": "wallet_theft", "weight": 0.95}, map[string]any{"rule": "bargain", "weight": 0.25},
		},
		"model": nil, "policy_hash": policy.Hash(), "position": float64(direct.Position),
		"erased_at": nil, "released_at": nil, "released_by": nil, "released_id": nil,
		"created_at": items[0]["created_at"], "content_hash": items[0]["content_hash"],
	}
	if !reflect.DeepEqual(items[0], want) {
		t.Errorf("got %v, want %v", items[0], want)
	}
	group := items[1]
	if group["conversation_id"] != id || group["receiver_id"] != nil || group["client_message_id"] != "k" ||
		group["released_by"] != root.id.String() || group["released_at"] == nil {
		t.Errorf("in a group: %v", group)
	}
	released := root.get("/api/messages/" + group["released_id"].(string)).want(http.StatusOK)
	if released.text("content") != scam || released.text("content_hash") != group["content_hash"] {
		t.Errorf("released: %s", released.raw)
	}

	w.call("", http.MethodGet, path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	ann.get(path).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
	w.register("Robot", domain.RoleService, "").get(path).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
	for _, query := range []string{"cursor=AAAA", "limit=0", "limit=x"} {
		field, _, _ := strings.Cut(query, "=")
		root.get(path+"?"+query).want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "invalid_field", field)
	}
}

func TestListBlockedPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	var want []any
	for i := range 5 {
		want = append([]any{ann.blocked(id, fmt.Sprint(scam, i)).text("message_id")}, want...)
	}
	w.settle()
	var got []any
	for query := "?limit=2"; query != ""; {
		r := root.get("/api/guard/blocked" + query).want(http.StatusOK)
		got = append(got, pluck(r.items(), "id")...)
		// What is blocked meanwhile doesn't shift the pages.
		ann.blocked(id, scam)
		w.settle()
		query = ""
		if r.body["next_cursor"] != nil {
			query = "?limit=2&cursor=" + r.text("next_cursor")
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What a language model said is shown as it was recorded, with an answer and without one.
func TestListBlockedShowsTheModel(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	label, score, failure := "scam", 0.91, "timeout"
	for _, tc := range []struct {
		opinion domain.ModelOpinion
		want    map[string]any
	}{
		{
			domain.ModelOpinion{Model: "small", Label: &label, Score: &score},
			map[string]any{"model": "small", "label": "scam", "score": 0.91, "failure": nil},
		},
		{
			domain.ModelOpinion{Model: "small", Failure: &failure},
			map[string]any{"model": "small", "label": nil, "score": nil, "failure": "timeout"},
		},
	} {
		m := &domain.MessageBlocked{
			MessageID: newID(), SenderID: ann.id, ReceiverID: &bob.id, RiskScore: 0.9, PolicyHash: domain.BodyHash(nil),
			Reasons: []domain.RiskReason{}, Model: &tc.opinion, Content: "words", ContentHash: domain.ContentHash(domain.Salt{}, "words"),
		}
		_, err := w.log.Append(t.Context(), domain.Decision{
			Actor: domain.Actor{ID: ann.id, Auth: domain.AuthToken}, Drafts: []domain.Draft{{Stream: domain.GuardStream(ann.id), Data: m}},
		})
		if err != nil {
			t.Fatal(err)
		}
		w.settle()
		got := root.get("/api/guard/blocked?limit=1").want(http.StatusOK).items()[0]
		if !reflect.DeepEqual(got["model"], tc.want) || !reflect.DeepEqual(got["reasons"], []any{}) || !reflect.DeepEqual(got["evidence"], []any{}) {
			t.Errorf("got %v, want %v", got, tc.want)
		}
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	first := ann.say(id, "hello")
	blocked := ann.blocked(id, scam, "Idempotency-Key", "k")
	ann.say(id, "still there?")
	path := "/api/guard/blocked/" + blocked.text("message_id") + "/release"

	w.call("", http.MethodPost, path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	for _, p := range []*person{ann, bob, w.register("Robot", domain.RoleService, "")} {
		p.post(path, nil).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
	}
	for _, message := range []string{newID().String(), first.text("id")} {
		release := "/api/guard/blocked/" + message + "/release"
		root.post(release, nil).want(http.StatusNotFound).problem(http.StatusNotFound, "message_not_found", "id")
		ann.post(release, nil).want(http.StatusForbidden).problem(http.StatusForbidden, "forbidden", "")
	}
	root.post("/api/guard/blocked/1/release", nil).problem(http.StatusUnprocessableEntity, "invalid_field", "id")

	sent := root.post(path, nil).want(http.StatusCreated)
	position := w.log.Head()
	if sent.text("id") == blocked.text("message_id") || sent.text("message_id") != sent.text("id") || sent.body["seq"] != 4.0 ||
		sent.text("conversation_id") != id || sent.body["risk_score"] != 0.96 || sent.body["duplicate"] != false ||
		sent.body["client_message_id"] != nil || sent.body["position"] != float64(position) ||
		sent.header.Get("Chainmail-Position") != fmt.Sprint(position) {
		t.Errorf("released: %s", sent.raw)
	}
	again := root.post(path, nil).want(http.StatusConflict).problem(http.StatusConflict, "conflict", "id")
	if got := again.text("detail"); got != "this message was released already" {
		t.Errorf("again: %s", got)
	}
	// Nor is what it was sent as a blocked message.
	root.post("/api/guard/blocked/"+sent.text("id")+"/release", nil).problem(http.StatusNotFound, "message_not_found", "id")

	items := bob.see("/api/conversations/"+id+"/messages", sent).items()
	if got := pluck(items, "seq"); !slices.Equal(got, []any{1.0, 2.0, 3.0, 4.0}) {
		t.Errorf("seqs: %v", got)
	}
	last := items[len(items)-1]
	if last["message_id"] != sent.text("id") || last["sender_id"] != ann.id.String() || last["content"] != scam ||
		last["content_hash"] != sent.text("content_hash") || last["salt"] != sent.text("salt") {
		t.Errorf("history: %v", last)
	}
	conversation := bob.get("/api/conversations/" + id).want(http.StatusOK)
	if got := conversation.body["last_message"].(map[string]any); got["message_id"] != sent.text("id") || conversation.body["unread_count"] != 3.0 {
		t.Errorf("conversation: %s", conversation.raw)
	}
	bob.post("/api/messages/read", object{"message_ids": []any{sent.text("id")}}).want(http.StatusNoContent)
	bob.get("/api/messages/"+blocked.text("message_id")).problem(http.StatusNotFound, "message_not_found", "id")
	if r := ann.get("/api/messages/" + sent.text("id")).want(http.StatusOK); r.body["was_blocked"] != false {
		t.Errorf("released: %s", r.raw)
	}
}

// A release opens the direct conversation that the message would have opened.
func TestReleaseOpensAConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	blocked := ann.blockedTo(bob, scam)
	sent := root.post("/api/guard/blocked/"+blocked.MessageID.String()+"/release", nil).want(http.StatusCreated)
	if sent.body["seq"] != 2.0 {
		t.Errorf("released: %s", sent.raw)
	}
	id := sent.text("conversation_id")
	items := bob.see("/api/conversations/"+id+"/messages", sent).items()
	if got := pluck(items, "seq"); !slices.Equal(got, []any{1.0, 2.0}) || items[1]["receiver_id"] != bob.id.String() {
		t.Errorf("history: %v", items)
	}
	if r := bob.get("/api/conversations"); len(r.items()) != 1 || r.items()[0]["unread_count"] != 1.0 {
		t.Errorf("conversations: %s", r.raw)
	}
	if r := ann.get("/api/messages/" + blocked.MessageID.String()); r.body["conversation_id"] != nil || r.body["was_blocked"] != true {
		t.Errorf("blocked: %s", r.raw)
	}
}

// What its sender could not send any more is not sent for him.
func TestReleaseOfWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	root := w.register("Root", domain.RoleAdmin, "")
	group := bob.group("team", ann, cyd)
	inGroup := ann.blocked(group, scam).text("message_id")
	direct := ann.blockedTo(bob, scam).MessageID.String()
	gone := cyd.blocked(group, scam).text("message_id")
	ann.delete("/api/conversations/"+group+"/participants/"+ann.id.String(), nil).want(http.StatusNoContent)
	bob.post("/api/blocks", object{"user_id": ann.id}).want(http.StatusNoContent)
	if _, err := w.commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, cyd.id); err != nil {
		t.Fatal(err)
	}
	before := w.log.Head()
	for _, message := range []string{inGroup, direct, gone} {
		root.post("/api/guard/blocked/"+message+"/release", nil).want(http.StatusConflict).problem(http.StatusConflict, "conflict", "id")
	}
	if got := w.log.Head(); got != before {
		t.Errorf("stored: the log is at %d, was at %d", got, before)
	}
	bob.delete("/api/blocks/"+ann.id.String(), nil).want(http.StatusNoContent)
	root.post("/api/guard/blocked/"+direct+"/release", nil).want(http.StatusCreated)
}

// Of admins who release at once, one does.
func TestReleaseAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.guarded()
	ann, bob := w.person("Ann"), w.person("Bob")
	root := w.register("Root", domain.RoleAdmin, "")
	id := ann.group("team", bob)
	message := ann.blocked(id, scam).text("message_id")
	statuses := make(chan int)
	for range 8 {
		go func() {
			r := root.post("/api/guard/blocked/"+message+"/release", nil)
			statuses <- r.status
		}()
	}
	count := make(map[int]int)
	for range 8 {
		count[<-statuses]++
	}
	if count[http.StatusCreated] != 1 || count[http.StatusConflict] != 7 {
		t.Errorf("statuses: %v", count)
	}
	w.settle()
	if r := bob.get("/api/conversations/" + id + "/messages"); len(r.items()) != 2 {
		t.Errorf("history: %s", r.raw)
	}
}
