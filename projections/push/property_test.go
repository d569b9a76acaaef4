package push_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/projections/push"
)

// TestCatchUpEqualsLive holds, for random histories, that catching up from any position gives what
// a client connected all along got after it, and that nobody sees a hole in a conversation or hears of the guard.
func TestCatchUpEqualsLive(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w, s := newWorld(t), newSink()
		users := make([]domain.ID, 5)
		for i := range users {
			users[i] = w.user()
		}
		w.guarded()
		s.registered, s.watcher = w.registered, w.admin
		p, v := pusher(t, w, s, rapid.IntRange(1, 7).Draw(rt, "batch"))
		first := v.Position()
		stop := run(t, p)
		history(rt, w, s, users)
		head := w.Head()
		s.wait(head)
		stop()
		restarted, _ := pusher(t, w, newSink(), 0) // knows less of what happened when
		for _, user := range w.registered(head + 1) {
			live := s.of(user)
			noHoles(rt, live)
			hidden(rt, w, live)
			for since := first; since <= head; since++ {
				upTo := domain.Position(rapid.IntRange(int(since), int(head)).Draw(rt, "upTo"))
				for _, p := range []*push.Pusher{p, restarted} {
					caughtUp := collect(t, func(emit push.EmitFunc) error {
						return p.CatchUpWatching(t.Context(), user, s.watchedBy(user), since, upTo, emit)
					})
					same(rt, w, fmt.Sprintf("%s since %d to %d", user, since, upTo), caughtUp, between(live, since, upTo))
				}
			}
		}
	})
}

// history does random things; what the rules refuse is left out.
func history(rt *rapid.T, w *world, s *sink, users []domain.ID) {
	someone := rapid.SampledFrom(users)
	groups := []domain.ID{w.group("", users[0], users[1], users[2])}
	acts := []string{"direct", "say", "ack", "ack", "read", "start", "add", "remove", "erase", "judged", "blocked", "blocked before", "review"}
	acts = append(acts, workActs...)
	for i := range rapid.IntRange(1, 30).Draw(rt, "steps") {
		content := fmt.Sprint("message ", i)
		user, other := someone.Draw(rt, "user"), someone.Draw(rt, "other")
		group := rapid.SampledFrom(groups).Draw(rt, "group")
		act := rapid.SampledFrom(acts).Draw(rt, "do")
		if slices.Contains(workActs, act) {
			w.work(rt, s, act, user, other, content)
			continue
		}
		switch act {
		case "direct":
			if user != other {
				w.say(user, domain.ID{}, other, content)
			}
		case "say":
			if w.state.Conversation(group).Has(user) {
				w.say(user, group, domain.ID{}, content)
			}
		case "start":
			if user != other {
				groups = append(groups, w.group(content, user, other, users[0]))
			}
		case "judged", "blocked":
			w.judged(user, group, domain.ID{}, content, act == "blocked")
		case "blocked before":
			w.judged(user, domain.ID{}, other, content, true)
		case "review":
			w.review(rt)
		case "add":
			w.add(user, group, other)
		case "remove":
			w.remove(user, group, other)
		default:
			if len(w.messages) == 0 {
				continue
			}
			m := rapid.SampledFrom(w.messages).Draw(rt, "message")
			switch what := rapid.SampledFrom([]string{"delivered", "read", "erase"}).Draw(rt, "what"); what {
			case "erase":
				w.erase(m)
			default:
				w.ack(user, m, what == "read")
			}
		}
	}
}

func between(frames []got, after, upTo domain.Position) []got {
	var some []got
	for _, g := range frames {
		if g.position > after && g.position <= upTo {
			some = append(some, g)
		}
	}
	return some
}

// same compares to the byte, save that an erased message may have lost its words.
func same(rt rapid.TB, w *world, what string, have, want []got) {
	if len(have) != len(want) {
		rt.Fatalf("%s: got %d frames, want %d\n got %v\nwant %v", what, len(have), len(want), have, want)
	}
	for i := range want {
		a, b := have[i], want[i]
		if w.erased[a.origin] {
			a.frame, b.frame = wordless(rt, a.frame), wordless(rt, b.frame)
		}
		if a != b {
			rt.Fatalf("%s: frame %d:\n got %v\nwant %v", what, i, a, b)
		}
	}
}

func wordless(rt rapid.TB, frame string) string {
	fields := parse(rt, frame)
	delete(fields, "content")
	delete(fields, "salt")
	return fmt.Sprint(fields)
}

// noHoles follows each conversation by seq: the next one each time, save when the user comes back.
func noHoles(rt *rapid.T, frames []got) {
	last := map[any]float64{}
	position := domain.Position(0)
	for _, g := range frames {
		if g.position < position {
			rt.Fatalf("position %d after %d", g.position, position)
		}
		position = g.position
		fields := parse(rt, g.frame)
		seq, ok := fields["seq"].(float64)
		if !ok {
			continue
		}
		conversation := fields["conversation_id"]
		joins := fields["change"] == "started" || fields["change"] == "participant_added"
		if want := last[conversation] + 1; seq != want && !(joins && seq > want) {
			rt.Fatalf("seq %v where %v was next: %s", seq, want, g.frame)
		}
		last[conversation] = seq
	}
}
