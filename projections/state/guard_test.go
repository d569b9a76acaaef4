package state_test

import (
	"testing"

	"chainmail/domain"
)

func (h *history) install(policy string) {
	hash := domain.BodyHash([]byte(policy))
	h.append(h.state.InstallPolicy(domain.GuardPolicyInstalled{PolicyHash: hash, Policy: policy}), nil)
}

// verdict is by the policy that was installed.
func (h *history) verdict(blocked bool, reasons ...domain.RiskReason) domain.Verdict {
	return domain.Verdict{PolicyHash: h.state.Policy().PolicyHash, Blocked: blocked, RiskScore: 0.75, Reasons: reasons}
}

// say is what somebody wishes to send: to a conversation, or else to the receiver.
func (h *history) say(sender, conversation, receiver domain.ID, content string, v domain.Verdict) domain.SendMessage {
	return domain.SendMessage{
		Actor: as(sender), ConversationID: conversation, ReceiverID: receiver, Content: content, Verdict: v,
		MessageID: h.id(), NewConversationID: h.id(),
	}
}

// keepBack has the guard block what somebody wishes to send.
func (h *history) keepBack(c domain.SendMessage) domain.MessageRef {
	if !h.append(h.state.Send(c)) {
		return domain.MessageRef{}
	}
	data, err := domain.Decode(h.events[len(h.events)-1])
	if err != nil {
		panic(err)
	}
	b := data.(*domain.MessageBlocked)
	h.blocked, h.blockedAt = append(h.blocked, b), append(h.blockedAt, domain.Position(len(h.events)))
	return blockedRef(b, domain.Position(len(h.events)))
}

func blockedRef(b *domain.MessageBlocked, at domain.Position) domain.MessageRef {
	ref := domain.MessageRef{ID: b.MessageID, SenderID: b.SenderID, Position: at, Blocked: true}
	if b.ConversationID != nil {
		ref.ConversationID = *b.ConversationID
	}
	return ref
}

// release sends the nth blocked message after all.
func (h *history) release(admin domain.ID, n int) domain.MessageRef {
	return h.sent(h.state.Release(domain.ReleaseMessage{
		Actor: as(admin), Blocked: h.blocked[n], Position: h.blockedAt[n], MessageID: h.id(), NewConversationID: h.id(),
	}))
}

// The rows of a blocked message through its life, each step in a batch of its own.
func TestLifeOfABlockedMessage(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob, admin := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember), h.register("Root", domain.RoleAdmin)
	h.install("strict")
	const messages = `
		SELECT string_agg(concat_ws(' ', coalesce(content, '-'), was_blocked, coalesce(seq::text, '-'), conversation_id IS NULL,
			recipients, is_delivered, is_read, risk_score, salt IS NULL, erased_at IS NULL), ', ' ORDER BY position)
		FROM messages`
	const review = `
		SELECT concat_ws(' ', s.name, r.name, b.conversation_id IS NULL, b.position = m.position, b.policy_hash = $1,
			b.reasons, b.model, a.name, b.released_at > m.created_at, b.released_id = (SELECT id FROM messages WHERE seq IS NOT NULL))
		FROM blocked_messages AS b
		JOIN messages AS m ON m.id = b.message_id
		JOIN users AS s ON s.id = b.sender_id
		LEFT JOIN users AS r ON r.id = b.receiver_id
		LEFT JOIN users AS a ON a.id = b.released_by`
	const why = ` Ann Bob t t t [{"rule":"shouting","weight":0.75}] {"model":"small","label":null,"score":null,"failure":"timeout"}`
	failure := "timeout"
	var blocked, sent domain.MessageRef
	steps := []struct {
		name             string
		do               func()
		messages, review string
		conversations    string
	}{
		{"blocked", func() {
			v := h.verdict(true, domain.RiskReason{Rule: "shouting", Weight: 0.75})
			v.Model = &domain.ModelOpinion{Model: "small", Failure: &failure}
			blocked = h.keepBack(h.say(ann, domain.ID{}, bob, "SEND", v))
		}, "SEND t - t 0 f f 0.75 f t", why, "0"},
		{"released", func() { sent = h.release(admin, 0) },
			"SEND t - t 0 f f 0.75 f t, SEND f 2 f 1 f f 0.75 f t", why + " Root t t", "1"},
		{"read", func() { h.read(bob, sent) },
			"SEND t - t 0 f f 0.75 f t, SEND f 2 f 1 t t 0.75 f t", why + " Root t t", "1"},
		{"erased", func() { h.erase(ann, blocked) },
			"- t - t 0 f f 0.75 t f, - f 2 f 1 t t 0.75 t f", why + " Root t t", "1"},
	}
	mustApply(t, db, h.events)
	for _, step := range steps {
		before := len(h.events)
		step.do()
		mustApply(t, db, h.events[before:])
		if got := row(t, db, messages); got != step.messages {
			t.Errorf("%s: messages %q, want %q", step.name, got, step.messages)
		}
		if got := " " + row(t, db, review, h.state.Policy().PolicyHash); got != step.review {
			t.Errorf("%s: review %q, want %q", step.name, got, step.review)
		}
		if got := row(t, db, `SELECT count(*) FROM conversations`); got != step.conversations {
			t.Errorf("%s: %s conversations, want %s", step.name, got, step.conversations)
		}
	}
}

// A message that is blocked in a conversation changes nothing of what others see there.
func TestBlockedInAConversation(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob, cid := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember), h.register("Cid", domain.RoleMember)
	h.install("strict")
	direct, group := h.start("", ann, bob), h.start("us", ann, bob, cid)
	h.deliver(bob, h.send(ann, direct, "one", ""))
	h.send(ann, direct, "two", "")
	h.send(cid, group, "three", "")
	mustApply(t, db, h.events)
	seen := func() string {
		t.Helper()
		const query = `
			SELECT (SELECT string_agg(c::text, ',' ORDER BY c.id) FROM conversations AS c)
				|| (SELECT string_agg(p::text, ',' ORDER BY p.conversation_id, p.user_id) FROM conversation_participants AS p)
				|| (SELECT count(*) FROM message_receipts)`
		return row(t, db, query)
	}
	want := seen()
	before := len(h.events)
	first := h.keepBack(h.say(ann, direct, domain.ID{}, "blocked", h.verdict(true)))
	h.keepBack(h.say(ann, group, domain.ID{}, "blocked", h.verdict(true)))
	h.keepBack(h.say(ann, group, domain.ID{}, "blocked too", h.verdict(true)))
	h.erase(ann, first)
	mustApply(t, db, h.events[before:])
	if got := seen(); got != want {
		t.Errorf("it changed conversations:\n%s\nwant\n%s", got, want)
	}
	const rows = `
		SELECT string_agg(concat_ws(' ', c.title, r.name, m.content, m.client_message_id, b.reasons), ', ' ORDER BY b.position)
		FROM blocked_messages AS b
		JOIN messages AS m ON m.id = b.message_id AND m.conversation_id = b.conversation_id
		JOIN conversations AS c ON c.id = b.conversation_id
		LEFT JOIN users AS r ON r.id = b.receiver_id`
	if got, want := row(t, db, rows), "Bob [], us blocked [], us blocked too []"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := unread(t, db, bob, direct, group); got[direct] != 2 || got[group] != 1 {
		t.Errorf("unread %v, want 2 and 1", got)
	}
}

// A batch may have a message's whole story, with the bodies or, where they were erased before it was read, without.
func TestBlockedReleasedAndErasedInOneBatch(t *testing.T) {
	t.Parallel()
	h := newHistory()
	ann, bob, admin := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember), h.register("Root", domain.RoleAdmin)
	h.install("strict")
	blocked := h.keepBack(h.say(ann, domain.ID{}, bob, "SEND", h.verdict(true)))
	h.deliver(bob, h.release(admin, 0))
	h.erase(admin, blocked)
	for name, bodies := range map[string]bool{"with bodies": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			events := make([]domain.Event, len(h.events))
			for i, e := range h.events {
				if !bodies && (e.Type == domain.TypeMessageBlocked || e.Type == domain.TypeMessageSent) {
					e.Body = nil
				}
				events[i] = e
			}
			db := open(t)
			mustApply(t, db, events)
			const query = `
				SELECT string_agg(concat_ws(' ', m.seq, m.was_blocked, m.is_delivered, m.content IS NULL, m.salt IS NULL,
					m.erased_at > m.created_at, b.released_by IS NOT NULL), ', ' ORDER BY m.position)
				FROM messages AS m
				LEFT JOIN blocked_messages AS b ON b.message_id = m.id`
			if got, want := row(t, db, query), "t f t t t t, 2 f t t t t f"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got := unread(t, db, bob, h.conversations[0])[h.conversations[0]]; got != 0 {
				t.Errorf("%d unread, want none: it was erased", got)
			}
		})
	}
}

// A policy and the reasons of what was sent are in the log alone.
func TestEventsWithoutARow(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember)
	h.install("strict")
	h.sent(h.state.Send(h.say(ann, domain.ID{}, bob, "HELLO", h.verdict(false, domain.RiskReason{Rule: "shouting", Weight: 0.75}))))
	if got := h.events[len(h.events)-2].Type; got != domain.TypeMessageJudged {
		t.Fatalf("before the message stands %s, want its judgement", got)
	}
	mustApply(t, db, h.events)
	const query = `
		SELECT concat_ws(' ', content, seq, recipients, was_blocked, risk_score, (SELECT count(*) FROM blocked_messages))
		FROM messages`
	if got, want := row(t, db, query), "HELLO 2 1 f 0.75 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
