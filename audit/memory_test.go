package audit_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// memory is a log in memory that obeys the domain's rules, as servers would have written it.
type memory struct {
	t        testing.TB
	state    *domain.State
	events   []domain.Event
	versions map[domain.StreamID]domain.Version
	keys     map[domain.Key]bool
	key      *logkey.Key
	tree     merkle.Range
	sealed   domain.Position
	ids      uint64
	now      time.Time
	strict   bool // what is refused fails the test

	users         []domain.ID
	conversations []domain.ID
	messages      []domain.MessageRef
	blocked       []kept
	work          work
}

func newMemory(t testing.TB) *memory {
	t.Helper()
	m := &memory{
		t: t, state: domain.NewState(), key: newKey(t, origin), now: time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC),
		versions: make(map[domain.StreamID]domain.Version), keys: make(map[domain.Key]bool),
	}
	m.add(domain.Draft{Stream: domain.LogStream, Data: &domain.LogCreated{
		LogID: m.id(), Origin: origin, PublicKey: m.key.Verifier,
	}}, domain.Actor{Auth: domain.AuthSystem})
	return m
}

// id gives ids in ascending order.
func (m *memory) id() domain.ID {
	m.ids++
	id := domain.ID{0: 1, 6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint64(id[8:], 0x8000_0000_0000_0000|m.ids)
	return id
}

func (m *memory) add(draft domain.Draft, actor domain.Actor) domain.Event {
	encoded, err := domain.Encode(draft.Data, actor)
	if err != nil {
		m.t.Fatal(err)
	}
	m.versions[draft.Stream]++
	m.now = m.now.Add(time.Millisecond)
	e := domain.Event{
		Position: domain.Position(len(m.events) + 1), ID: m.id(), Stream: draft.Stream, Version: m.versions[draft.Stream],
		Type: encoded.Type, Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body, RecordedAt: m.now,
	}
	e.LeafHash = merkle.LeafHash(eventstore.Leaf(e))
	m.tree.Append(e.LeafHash)
	m.events = append(m.events, e)
	if draft.Erases > 0 {
		m.events[draft.Erases-1].Body = nil
	}
	if err := m.state.Apply(e); err != nil {
		m.t.Fatal(err)
	}
	return e
}

// append appends a decision unless it is refused or repeats another.
func (m *memory) append(d domain.Decision, r *domain.Refusal) bool {
	if r != nil || len(d.Drafts) == 0 {
		if m.strict {
			m.t.Fatalf("refused: %v", r)
		}
		return false
	}
	for _, k := range d.Keys {
		if m.keys[k] {
			return false
		}
	}
	for _, k := range append(d.Keys, d.Claims...) {
		m.keys[k] = true
	}
	for _, draft := range d.Drafts {
		m.add(draft, d.Actor)
	}
	return true
}

func (m *memory) user(name string, role domain.Role) domain.ID {
	id := m.id()
	m.append(m.state.Register(domain.RegisterUser{Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: id, Name: name, Role: role}))
	m.users = append(m.users, id)
	return id
}

func (m *memory) group(title string, starter domain.ID, others ...domain.ID) domain.ID {
	d, id, r := m.state.Start(domain.StartConversation{Actor: by(starter), ID: m.id(), ParticipantIDs: others, Title: title})
	if m.append(d, r) {
		m.conversations = append(m.conversations, id)
	}
	return id
}

func (m *memory) say(conversation, sender domain.ID, content string) domain.MessageRef {
	return m.sent(m.state.Send(domain.SendMessage{
		Actor: by(sender), ConversationID: conversation, Content: content, MessageID: m.id(), Salt: domain.Salt(m.id()),
	}))
}

func (m *memory) write(receiver, sender domain.ID, content string) domain.MessageRef {
	return m.sent(m.state.Send(domain.SendMessage{
		Actor: by(sender), ReceiverID: receiver, Content: content, MessageID: m.id(), NewConversationID: m.id(),
		ClientMessageID: m.id().String(), Salt: domain.Salt(m.id()),
	}))
}

func (m *memory) sent(d domain.Decision, r *domain.Refusal) domain.MessageRef {
	if !m.append(d, r) {
		return domain.MessageRef{}
	}
	for _, draft := range d.Drafts {
		if started, opens := draft.Data.(*domain.ConversationStarted); opens {
			m.conversations = append(m.conversations, started.ConversationID)
		}
	}
	ref := sentBy(d, domain.Position(len(m.events)))
	m.messages = append(m.messages, ref)
	return ref
}

func (m *memory) join(actor, conversation, user domain.ID) {
	m.append(m.state.Add(domain.AddParticipant{Actor: by(actor), ConversationID: conversation, UserID: user}))
}

func (m *memory) leave(actor, conversation, user domain.ID) {
	m.append(m.state.Remove(domain.RemoveParticipant{Actor: by(actor), ConversationID: conversation, UserID: user}))
}

func (m *memory) acknowledge(user domain.ID, message domain.MessageRef, read bool) {
	m.append(m.state.Acknowledge(domain.Acknowledge{Actor: by(user), Message: message, Read: read}))
}

func (m *memory) erase(actor domain.ID, message domain.MessageRef) {
	m.append(m.state.Erase(domain.EraseContent{Actor: by(actor), Message: message, Reason: domain.ReasonPrivacy}))
}

func (m *memory) block(user, other domain.ID) {
	m.append(m.state.Block(domain.BlockUser{Actor: by(user), UserID: other}))
}

func (m *memory) unblock(user, other domain.ID) {
	m.append(m.state.Unblock(domain.BlockUser{Actor: by(user), UserID: other}))
}

func (m *memory) deactivate(user domain.ID) {
	m.append(m.state.Deactivate(domain.DeactivateUser{Actor: domain.Actor{Auth: domain.AuthCLI}, UserID: user}))
}

func (m *memory) seal() {
	checkpoint, err := merkle.Checkpoint{Origin: origin, Size: m.tree.Size(), Root: m.tree.Root()}.Sign(m.key)
	if err != nil {
		m.t.Fatal(err)
	}
	b := domain.Batch{First: m.sealed + 1, Last: domain.Position(m.tree.Size()), Root: m.tree.Root(), Checkpoint: checkpoint}
	m.sealed = b.Last
	m.append(m.state.Seal(b), nil)
}

// by is an actor whose session has no id.
func by(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthToken} }

// claimingSource is a source that says how long its log ought to be, and what is wrong with itself.
type claimingSource interface {
	audit.Source
	Claims() []audit.Claim
	Findings() []audit.Finding
}

// auditSource audits what a source gives, and returns the events beside the findings of both.
func auditSource(t testing.TB, source claimingSource) ([]domain.Event, []audit.Finding) {
	t.Helper()
	auditor := audit.New(audit.Options{TempDir: t.TempDir()})
	defer auditor.Close()
	var all []domain.Event
	for {
		events, err := source.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := auditor.Check(events); err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			all = append(all, domain.Event{
				Position: e.Position, ID: e.ID, Stream: e.Stream, Version: e.Version, Type: e.Type,
				Payload: bytes.Clone(e.Payload), Metadata: bytes.Clone(e.Metadata), Body: bytes.Clone(e.Body),
				RecordedAt: e.RecordedAt, LeafHash: e.LeafHash,
			})
		}
	}
	summary, err := auditor.Finish(source.Claims())
	if err != nil {
		t.Fatal(err)
	}
	return all, append(summary.Findings, source.Findings()...)
}
