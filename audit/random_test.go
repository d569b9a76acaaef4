package audit_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chainmail/audit"
	"chainmail/domain"
)

// Whatever the rules allow, sealed or not, is found to be in order.
func TestHistoriesAreClean(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		events := w.log.(*store).events
		options := audit.Options{TrustedKeys: []string{w.first}, Checkpoints: map[string]string{"now": w.checkpoint()}}
		s := auditEvents(t, events, options, audit.Claim{By: "somebody", Position: domain.Position(len(events))})
		if len(s.Findings) > 0 {
			t.Fatalf("%v", s.Findings)
		}
		if s.Sealed != w.last {
			t.Errorf("sealed to %d, want %d", s.Sealed, w.last)
		}
	})
}

// A bit of any column, changed, is a finding at its event.
func TestOneBitIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		events := slices.Clone(w.log.(*store).events)
		e := &events[rapid.IntRange(0, len(events)-1).Draw(t, "event")]
		before := *e
		flipOne(t, e)
		s := auditEvents(t, events, audit.Options{})
		if !slices.ContainsFunc(s.Findings, func(f audit.Finding) bool { return f.Position == before.Position }) {
			t.Fatalf("%+v\nbecame %+v\nbut found was only %v", before, *e, s.Findings)
		}
	})
}

func flipOne(t *rapid.T, e *domain.Event) {
	bit := rapid.IntRange(0, 1<<20).Draw(t, "bit")
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[bit/8%len(b)] ^= 1 << (bit % 8)
		return b
	}
	switch column := rapid.IntRange(0, 8).Draw(t, "column"); column {
	case 0:
		copy(e.ID[:], flip(e.ID[:]))
	case 1:
		e.Stream = domain.StreamID(flip([]byte(e.Stream)))
	case 2:
		e.Version ^= 1 << (bit % 64)
	case 3:
		e.Type = domain.Type(flip([]byte(e.Type)))
	case 4:
		e.Payload = flip(e.Payload)
	case 5:
		e.Metadata = flip(e.Metadata)
	case 6:
		e.RecordedAt = time.UnixMicro(e.RecordedAt.UnixMicro() ^ 1<<(bit%64))
	case 7:
		copy(e.LeafHash[:], flip(e.LeafHash[:]))
	case 8:
		if e.Body == nil {
			e.Body = []byte(`{}`)
			return
		}
		e.Body = flip(e.Body)
	}
}

// world is a history that several users make at random.
type world struct {
	*history
	users         []domain.ID
	conversations []domain.ID
	sent          []domain.MessageRef // and blocked
	kept          []kept
	work          work
}

func drawWorld(t *rapid.T) *world {
	w := &world{history: begin(t, newStore())}
	for i := range 5 {
		role := domain.RoleMember
		if i == 0 {
			role = domain.RoleAdmin
		}
		w.users = append(w.users, w.user("Somebody", role))
	}
	w.install("strict")
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		w.step(t)
	}
	return w
}

func (w *world) step(t *rapid.T) {
	switch rapid.IntRange(0, 20).Draw(t, "kind of step") {
	case 0:
		w.seal()
	case 1:
		w.rotate()
	default:
		d, r := w.drawDecision(t)
		if r != nil {
			return
		}
		for _, e := range w.append(d) {
			w.remember(t, e)
		}
	}
}

func (w *world) remember(t *rapid.T, e domain.Event) {
	d, err := domain.Decode(e)
	if err != nil {
		t.Fatal(err)
	}
	w.work.remember(d)
	switch d := d.(type) {
	case *domain.ConversationStarted:
		w.conversations = append(w.conversations, d.ConversationID)
	case *domain.MessageSent:
		w.sent = append(w.sent, domain.MessageRef{
			ID: d.MessageID, ConversationID: d.ConversationID, SenderID: d.SenderID, Position: e.Position,
		})
	case *domain.MessageBlocked:
		w.kept = append(w.kept, kept{d, e.Position})
		w.sent = append(w.sent, w.kept[len(w.kept)-1].ref())
	}
}

func (w *world) drawDecision(t *rapid.T) (domain.Decision, *domain.Refusal) {
	actor := as(rapid.SampledFrom(w.users).Draw(t, "actor"))
	user := rapid.SampledFrom(w.users).Draw(t, "user")
	conversation := rapid.SampledFrom(append(w.conversations, newID())).Draw(t, "conversation")
	kind := rapid.IntRange(0, 24).Draw(t, "kind")
	switch kind {
	case 0, 1:
		d, _, r := w.state.Start(domain.StartConversation{
			Actor: actor, ID: newID(), Salt: domain.Salt(newID()),
			ParticipantIDs: rapid.SliceOfN(rapid.SampledFrom(w.users), 1, 4).Draw(t, "others"),
			Title:          rapid.SampledFrom([]string{"", "Plans", "\"Plans\"\u2028"}).Draw(t, "title"),
		})
		return d, r
	case 2:
		return w.state.Add(domain.AddParticipant{Actor: actor, ConversationID: conversation, UserID: user})
	case 3:
		return w.state.Remove(domain.RemoveParticipant{Actor: actor, ConversationID: conversation, UserID: user})
	case 4:
		return w.state.Block(domain.BlockUser{Actor: actor, UserID: user})
	case 5:
		return w.state.Unblock(domain.BlockUser{Actor: actor, UserID: user})
	case 6:
		if rapid.IntRange(0, 3).Draw(t, "end") == 0 { // accounts end seldom
			return w.state.Deactivate(domain.DeactivateUser{Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: user})
		}
	case 7, 8, 9, 10:
		if len(w.sent) == 0 {
			break
		}
		m := rapid.SampledFrom(w.sent).Draw(t, "message")
		if kind == 10 {
			return w.state.Erase(domain.EraseContent{Actor: actor, Message: m, Reason: domain.ReasonPrivacy})
		}
		return w.state.Acknowledge(domain.Acknowledge{Actor: actor, Message: m, Read: kind == 9})
	case 11:
		return w.state.InstallPolicy(policyOf(rapid.SampledFrom([]string{"strict", "stricter"}).Draw(t, "policy"))), nil
	case 12, 13:
		if len(w.kept) == 0 {
			break
		}
		k := rapid.SampledFrom(w.kept).Draw(t, "kept back")
		return w.state.Release(domain.ReleaseMessage{
			Actor: as(w.users[0]), Blocked: k.data, Position: k.position, MessageID: newID(), NewConversationID: newID(),
		})
	}
	if kind > 18 {
		return w.work.draw(t, w.state, actor, user, fresh)
	}
	c := w.send(actor.ID, rapid.StringN(1, 20, -1).Draw(t, "content")+".")
	c.ClientMessageID = rapid.SampledFrom([]string{"", "", "c-1", "c-2"}).Draw(t, "client_message_id")
	if rapid.Bool().Draw(t, "judged") {
		c.Verdict = verdictBy(w.state, rapid.Bool().Draw(t, "blocked"))
	}
	if rapid.Bool().Draw(t, "to a person") {
		c.ReceiverID = user
	} else {
		c.ConversationID = conversation
	}
	return w.state.Send(c)
}
