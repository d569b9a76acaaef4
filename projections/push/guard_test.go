package push_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/projections/push"
)

// guarded installs a policy and makes an admin who reviews what it blocks.
func (w *world) guarded() {
	w.tb.Helper()
	w.append(w.state.InstallPolicy(domain.GuardPolicyInstalled{PolicyHash: domain.BodyHash(nil), Policy: "strict"}))
	w.admin = w.id()
	d, r := w.state.Register(domain.RegisterUser{UserID: w.admin, Name: "a", Role: domain.RoleAdmin})
	w.must(r)
	w.append(d)
}

// judged is say with reasons of the guard, which lets the message pass or not. Nothing is sent that the rules refuse.
func (w *world) judged(sender, conversation, receiver domain.ID, content string, blocked bool) {
	d, r := w.state.Send(domain.SendMessage{
		Actor: as(sender), ConversationID: conversation, ReceiverID: receiver, Content: content,
		ClientMessageID: "c-" + content, MessageID: w.id(), NewConversationID: w.id(), Salt: domain.Salt{15: 0xab},
		Verdict: domain.Verdict{
			PolicyHash: w.state.Policy().PolicyHash, Blocked: blocked, RiskScore: 0.75,
			Reasons: []domain.RiskReason{{Rule: "shouting", Weight: 0.75}},
		},
	})
	if r == nil {
		w.append(d)
	}
}

// blocked lists the blocked messages and where they are, erased or not.
func (w *world) blocked() (list []*domain.MessageBlocked, at []domain.Position) {
	for _, e := range w.all() {
		if e.Type != domain.TypeMessageBlocked {
			continue
		}
		data, err := domain.Decode(e)
		if err != nil {
			w.tb.Fatal(err)
		}
		list, at = append(list, data.(*domain.MessageBlocked)), append(at, e.Position)
	}
	return list, at
}

// release lets the nth blocked message pass, if the rules do.
func (w *world) release(n int) {
	list, at := w.blocked()
	d, r := w.state.Release(domain.ReleaseMessage{
		Actor: as(w.admin), Blocked: list[n], Position: at[n], MessageID: w.id(), NewConversationID: w.id(),
	})
	if r == nil {
		w.append(d)
	}
}

// eraseBlocked takes the words of the nth blocked message away.
func (w *world) eraseBlocked(n int) {
	list, at := w.blocked()
	w.erase(domain.MessageRef{ID: list[n].MessageID, SenderID: list[n].SenderID, Position: at[n], Blocked: true})
}

// review does something random with a blocked message.
func (w *world) review(rt *rapid.T) {
	list, _ := w.blocked()
	if len(list) == 0 {
		return
	}
	n := rapid.IntRange(0, len(list)-1).Draw(rt, "blocked")
	if rapid.Bool().Draw(rt, "release") {
		w.release(n)
		return
	}
	w.eraseBlocked(n)
}

// hidden fails for a frame of an event that is nobody's to see, and for one that names a blocked message.
func hidden(tb rapid.TB, w *world, frames []got) {
	tb.Helper()
	list, _ := w.blocked()
	for _, g := range frames {
		if stream := string(w.all()[g.position-1].Stream); strings.HasPrefix(stream, "guard-") || stream == string(domain.PolicyStream) {
			tb.Fatalf("a frame of %s: %s", stream, g.frame)
		}
		for _, b := range list {
			if strings.Contains(g.frame, b.MessageID.String()) {
				tb.Fatalf("a frame of a message that was blocked: %s", g.frame)
			}
		}
	}
}

// TestGuardIsSilent holds that nobody hears of what the guard thinks, live or caught up, that no seq is
// missing because of it, and that a release reaches everybody as any message does.
func TestGuardIsSilent(t *testing.T) {
	t.Parallel()
	w, s := newWorld(t), newSink()
	ann, bob, cat := w.user(), w.user(), w.user()
	w.guarded() // 4 and 5
	p, _ := pusher(t, w, s, 1)
	stop := run(t, p)
	hello := w.say(ann, domain.ID{}, bob, "hello")                          // 6 and 7
	w.judged(ann, hello.ConversationID, domain.ID{}, "blocked", true)       // 8
	w.judged(ann, domain.ID{}, cat, "blocked before they talk", true)       // 9
	w.judged(ann, hello.ConversationID, domain.ID{}, "SHOUTED", false)      // 10 and 11
	w.release(0)                                                            // 12 and 13
	w.release(1)                                                            // 14 to 16
	w.judged(bob, hello.ConversationID, domain.ID{}, "blocked too", true)   // 17
	w.eraseBlocked(2)                                                       // 18
	w.eraseBlocked(1)                                                       // 19 and 20, where it was released
	w.say(bob, hello.ConversationID, domain.ID{}, "what was that about me") // 21
	head := w.Head()
	s.wait(head)
	stop()
	// Each with its seq.
	withBob := []string{"started 6 #1", "chat_message 7 #2", "chat_message 11 #3", "chat_message 13 #4", "chat_message 21 #5"}
	withCat := []string{"started 15 #1", "chat_message 16 #2", "message_erased 19 #3"}
	both := slices.Concat(withBob[:4], withCat, withBob[4:])
	for user, want := range map[domain.ID][]string{ann: both, bob: withBob, cat: withCat, w.admin: nil} {
		live := s.of(user)
		var have []string
		for _, g := range live {
			have = append(have, fmt.Sprintf("%s #%v", brief(t, g), parse(t, g.frame)["seq"]))
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s got %v, want %v", user, have, want)
		}
		hidden(t, w, live)
		for since := domain.Position(0); since < head; since++ {
			caughtUp := collect(t, func(emit push.EmitFunc) error { return p.CatchUp(t.Context(), user, since, head, emit) })
			same(t, w, fmt.Sprintf("%s since %d", user, since), caughtUp, between(live, since, head))
		}
	}
	released := parse(t, s.of(ann)[3].frame)
	if id, ok := released["client_message_id"]; !ok || id != nil || released["content"] != "blocked" || released["sender_id"] != ann.String() {
		t.Errorf("ann's connections got %v, want her message, without the name that she gave the blocked one", released)
	}
}

// TestReleasedIsUndelivered has who was away get a released message, and nothing of blocked ones, however far the
// state tables are.
func TestReleasedIsUndelivered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.user(), w.user()
	w.guarded()                                              // 3 and 4
	w.judged(ann, domain.ID{}, bob, "blocked", true)         // 5
	w.release(0)                                             // 6 to 8
	w.judged(ann, domain.ID{}, bob, "blocked too", true)     // 9
	w.ack(bob, w.say(ann, domain.ID{}, bob, "hello"), false) // 10 and 11
	p, _ := pusher(t, w, newSink(), 0)
	for offset := range w.Head() + 1 {
		w.tablesAt = func() domain.Position { return offset }
		frames := collect(t, func(emit push.EmitFunc) error { return p.Undelivered(t.Context(), bob, w.Head(), emit) })
		if len(frames) != 1 || frames[0].position != 8 {
			t.Errorf("tables at %d: got %v, want what was released alone", offset, frames)
		}
		hidden(t, w, frames)
	}
}
