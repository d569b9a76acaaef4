package domain_test

import (
	"encoding/binary"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/internal/racetest"
)

// Several users act on what they have seen, some of it old, and the log takes what still holds.
// Then it tells a history that the rules allow, and the state is what the history says.
func TestHistories(t *testing.T) {
	t.Parallel()
	racetest.InFull(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.live(t)
		checkFolded(t, w)
		checkMembership(t, w)
		checkSeqs(t, w)
		checkRules(t, w)
	})
}

// live lets the users wish for things, and the log take them, some of them late.
func (w *world) live(t *rapid.T) {
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		if len(w.pending) > 0 && rapid.Bool().Draw(t, "append") {
			i := rapid.IntRange(0, len(w.pending)-1).Draw(t, "which")
			p := w.pending[i]
			w.pending = slices.Delete(w.pending, i, i+1)
			w.commit(t, p)
			continue
		}
		decide := w.drawWish(t)
		if d, r := decide(w.state); r == nil {
			w.pending = append(w.pending, intent{decide, d})
		}
	}
}

// world is a log with the checks that the real one makes, and those who use it.
type world struct {
	*log
	users         []domain.ID
	conversations []domain.ID
	sent          []domain.MessageRef
	kept          []domain.ID // the messages that were blocked
	policies      []string    // the hashes of those that were installed
	things        things
	pending       []intent // decided, not appended yet
	keys          map[domain.Key]bool
	kinds         []int // of wishes; some come more often
	ids           uint32
}

type decide func(*domain.State) (domain.Decision, *domain.Refusal)

// intent is a decision on its way to the log, and how it was made.
type intent struct {
	decide   decide
	decision domain.Decision
}

func newWorld(t *rapid.T) *world {
	w := &world{log: newLog(), keys: make(map[domain.Key]bool), kinds: allKinds}
	for i := range 5 {
		c := domain.RegisterUser{UserID: w.newID(), Name: "Somebody", Role: domain.RoleMember, Salt: salt}
		switch i {
		case 0:
			c.Role = domain.RoleAdmin
		case 4:
			c.Role = domain.RoleService
		}
		w.users = append(w.users, c.UserID)
		register := func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Register(c) }
		d, r := register(w.state)
		if r != nil {
			t.Fatal(r)
		}
		w.commit(t, intent{register, d})
	}
	switch rapid.IntRange(0, 2).Draw(t, "world") {
	case 1:
		install := w.drawInstall(t)
		d, _ := install(w.state)
		w.commit(t, intent{install, d})
		w.kinds = guardedKinds
	case 2:
		w.begin(t)
		w.kinds = workingKinds
	}
	return w
}

func (w *world) newID() domain.ID {
	w.ids++
	var id domain.ID
	binary.BigEndian.PutUint32(id[12:], w.ids)
	id[0] = byte(w.ids * 151) // so that a later id is not always a greater one
	return id
}

// commit appends a decision if what it rests on still holds; else it is made again first.
func (w *world) commit(t *rapid.T, p intent) {
	now, refusal := p.decide(w.state)
	if len(p.decision.Drafts) == 0 {
		return
	}
	if w.repeats(p.decision) {
		if refusal == nil && !w.repeats(now) { // it lost against another: who opened the conversation, or released the message
			w.commit(t, intent{p.decide, now})
		}
		return
	}
	if !w.holds(t, p.decision) {
		if refusal == nil && !w.holds(t, now) {
			t.Fatalf("decided on the present, but refused: %+v", now)
		}
		if refusal == nil {
			w.commit(t, intent{p.decide, now})
		}
		return
	}
	if now.At = p.decision.At; refusal != nil || !reflect.DeepEqual(now, p.decision) && !openedMeanwhile(now, p.decision) &&
		!w.endedMeanwhile(now, p.decision) {
		t.Fatalf("all that it rests on holds, but now it would be %+v, %v instead of %+v", now, refusal, p.decision)
	}
	for _, k := range append(p.decision.Keys, p.decision.Claims...) {
		w.keys[k] = true
	}
	var took, claimed []domain.Key
	for _, draft := range p.decision.Drafts {
		w.append(t, draft, p.decision.Actor)
		taken, more := domain.KeysOf(decode(t, w.events[len(w.events)-1]))
		took, claimed = append(took, taken...), append(claimed, more...)
		w.follow(draft)
	}
	checkKeys(t, p.decision, took, claimed)
}

// repeats reports whether a key of the decision is taken.
func (w *world) repeats(d domain.Decision) bool {
	return slices.ContainsFunc(d.Keys, func(k domain.Key) bool { return w.keys[k] })
}

// holds reports whether no stream that the decision read has a newer deciding event.
func (w *world) holds(t *rapid.T, d domain.Decision) bool {
	all := w.log.holds(d)
	quiet := !slices.ContainsFunc(w.events[d.At:], func(e domain.Event) bool { return e.Type.Deciding() })
	if quiet && !all {
		t.Fatalf("nothing was decided after %d, but %+v does not hold", d.At, d.Expect)
	}
	return all
}

// follow keeps what later wishes can be about.
func (w *world) follow(draft domain.Draft) {
	w.things.follow(draft.Data)
	switch d := draft.Data.(type) {
	case *domain.ConversationStarted:
		w.conversations = append(w.conversations, d.ConversationID)
	case *domain.MessageSent:
		w.sent = append(w.sent, w.messages[d.MessageID])
	case *domain.MessageBlocked:
		w.sent = append(w.sent, w.messages[d.MessageID])
		w.kept = append(w.kept, d.MessageID)
	case *domain.GuardPolicyInstalled:
		w.policies = append(w.policies, d.PolicyHash)
	}
}

func (w *world) drawWish(t *rapid.T) decide {
	actor := as(rapid.SampledFrom(w.users).Draw(t, "actor"))
	user := rapid.SampledFrom(append(w.users, nobody)).Draw(t, "user")
	conversation := rapid.SampledFrom(append(w.conversations, nobody)).Draw(t, "conversation")
	switch kind := rapid.SampledFrom(w.kinds).Draw(t, "kind"); kind {
	case 0:
		c := domain.StartConversation{
			Actor: actor, ID: w.newID(), Salt: salt,
			ParticipantIDs: rapid.SliceOfN(rapid.SampledFrom(w.users), 1, 4).Draw(t, "others"),
			Title:          rapid.SampledFrom([]string{"", "Plans"}).Draw(t, "title"),
			IdempotencyKey: rapid.SampledFrom([]string{"", "", "k-1", "k-2"}).Draw(t, "idempotency_key"),
		}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) {
			d, _, r := s.Start(c)
			return d, r
		}
	case 1:
		c := domain.AddParticipant{Actor: actor, ConversationID: conversation, UserID: user}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Add(c) }
	case 2:
		c := domain.RemoveParticipant{Actor: actor, ConversationID: conversation, UserID: user}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Remove(c) }
	case 3:
		c := domain.RemoveParticipant{Actor: actor, ConversationID: conversation, UserID: actor.ID}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Remove(c) }
	case 4:
		c := domain.BlockUser{Actor: actor, UserID: user}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Block(c) }
	case 5:
		c := domain.BlockUser{Actor: actor, UserID: user}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Unblock(c) }
	case 6:
		if !rapid.Bool().Draw(t, "end") { // accounts end seldom
			break
		}
		c := domain.DeactivateUser{UserID: user}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Deactivate(c) }
	case 7, 8, 9:
		if len(w.sent) > 0 {
			return w.drawAboutMessage(t, actor, kind)
		}
	case 10:
		if len(w.kept) > 0 {
			return w.drawRelease(t, actor)
		}
	case 11:
		return w.drawInstall(t)
	case 13, 14, 15, 16, 17, 18:
		return w.drawWork(t, actor, user, kind)
	}
	return w.drawSend(t, actor, user, conversation)
}

func (w *world) drawSend(t *rapid.T, actor domain.Actor, user, conversation domain.ID) decide {
	c := domain.SendMessage{
		Actor: actor, Content: "hello", MessageID: w.newID(), NewConversationID: w.newID(), Salt: salt,
		ClientMessageID: rapid.SampledFrom([]string{"", "", "c-1", "c-2"}).Draw(t, "client_message_id"),
		Verdict:         w.drawVerdict(t),
	}
	if rapid.Bool().Draw(t, "to a person") {
		c.ReceiverID = user
	} else {
		c.ConversationID = conversation
	}
	return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Send(c) }
}

func (w *world) drawAboutMessage(t *rapid.T, actor domain.Actor, kind int) decide {
	message := rapid.SampledFrom(w.sent).Draw(t, "message")
	if kind == 9 {
		c := domain.EraseContent{Actor: actor, Message: message, Reason: domain.ReasonPrivacy}
		return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Erase(c) }
	}
	c := domain.Acknowledge{Actor: actor, Message: message, Read: kind == 8}
	return func(s *domain.State) (domain.Decision, *domain.Refusal) { return s.Acknowledge(c) }
}
