package state_test

import (
	"encoding/binary"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// history is a log in memory that obeys the domain's rules.
type history struct {
	state    *domain.State
	events   []domain.Event
	versions map[domain.StreamID]domain.Version
	keys     map[domain.Key]bool
	ids      uint64

	users         []domain.ID
	conversations []domain.ID
	messages      []domain.MessageRef
	blocked       []*domain.MessageBlocked
	blockedAt     []domain.Position // of blocked, one each
}

func newHistory() *history {
	return &history{
		state:    domain.NewState(),
		versions: make(map[domain.StreamID]domain.Version),
		keys:     make(map[domain.Key]bool),
	}
}

// id gives ids in ascending order.
func (h *history) id() domain.ID {
	h.ids++
	id := domain.ID{6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint64(id[8:], 0x8000_0000_0000_0000|h.ids)
	return id
}

// append puts a decision into the log unless one of its keys is taken.
func (h *history) append(d domain.Decision, r *domain.Refusal) bool {
	if r != nil || len(d.Drafts) == 0 {
		return false
	}
	for _, k := range d.Keys {
		if h.keys[k] {
			return false
		}
	}
	for _, k := range append(d.Keys, d.Claims...) {
		h.keys[k] = true
	}
	for _, draft := range d.Drafts {
		h.add(draft.Stream, draft.Data, d.Actor)
	}
	return true
}

func (h *history) add(stream domain.StreamID, data domain.Data, actor domain.Actor) domain.Event {
	encoded, err := domain.Encode(data, actor)
	if err != nil {
		panic(err)
	}
	h.versions[stream]++
	position := domain.Position(len(h.events) + 1)
	e := domain.Event{
		Position: position, Stream: stream, Version: h.versions[stream], Type: encoded.Type,
		Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		RecordedAt: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(position) * time.Microsecond),
	}
	h.events = append(h.events, e)
	if err := h.state.Apply(e); err != nil {
		panic(err)
	}
	return e
}

func as(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthToken} }

func (h *history) register(name string, role domain.Role) domain.ID {
	id := h.id()
	wallet := ""
	if h.ids%2 == 0 {
		wallet = fmt.Sprintf("0x%040X", h.ids)
	}
	h.append(h.state.Register(domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: id, Name: name, WalletAddress: wallet, Role: role,
	}))
	h.users = append(h.users, id)
	return id
}

func (h *history) start(title string, starter domain.ID, others ...domain.ID) domain.ID {
	d, id, r := h.state.Start(domain.StartConversation{
		Actor: as(starter), ID: h.id(), ParticipantIDs: others, Title: title,
	})
	if h.append(d, r) {
		h.conversations = append(h.conversations, id)
	}
	return id
}

func (h *history) send(sender, conversation domain.ID, content, clientID string) domain.MessageRef {
	return h.sent(h.state.Send(domain.SendMessage{
		Actor: as(sender), ConversationID: conversation, Content: content, ClientMessageID: clientID, MessageID: h.id(),
	}))
}

func (h *history) write(sender, receiver domain.ID, content string) domain.MessageRef {
	return h.sent(h.state.Send(domain.SendMessage{
		Actor: as(sender), ReceiverID: receiver, Content: content, MessageID: h.id(), NewConversationID: h.id(),
	}))
}

// sent takes note of what a decision sends and opens, and returns the message that was sent.
func (h *history) sent(d domain.Decision, r *domain.Refusal) domain.MessageRef {
	before := len(h.events)
	if !h.append(d, r) {
		return domain.MessageRef{}
	}
	var ref domain.MessageRef
	for _, e := range h.events[before:] {
		data, err := domain.Decode(e)
		if err != nil {
			panic(err)
		}
		switch m := data.(type) {
		case *domain.ConversationStarted:
			h.conversations = append(h.conversations, m.ConversationID)
		case *domain.MessageSent:
			ref = domain.MessageRef{ID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, Position: e.Position}
			h.messages = append(h.messages, ref)
		}
	}
	return ref
}

func (h *history) join(by, conversation, user domain.ID) {
	h.append(h.state.Add(domain.AddParticipant{Actor: as(by), ConversationID: conversation, UserID: user}))
}

func (h *history) leave(by, conversation, user domain.ID) {
	h.append(h.state.Remove(domain.RemoveParticipant{Actor: as(by), ConversationID: conversation, UserID: user}))
}

func (h *history) deliver(user domain.ID, m domain.MessageRef) {
	h.append(h.state.Acknowledge(domain.Acknowledge{Actor: as(user), Message: m}))
}

func (h *history) read(user domain.ID, m domain.MessageRef) {
	h.append(h.state.Acknowledge(domain.Acknowledge{Actor: as(user), Message: m, Read: true}))
}

func (h *history) erase(by domain.ID, m domain.MessageRef) {
	h.append(h.state.Erase(domain.EraseContent{Actor: as(by), Message: m, Reason: domain.ReasonPrivacy}))
}

func (h *history) block(user, other domain.ID) {
	h.append(h.state.Block(domain.BlockUser{Actor: as(user), UserID: other}))
}

func (h *history) unblock(user, other domain.ID) {
	h.append(h.state.Unblock(domain.BlockUser{Actor: as(user), UserID: other}))
}

func (h *history) deactivate(user domain.ID) {
	h.append(h.state.Deactivate(domain.DeactivateUser{Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: user}))
}

// randomHistory draws some hundred commands of a few people, dense enough that they meet.
func randomHistory(t *rapid.T) *history {
	h := newHistory()
	h.add(domain.LogStream, &domain.LogCreated{LogID: h.id(), Origin: "example.org", PublicKey: "key"}, domain.Actor{Auth: domain.AuthSystem})
	admin := h.register("Root Admin", domain.RoleAdmin)
	for i := range 4 {
		h.register(fmt.Sprintf("Ünal %d", i), domain.RoleMember)
	}
	h.start("", h.users[1], h.users[2])
	h.start("all", h.users[1], h.users[2], h.users[3])
	h.install("strict")
	reason := domain.RiskReason{Rule: "shouting", Weight: 0.75}
	user := func() domain.ID { return rapid.SampledFrom(h.users).Draw(t, "user") }
	conversation := func() domain.ID { return rapid.SampledFrom(h.conversations).Draw(t, "conversation") }
	message := func() domain.MessageRef {
		if len(h.messages) == 0 {
			return domain.MessageRef{}
		}
		recent := h.messages[max(0, len(h.messages)-8):]
		return rapid.SampledFrom(recent).Draw(t, "message")
	}
	for range rapid.IntRange(0, 150).Draw(t, "commands") {
		switch n := rapid.IntRange(0, 119).Draw(t, "command"); {
		case n < 30:
			h.send(user(), conversation(), "content", "")
		case n < 35:
			h.write(user(), user(), "to you")
		case n < 55:
			h.deliver(user(), message())
		case n < 70:
			h.read(user(), message())
		case n < 75:
			if len(h.messages) > 0 {
				h.erase(admin, message())
			}
		case n < 82:
			h.join(user(), conversation(), user())
		case n < 89:
			u := user()
			h.leave(u, conversation(), u)
		case n < 92:
			h.block(user(), user())
		case n < 95:
			h.unblock(user(), user())
		case n < 97:
			h.start("group", user(), user(), user(), user())
		case n < 98:
			h.deactivate(rapid.SampledFrom(h.users[3:]).Draw(t, "leaver"))
		case n < 100:
			h.register("Newcomer", domain.RoleMember)
		case n < 103:
			h.sent(h.state.Send(h.say(user(), conversation(), domain.ID{}, "CONTENT", h.verdict(false, reason))))
		case n < 107:
			h.keepBack(h.say(user(), conversation(), domain.ID{}, "blocked", h.verdict(true, reason)))
		case n < 111:
			h.keepBack(h.say(user(), domain.ID{}, user(), "blocked before", h.verdict(true, reason)))
		case n < 112:
			h.install("stricter still")
		case len(h.blocked) == 0:
		case n < 116:
			h.release(admin, rapid.IntRange(0, len(h.blocked)-1).Draw(t, "blocked"))
		default:
			one := rapid.IntRange(0, len(h.blocked)-1).Draw(t, "blocked")
			h.erase(admin, blockedRef(h.blocked[one], h.blockedAt[one]))
		}
	}
	return h
}
