package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
)

// retold are the frames of a conversation.
func (p *person) retold(conversation string, since domain.Position) (page synced) {
	p.w.t.Helper()
	r := p.get(fmt.Sprint("/api/conversations/", conversation, "/frames?since=", since)).want(http.StatusOK)
	if err := json.Unmarshal([]byte(r.raw), &page); err != nil {
		p.w.t.Fatal(err)
	}
	if got := r.header.Get("Chainmail-Position"); got != fmt.Sprint(page.Position) || page.Items == nil {
		p.w.t.Errorf("position %s, %d in the body, items %v", got, page.Position, page.Items)
	}
	return page
}

// allRetold joins the pages.
func (p *person) allRetold(conversation string) (frames []map[string]any, sizes []int) {
	p.w.t.Helper()
	for since, more := domain.Position(0), true; more; {
		page := p.retold(conversation, since)
		if page.Position <= since {
			p.w.t.Fatalf("it does not go on after %d", since)
		}
		for _, item := range page.Items {
			var f map[string]any
			if err := json.Unmarshal(item, &f); err != nil {
				p.w.t.Fatal(err)
			}
			frames = append(frames, f)
		}
		sizes = append(sizes, len(page.Items))
		since, more = page.Position, page.More
	}
	return frames, sizes
}

// receive stores that somebody's client has a message.
func (p *person) receive(sender *person, conversation, message string) {
	p.w.t.Helper()
	p.w.store(p, []domain.Draft{{Stream: domain.ReceiptStream(parseID(p.w.t, conversation)), Data: &domain.MessageDelivered{
		MessageID: parseID(p.w.t, message), ConversationID: parseID(p.w.t, conversation), SenderID: sender.id, UserID: p.id,
	}}})
}

// read says that messages were read.
func (p *person) read(messages ...string) {
	p.w.t.Helper()
	p.post("/api/messages/read", object{"message_ids": messages}).want(http.StatusNoContent)
}

// The frames of a conversation tell each who asks just what its history tells him, and when it came to be so.
func TestConversationFramesAreTheHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob, cyd, eve := w.person("Ann"), w.person("Bob"), w.person("Cyd"), w.person("Eve")
	admin := w.register("Root", domain.RoleAdmin, "")
	group, other := ann.group("with <title>", bob), ann.group("another", bob, cyd)
	direct := ann.post("/api/conversations", object{"participant_ids": []any{bob.id}}).want(http.StatusCreated).text("id")
	participants := "/api/conversations/" + group + "/participants"
	erase := func(message string) {
		ann.delete("/api/messages/"+message+"/content", object{"reason": "sender"}).want(http.StatusNoContent)
	}

	before := ann.say(group, "before Cyd").text("id")
	bob.receive(ann, group, before)
	ann.post(participants, object{"user_id": cyd.id}).want(http.StatusNoContent)
	bob.read(before) // while Cyd is there, of a message that he does not see
	within, doomed := ann.say(group, "with Cyd").text("id"), ann.say(group, "with Cyd, to be erased").text("id")
	ann.say(other, "elsewhere")
	ann.post("/api/conversations/"+direct+"/messages", object{"content": "to Bob"}, "Idempotency-Key", "mine").want(http.StatusCreated)
	cyd.read(within)
	erase(before)
	cyd.delete(participants+"/"+cyd.id.String(), nil).want(http.StatusNoContent)
	bob.receive(ann, group, within)
	bob.read(within, doomed) // after Cyd has left, of messages that he sees
	erase(doomed)
	without := ann.say(group, "without Cyd").text("id")
	bob.read(without)
	bob.post(participants, object{"user_id": cyd.id}).want(http.StatusNoContent)
	bob.say(group, "Cyd is back")
	w.settle()

	for _, who := range []*person{ann, bob, cyd, admin} {
		for _, id := range []string{group, direct} {
			if who != cyd || id != direct {
				who.compareWithHistory(id)
			}
		}
	}
	got, _ := cyd.allRetold(group)
	if n := count(got, "type", "message_status"); n != 4 {
		t.Errorf("Cyd is told of %d receipts, want 4: three of the first message that he sees, and one of the second", n)
	}
	for id, who := range map[string]*person{group: eve, direct: cyd, newID().String(): admin} {
		path := "/api/conversations/" + id + "/"
		frames, history := who.get(path+"frames"), who.get(path+"messages")
		if frames.status != http.StatusNotFound || frames.status != history.status || frames.text("code") != history.text("code") ||
			frames.text("detail") != history.text("detail") {
			t.Errorf("%d %s, and the history %d %s", frames.status, frames.raw, history.status, history.raw)
		}
	}
	head := w.log.Head()
	if page := ann.retold(group, head); len(page.Items) > 0 || page.More || page.Position < head {
		t.Errorf("after the head: %+v", page)
	}
	ann.get(fmt.Sprint("/api/conversations/", group, "/frames?since=", head+1)).problem(http.StatusUnprocessableEntity, "invalid_field", "since")
}

// count is how many frames have a field with a value.
func count(frames []map[string]any, field string, value any) (n int) {
	for _, f := range frames {
		if f[field] == value {
			n++
		}
	}
	return n
}

// told is what a client makes of frames.
type told struct {
	items    []map[string]any          // messages and changes
	receipts map[any]map[any][2]string // by message and user: when delivered and read
	erased   map[any]string            // by message: when
}

func tell(frames []map[string]any) told {
	s := told{receipts: make(map[any]map[any][2]string), erased: make(map[any]string)}
	for _, f := range frames {
		at, _ := f["timestamp"].(string)
		switch f["type"] {
		case "message_erased":
			s.erased[f["message_id"]] = at
		case "message_status":
			of := s.receipts[f["message_id"]]
			if of == nil {
				of = make(map[any][2]string)
				s.receipts[f["message_id"]] = of
			}
			times := of[f["user_id"]]
			if times[0] == "" {
				times[0] = at
			}
			if f["status"] == "read" {
				times[1] = at
			}
			of[f["user_id"]] = times
		default:
			s.items = append(s.items, f)
		}
	}
	return s
}

// compareWithHistory holds the frames against the history.
func (p *person) compareWithHistory(conversation string) {
	t := p.w.t
	t.Helper()
	frames, _ := p.allRetold(conversation)
	if !slices.IsSortedFunc(frames, func(a, b map[string]any) int { return int(a["position"].(float64) - b["position"].(float64)) }) {
		t.Error("the frames are not in order of position")
	}
	got, want := tell(frames), p.get("/api/conversations/"+conversation+"/messages").want(http.StatusOK).items()
	if len(got.items) != len(want) || len(want) < 2 {
		t.Fatalf("%d messages and changes are told, the history has %d", len(got.items), len(want))
	}
	for i, item := range want {
		for field, value := range got.items[i] {
			if !reflect.DeepEqual(item[field], value) {
				t.Errorf("%s at %v: told %v, the history has %v", field, item["position"], value, item[field])
			}
		}
		if item["type"] != "chat_message" {
			continue
		}
		id := item["message_id"]
		if erased, _ := item["erased_at"].(string); erased != got.erased[id] {
			t.Errorf("the message at %v: told that it was erased at %q, want %q", item["position"], got.erased[id], erased)
		}
		receipts := make(map[any][2]string)
		for _, r := range item["receipts"].([]any) {
			r := r.(map[string]any)
			read, _ := r["read_at"].(string)
			receipts[r["user_id"]] = [2]string{r["delivered_at"].(string), read}
		}
		if told := got.receipts[id]; len(told)+len(receipts) > 0 && !reflect.DeepEqual(told, receipts) {
			t.Errorf("receipts of the message at %v: told %v, want %v", item["position"], told, receipts)
		}
		delete(got.receipts, id)
		delete(got.erased, id)
	}
	if len(got.receipts)+len(got.erased) > 0 {
		t.Errorf("told of messages that are not shown: %v, %v", got.receipts, got.erased)
	}
}

// Pages are bounded, join without a gap, and have each receipt of a conversation in which a sender hears of counts alone.
func TestConversationFramesOfACrowd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	var others []*person
	for i := range 60 {
		others = append(others, w.person(fmt.Sprint("Other ", i)))
	}
	group := ann.group("crowd", others...)
	late := w.person("Late")
	ids := w.flood(ann, parseID(t, group), 30, "short")
	for _, o := range others[:20] {
		w.floodRead(o, ann, parseID(t, group), ids)
	}
	w.flood(ann, parseID(t, group), 250, strings.Repeat("ä", 5_000)) // 10,000 bytes each
	ann.post("/api/conversations/"+group+"/participants", object{"user_id": late.id}).want(http.StatusNoContent)
	w.floodRead(others[30], ann, parseID(t, group), ids)
	ann.say(group, "hello, Late")
	w.settle()
	frames, sizes := ann.allRetold(group)
	if len(frames) != 1+30+600+250+1+30+1 || sizes[0] != 500 || slices.Max(sizes) > 500 || len(sizes) != 4 {
		t.Errorf("%d frames on pages of %v", len(frames), sizes)
	}
	if n := count(frames, "status", "read"); n != 630 {
		t.Errorf("%d single receipts, want 630", n)
	}
	if frames, sizes := late.allRetold(group); len(frames) != 2 || len(sizes) != 1 {
		t.Errorf("who came last is told of %d, on %d pages", len(frames), len(sizes))
	}
}
