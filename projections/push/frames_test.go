package push_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/projections/push"
)

// TestFrames pushes a short history and holds every frame against the text of the contract.
func TestFrames(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	ann, bob, cat := w.user(), w.user(), w.user()
	p, _ := pusher(t, w, s, 0)
	hello := w.say(ann, domain.ID{}, bob, "a \"quote\" <b>&\u2028\n")
	w.ack(bob, hello, false)
	w.ack(bob, hello, true)
	group := w.group("Trip <3", ann, bob)
	w.add(ann, group, cat)
	w.remove(ann, group, bob)
	bye := w.say(cat, group, domain.ID{}, "bye")
	w.erase(bye)
	stop := run(t, p)
	s.wait(w.Head())
	stop()

	const (
		a, b, c = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002", "00000000-0000-7000-8000-000000000003"
		direct  = `"conversation_id":"00000000-0000-7000-8000-000000000005"`
		inGroup = `"conversation_id":"00000000-0000-7000-8000-000000000006"`
		first   = `"message_id":"00000000-0000-7000-8000-000000000004"`
		second  = `"message_id":"00000000-0000-7000-8000-000000000007"`
		hash    = `"content_hash":"`
	)
	hashOf := func(content string) string { return domain.ContentHash(domain.Salt{15: 0xab}, content) }
	for _, tc := range []struct {
		name string
		user domain.ID
		want []string
	}{
		{"ann", ann, []string{
			`{"type":"conversation",` + direct + `,"change":"started","user_id":"` + a + `","participant_ids":["` + a + `","` + b +
				`"],"title":null,"seq":1,"position":4,"timestamp":"2025-03-04T05:06:07.040000Z"}`,
			`{"type":"chat_message",` + first + `,"client_message_id":"c-a \"quote\" <b>&` + "\u2028" + `\n",` + direct +
				`,"seq":2,"position":5,"sender_id":"` + a + `","receiver_id":"` + b + `","content":"a \"quote\" <b>&` + "\u2028" + `\n",` + hash +
				hashOf("a \"quote\" <b>&\u2028\n") + `","salt":"000000000000000000000000000000ab","timestamp":"2025-03-04T05:06:07.050000Z"}`,
			`{"type":"message_status",` + first + `,` + direct + `,"user_id":"` + b + `","status":"delivered","position":6,"timestamp":"2025-03-04T05:06:07.060000Z"}`,
			`{"type":"message_status",` + first + `,` + direct + `,"user_id":"` + b + `","status":"read","position":7,"timestamp":"2025-03-04T05:06:07.070000Z"}`,
			`{"type":"conversation",` + inGroup + `,"change":"started","user_id":"` + a + `","participant_ids":["` + a + `","` + b +
				`"],"title":"Trip <3","seq":1,"position":8,"timestamp":"2025-03-04T05:06:07.080000Z"}`,
			`{"type":"conversation",` + inGroup + `,"change":"participant_added","user_id":"` + c + `","participant_ids":["` + a + `","` + b + `","` + c +
				`"],"title":"Trip <3","seq":2,"position":9,"timestamp":"2025-03-04T05:06:07.090000Z"}`,
			`{"type":"conversation",` + inGroup + `,"change":"participant_left","user_id":"` + b + `","participant_ids":["` + a + `","` + c +
				`"],"title":"Trip <3","seq":3,"position":10,"timestamp":"2025-03-04T05:06:07.100000Z"}`,
			// Erased in the log by the time that the pusher runs: it comes without its words.
			`{"type":"chat_message",` + second + `,` + inGroup + `,"seq":4,"position":11,"sender_id":"` + c + `","content":null,` + hash +
				hashOf("bye") + `","salt":null,"timestamp":"2025-03-04T05:06:07.110000Z"}`,
			`{"type":"message_erased",` + second + `,` + inGroup + `,"seq":5,"position":12,"timestamp":"2025-03-04T05:06:07.120000Z"}`,
		}},
		{"bob", bob, []string{
			`started 4`, `chat_message 5`, `read 7`, `started 8`, `participant_added 9`, `participant_left 10`,
		}},
		{"cat", cat, []string{`participant_added 9`, `participant_left 10`, `chat_message 11`, `message_erased 12`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			frames := s.of(tc.user)
			if len(frames) != len(tc.want) {
				t.Fatalf("got %d frames, want %d: %v", len(frames), len(tc.want), frames)
			}
			for i, want := range tc.want {
				got := frames[i].frame
				if want[0] != '{' {
					got = brief(t, frames[i])
				}
				if got != want {
					t.Errorf("frame %d:\n got %s\nwant %s", i, got, want)
				}
			}
		})
	}
	t.Run("the receiver does not see the sender's client_message_id", func(t *testing.T) {
		fields := parse(t, s.of(bob)[1].frame)
		if _, ok := fields["client_message_id"]; ok {
			t.Errorf("got %v", fields)
		}
	})
	t.Run("the origins of messages and reads are named to the sink", func(t *testing.T) {
		for _, g := range s.of(ann) {
			var want domain.ID
			switch f := parse(t, g.frame); {
			case f["type"] == "chat_message":
				want, _ = domain.ParseID(f["message_id"].(string))
			case f["status"] == "read":
				want = domain.ID(domain.ReadKey(hello.ID, bob))
			}
			if g.origin != want {
				t.Errorf("got origin %s with %s, want %s", g.origin, g.frame, want)
			}
		}
	})
	t.Run("the sink hears of who has come together", func(t *testing.T) {
		want := []string{fmt.Sprint(hello.ConversationID, []domain.ID{ann, bob}), fmt.Sprint(group, []domain.ID{ann, bob}), fmt.Sprint(group, []domain.ID{cat})}
		if !slices.Equal(s.met, want) {
			t.Errorf("got %v, want %v", s.met, want)
		}
	})
}

// brief is what kind of frame it is, and where.
func brief(tb testing.TB, g got) string {
	tb.Helper()
	fields := parse(tb, g.frame)
	kind := fields["type"]
	for _, name := range []string{"change", "status"} {
		if fields[name] != nil {
			kind = fields[name]
		}
	}
	at, _ := json.Marshal(fields["position"])
	return kind.(string) + " " + string(at)
}

func parse(tb rapid.TB, frame string) map[string]any {
	tb.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(frame), &fields); err != nil {
		tb.Fatalf("%s: %v", frame, err)
	}
	return fields
}

// TestNobodyConnected makes no frames for those who are away, and tells the sink how far it is.
func TestNobodyConnected(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	ann, bob := w.user(), w.user()
	s.offline[bob] = true
	p, _ := pusher(t, w, s, 1)
	m := w.say(ann, domain.ID{}, bob, "hello")
	w.ack(bob, m, true)
	stop := run(t, p)
	s.wait(w.Head())
	stop()
	if frames := s.of(bob); len(frames) > 0 {
		t.Errorf("got %v", frames)
	}
	if frames := s.of(ann); len(frames) != 3 {
		t.Errorf("ann got %v", frames)
	}
}

// TestUnreadable leaves out what cannot be read, counts it, and goes on.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	ann, bob := w.user(), w.user()
	p, v := pusher(t, w, s, 0)
	stream := domain.ConversationStream(number(77))
	version1 := []byte(`{"schema_version":1,"actor_id":null,"session_id":null,"auth":"system"}`)
	w.raw(domain.Event{Stream: stream, Type: domain.TypeMessageSent, Payload: []byte(`{`), Metadata: version1})
	w.raw(domain.Event{Stream: stream, Type: "SomethingNew", Payload: []byte(`{}`), Metadata: version1})
	w.raw(domain.Event{Stream: stream, Type: domain.TypeParticipantLeft, Payload: []byte(`{}`), Metadata: version1})
	w.say(ann, domain.ID{}, bob, "hello")
	stop := run(t, p)
	s.wait(w.Head())
	stop()
	if got := p.Skipped(); got != 3 {
		t.Errorf("skipped %d, want 3", got)
	}
	if got := v.Unfit(); got != 2 {
		t.Errorf("unfit %d, want 2", got)
	}
	if frames := s.of(bob); len(frames) != 2 {
		t.Errorf("bob got %v", frames)
	}
	caughtUp := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), bob, 0, w.Head(), emit) })
	if len(caughtUp) != 2 {
		t.Errorf("bob caught up with %v", caughtUp)
	}
}
