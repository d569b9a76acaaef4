package httpapi_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"

	"chainmail/domain"
)

// nobody is a sink without connections.
type nobody struct{}

func (nobody) Connected(domain.ID) bool                             { return false }
func (nobody) Push([]domain.ID, domain.Position, domain.ID, []byte) {}
func (nobody) Meet(domain.ID, []domain.ID)                          {}
func (nobody) Acquaint(_, _ domain.ID)                              {}
func (nobody) Watched(_, _ domain.ID) bool                          { return false }
func (nobody) Broadcast(domain.Position, []byte)                    {}
func (nobody) PushTask([]domain.ID, domain.ID, domain.ID, domain.Position, []byte) {
}
func (nobody) Advance(domain.Position) {}

// A history has the very frames that were pushed, each with what is known of it since.
func TestHistoryHasThePushedFrames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd := w.person("Ann"), w.person("Bob"), w.person("Cyd")
	group := ann.group("with <title>", bob)
	direct := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated).text("id")
	for _, id := range []string{group, direct} {
		ann.post("/api/conversations/"+id+"/messages", object{"content": "<keyed>"}, "Idempotency-Key", id).want(http.StatusCreated)
		bob.say(id, "answer")
	}
	ann.post("/api/conversations/"+group+"/participants", object{"user_id": cyd.id}).want(http.StatusNoContent)
	gone := ann.say(group, "to be erased").text("id")
	ann.delete("/api/messages/"+gone+"/content", object{"reason": "sender"}).want(http.StatusNoContent)
	cyd.delete("/api/conversations/"+group+"/participants/"+cyd.id.String(), nil).want(http.StatusNoContent)
	w.settle()

	p := w.pusher()
	for _, who := range []*person{ann, bob, cyd} {
		var pushed []map[string]any
		err := p.CatchUp(t.Context(), who.id, 0, w.log.Head(), func(_ domain.Position, _ domain.ID, frame []byte) error {
			var f map[string]any
			if err := json.Unmarshal(frame, &f); err != nil {
				return err
			}
			if f["type"] == "chat_message" || f["type"] == "conversation" {
				pushed = append(pushed, f)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		read := make(map[float64]map[string]any)
		for _, id := range []string{group, direct} {
			r := who.get("/api/conversations/" + id + "/messages")
			if r.status != http.StatusOK {
				continue // Cyd's other conversation
			}
			for _, item := range r.items() {
				read[item["position"].(float64)] = item
			}
		}
		if len(read) != len(pushed) || len(pushed) < 3 {
			t.Errorf("%d frames were pushed, %d are read", len(pushed), len(read))
		}
		for _, f := range pushed {
			item := read[f["position"].(float64)]
			for field, want := range f {
				if got, present := item[field]; !present || !reflect.DeepEqual(got, want) {
					t.Errorf("%s at %v: read %v, pushed %v", field, f["position"], got, want)
				}
			}
			if _, own := f["client_message_id"]; !own && item["client_message_id"] != nil {
				t.Errorf("at %v: read with client_message_id", f["position"])
			}
		}
	}
}
