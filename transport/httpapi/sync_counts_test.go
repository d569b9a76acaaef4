package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"chainmail/domain"
	"chainmail/transport/httpapi"
)

// recounts are pushes as a large conversation has them: each of some readers has read each of some messages, one receipt a
// position, and a message is counted once, at its last receipt up to the end of what is asked for.
type recounts struct {
	readers, messages domain.Position
	asked             *atomic.Int64
}

func (r recounts) CatchUp(
	_ context.Context, _ domain.ID, after, upTo domain.Position, emit func(domain.Position, domain.ID, []byte) error,
) error {
	r.asked.Add(1)
	for at := max(after, upTo-r.messages) + 1; at <= min(upTo, r.readers*r.messages); at++ {
		frame := fmt.Appendf(nil, `{"type":"count","message":%d,"read":%d}`, (at-1)%r.messages, (at-1)/r.messages+1)
		if err := emit(at, domain.ID{}, frame); err != nil {
			return err
		}
	}
	return nil
}

// Counts that fall on an earlier position because the page ends earlier do not make it larger, a page takes a few
// attempts however many have read, and in the end all is counted.
func TestSyncBoundsCounts(t *testing.T) {
	t.Parallel()
	pushes := recounts{10, 600, new(atomic.Int64)}
	w := newWorld(t, func(c *httpapi.Config) { c.Pushes = pushes })
	ann := w.person("Ann")
	head := pushes.readers * pushes.messages
	w.flood(ann, newID(), int(head-w.log.Head()), "short")
	read := make(map[int]int)
	for since, more := domain.Position(0), true; more; {
		before := pushes.asked.Load()
		page := ann.sync(since)
		if asked := pushes.asked.Load() - before; len(page.Items) > 500 || page.Position <= since || asked > 8 {
			t.Fatalf("since %d: %d frames up to %d, after %d attempts", since, len(page.Items), page.Position, asked)
		}
		for _, item := range page.Items {
			var count struct{ Message, Read int }
			if err := json.Unmarshal(item, &count); err != nil {
				t.Fatal(err)
			}
			read[count.Message] = count.Read
		}
		since, more = page.Position, page.More
		if !more && since != head {
			t.Errorf("it ends at %d, want %d", since, head)
		}
	}
	for message := range int(pushes.messages) {
		if got := read[message]; got != int(pushes.readers) {
			t.Errorf("message %d: %d have read it, want %d", message, got, pushes.readers)
		}
	}
}

// In a group of 61, three read all that one has said. Her pages join to all of it. At the end of a page there may be more,
// but only counts that were due just before it began.
func TestSyncPagesOfALargeGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	others := make([]*person, 60)
	for i := range others {
		others[i] = w.person(fmt.Sprint("member ", i))
	}
	group := parseID(t, ann.group("many", others...))
	before := w.log.Head()
	messages := w.flood(ann, group, 700, "short")
	said := w.log.Head()
	for _, reader := range others[:3] {
		w.floodRead(reader, ann, group, messages)
	}
	if page := ann.sync(said); len(page.Items) > 500 {
		t.Errorf("the first of receipts alone: %d frames", len(page.Items))
	}
	var chats []string
	read := make(map[string]int)
	for since, more := before, true; more; {
		page := ann.sync(since)
		frames := page.frames()
		if want := ann.missed(since, page.Position); !slices.Equal(frames, want) {
			t.Errorf("since %d: %d frames up to %d, want %d", since, len(frames), page.Position, len(want))
		}
		within := 0
		for _, raw := range frames {
			var f struct {
				Type     string
				ID       string `json:"message_id"`
				Read     int    `json:"read_count"`
				Position domain.Position
			}
			if err := json.Unmarshal([]byte(raw), &f); err != nil {
				t.Fatal(err)
			}
			switch f.Type {
			case "chat_message":
				chats = append(chats, f.ID)
			case "message_status":
				read[f.ID] = f.Read
			}
			if f.Position < page.Position {
				within++
			}
		}
		if within > 500 || page.Position <= since {
			t.Fatalf("since %d: %d frames before the end, %d", since, within, page.Position)
		}
		since, more = page.Position, page.More
	}
	for i, id := range messages {
		if i >= len(chats) || chats[i] != id.String() || read[id.String()] != 3 {
			t.Fatalf("message %d: read by %d", i, read[id.String()])
		}
	}
}
