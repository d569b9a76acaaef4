package audit_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

const origin = "audit.test/log"

// history writes a log as servers do: decisions on the state, appended by the event store, sealed.
type history struct {
	t     rapid.TB
	db    *pgtest.DB // nil in memory
	log   appender
	state *domain.State
	key   *logkey.Key
	first string // the verifier key of LogCreated
	tree  merkle.Range
	last  domain.Position // of the last seal's batch
	sent  int

	forging bool // what the rules forbid is appended all the same
}

type appender interface {
	Append(ctx context.Context, decisions ...domain.Decision) ([]eventstore.Result, error)
}

// newHistory begins a log in a database of its own.
func newHistory(t testing.TB) *history {
	t.Helper()
	db := pgtest.New(t)
	h := begin(t, eventstoretest.Open(t, db.DSN))
	h.db = db
	return h
}

func begin(t rapid.TB, log appender) *history {
	t.Helper()
	h := &history{t: t, log: log, state: domain.NewState(), key: newKey(t, origin)}
	h.first = h.key.Verifier
	h.append(domain.Decision{
		Actor: domain.Actor{Auth: domain.AuthSystem}, Keys: []domain.Key{domain.LogKey()},
		Drafts: []domain.Draft{{Stream: domain.LogStream, Data: &domain.LogCreated{
			LogID: newID(), Origin: origin, PublicKey: h.first,
		}}},
	})
	return h
}

func newKey(t rapid.TB, origin string) *logkey.Key {
	t.Helper()
	_, key, err := logkey.Generate(origin)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func as(user domain.ID) domain.Actor {
	return domain.Actor{ID: user, SessionID: newID(), Auth: domain.AuthWallet}
}

// append appends decisions that nothing speaks against, and returns their events.
func (h *history) append(decisions ...domain.Decision) []domain.Event {
	h.t.Helper()
	results, err := h.log.Append(context.Background(), decisions...)
	if err != nil {
		h.t.Fatal(err)
	}
	var events []domain.Event
	for i, r := range results {
		if len(r.Events) != len(decisions[i].Drafts) && r.Duplicate == 0 {
			h.t.Fatalf("refused: %+v", decisions[i].Drafts)
		}
		events = append(events, r.Events...)
	}
	for _, e := range events {
		h.tree.Append(merkle.LeafHash(eventstore.Leaf(e)))
		if err := h.state.Apply(e); err != nil && !h.forging {
			h.t.Fatal(err)
		}
	}
	return events
}

// may appends what the rules allow, and returns the last event's position.
func (h *history) may(d domain.Decision, r *domain.Refusal) domain.Position {
	h.t.Helper()
	if r != nil {
		h.t.Fatal(r)
	}
	if events := h.append(d); len(events) > 0 {
		return events[len(events)-1].Position
	}
	h.t.Fatalf("a repeat: %+v", d.Drafts)
	return 0
}

func (h *history) user(name string, role domain.Role) domain.ID {
	h.t.Helper()
	id := newID()
	h.may(h.state.Register(domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: id, Name: name, Role: role,
		WalletAddress: fmt.Sprintf("0x%x%x", id[:4], id[:]), Salt: domain.Salt(newID()),
	}))
	return id
}

func (h *history) group(title string, starter domain.ID, others ...domain.ID) domain.ID {
	h.t.Helper()
	id := newID()
	d, _, r := h.state.Start(domain.StartConversation{
		Actor: as(starter), ID: id, ParticipantIDs: others, Title: title, Salt: domain.Salt(newID()),
	})
	h.may(d, r)
	return id
}

// send is the wish to say something, with all that is fresh in it.
func (h *history) send(sender domain.ID, content string) domain.SendMessage {
	h.sent++
	return domain.SendMessage{
		Actor: as(sender), Content: content, MessageID: newID(), NewConversationID: newID(),
		Salt: domain.Salt(newID()), ClientMessageID: fmt.Sprintf("c-%d", h.sent),
	}
}

func (h *history) say(conversation, sender domain.ID, content string) domain.MessageRef {
	h.t.Helper()
	c := h.send(sender, content)
	c.ConversationID = conversation
	at := h.may(h.state.Send(c))
	return domain.MessageRef{ID: c.MessageID, ConversationID: conversation, SenderID: sender, Position: at}
}

func (h *history) write(receiver, sender domain.ID, content string) domain.MessageRef {
	h.t.Helper()
	c := h.send(sender, content)
	c.ReceiverID = receiver
	at := h.may(h.state.Send(c))
	conversation := h.state.Direct(sender, receiver).ID
	return domain.MessageRef{ID: c.MessageID, ConversationID: conversation, SenderID: sender, Position: at}
}

func (h *history) acknowledged(m domain.MessageRef, user domain.ID) domain.Position {
	h.t.Helper()
	return h.may(h.state.Acknowledge(domain.Acknowledge{Actor: as(user), Message: m}))
}

func (h *history) seen(m domain.MessageRef, user domain.ID) domain.Position {
	h.t.Helper()
	return h.may(h.state.Acknowledge(domain.Acknowledge{Actor: as(user), Message: m, Read: true}))
}

func (h *history) erase(m domain.MessageRef, by domain.ID) domain.Position {
	h.t.Helper()
	return h.may(h.state.Erase(domain.EraseContent{Actor: as(by), Message: m, Reason: domain.ReasonPrivacy}))
}

// checkpoint signs the tree as it is.
func (h *history) checkpoint() string {
	h.t.Helper()
	signed, err := merkle.Checkpoint{Origin: origin, Size: h.tree.Size(), Root: h.tree.Root()}.Sign(h.key)
	if err != nil {
		h.t.Fatal(err)
	}
	return signed
}

// batch is what a seal of all events so far says.
func (h *history) batch() domain.Batch {
	h.t.Helper()
	return domain.Batch{
		First: h.last + 1, Last: domain.Position(h.tree.Size()), Root: h.tree.Root(), Checkpoint: h.checkpoint(),
	}
}

func (h *history) seal() domain.Position {
	h.t.Helper()
	b := h.batch()
	h.last = b.Last
	return h.append(h.state.Seal(b))[0].Position
}

func (h *history) rotate() domain.Position {
	h.t.Helper()
	next := newKey(h.t, origin)
	announced, err := logkey.Announce(h.key, next)
	if err != nil {
		h.t.Fatal(err)
	}
	h.key = next
	return h.append(h.state.RotateLogKey(domain.Actor{Auth: domain.AuthCLI}, announced))[0].Position
}
