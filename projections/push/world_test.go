package push_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/projections/push"
)

// world is a log in memory that takes decisions as the real one does: keys refuse repeats,
// versions count per stream, an erasure takes the body away.
type world struct {
	tb    testing.TB
	state *domain.State
	ids   uint64
	admin domain.ID // who reviews what the guard blocks, once the world is guarded

	mu       sync.Mutex
	events   []domain.Event
	versions map[domain.StreamID]domain.Version
	keys     map[domain.Key]bool
	messages []domain.MessageRef
	erased   map[domain.ID]bool
	more     chan struct{} // closed and made anew by each append

	tablesAt func() domain.Position // the state tables' offset; nil: the head
	mirror   func(domain.Decision)  // appends it elsewhere too; nil: nowhere
}

var start = time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)

func newWorld(tb testing.TB) *world {
	return &world{
		tb: tb, state: domain.NewState(), versions: map[domain.StreamID]domain.Version{},
		keys: map[domain.Key]bool{}, erased: map[domain.ID]bool{}, more: make(chan struct{}),
	}
}

func (w *world) id() domain.ID {
	w.ids++
	return number(w.ids)
}

// number makes an id that a reader of a test recognises.
func number(n uint64) domain.ID {
	id := domain.ID{6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

func (w *world) append(d domain.Decision) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range d.Keys {
		if w.keys[k] {
			return false
		}
	}
	for _, k := range slices.Concat(d.Keys, d.Claims) {
		w.keys[k] = true
	}
	if w.mirror != nil && len(d.Drafts) > 0 {
		w.mirror(d)
	}
	for _, draft := range d.Drafts {
		w.store(draft, d.Actor)
	}
	close(w.more)
	w.more = make(chan struct{})
	return len(d.Drafts) > 0
}

func (w *world) store(draft domain.Draft, actor domain.Actor) {
	raw, err := domain.Encode(draft.Data, actor)
	if err != nil {
		w.tb.Fatal(err)
	}
	w.versions[draft.Stream]++
	at := domain.Position(len(w.events) + 1)
	e := domain.Event{
		Position: at, Stream: draft.Stream, Version: w.versions[draft.Stream],
		Type: raw.Type, Payload: raw.Payload, Metadata: raw.Metadata, Body: raw.Body,
		RecordedAt: start.Add(time.Duration(at) * 10 * time.Millisecond),
	}
	w.events = append(w.events, e)
	if m, ok := draft.Data.(*domain.MessageSent); ok {
		w.messages = append(w.messages, domain.MessageRef{
			ID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, Position: at,
		})
	}
	if draft.Erases > 0 {
		w.events[draft.Erases-1].Body = nil
		w.erased[draft.Data.(*domain.ContentErased).MessageID] = true
	}
	if err := w.state.Apply(e); err != nil {
		w.tb.Fatal(err)
	}
}

// raw stores an event that no decision leads to.
func (w *world) raw(e domain.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Position, e.RecordedAt = domain.Position(len(w.events)+1), start
	w.events = append(w.events, e)
	w.state.Position = e.Position
}

func (w *world) user() domain.ID {
	w.tb.Helper()
	id := w.id()
	d, r := w.state.Register(domain.RegisterUser{UserID: id, Name: "a", Role: domain.RoleMember})
	w.must(r)
	w.append(d)
	return id
}

func (w *world) group(title string, starter domain.ID, others ...domain.ID) domain.ID {
	w.tb.Helper()
	d, id, r := w.state.Start(domain.StartConversation{
		Actor: as(starter), ID: w.id(), ParticipantIDs: others, Title: title,
	})
	w.must(r)
	w.append(d)
	return id
}

// say sends to a conversation, or to a person who then is the receiver.
func (w *world) say(sender, conversation, receiver domain.ID, content string) domain.MessageRef {
	w.tb.Helper()
	d, r := w.state.Send(domain.SendMessage{
		Actor: as(sender), ConversationID: conversation, ReceiverID: receiver, Content: content,
		ClientMessageID: "c-" + content, MessageID: w.id(), NewConversationID: w.id(), Salt: domain.Salt{15: 0xab},
	})
	w.must(r)
	if !w.append(d) {
		w.tb.Fatalf("%q was sent before", content)
	}
	return w.messages[len(w.messages)-1]
}

// ack reports whether the receipt was news.
func (w *world) ack(user domain.ID, m domain.MessageRef, read bool) bool {
	d, r := w.state.Acknowledge(domain.Acknowledge{Actor: as(user), Message: m, Read: read})
	return r == nil && w.append(d)
}

func (w *world) erase(m domain.MessageRef) {
	d, r := w.state.Erase(domain.EraseContent{Actor: as(m.SenderID), Message: m, Reason: domain.ReasonSender})
	if r == nil {
		w.append(d)
	}
}

func (w *world) add(by, conversation, user domain.ID) {
	if d, r := w.state.Add(domain.AddParticipant{Actor: as(by), ConversationID: conversation, UserID: user}); r == nil {
		w.append(d)
	}
}

func (w *world) remove(by, conversation, user domain.ID) {
	if d, r := w.state.Remove(domain.RemoveParticipant{Actor: as(by), ConversationID: conversation, UserID: user}); r == nil {
		w.append(d)
	}
}

func as(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthCLI} }

func (w *world) must(r *domain.Refusal) {
	w.tb.Helper()
	if r != nil {
		w.tb.Fatal(r)
	}
}

func (w *world) all() []domain.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.events)
}

func (w *world) Head() domain.Position { return domain.Position(len(w.all())) }

func (w *world) ReadDeciding(_ context.Context, after domain.Position, limit int) ([]domain.Event, error) {
	return w.pick(limit, func(e domain.Event) bool { return e.Position > after && e.Type.Deciding() }), nil
}

func (w *world) At(_ context.Context, positions ...domain.Position) ([]domain.Event, error) {
	return w.pick(len(positions), func(e domain.Event) bool { return slices.Contains(positions, e.Position) }), nil
}

// pageLimit is small, so that pages end everywhere.
const pageLimit = 3

func (w *world) ReadStreams(
	_ context.Context, streams []domain.StreamID, after, upTo domain.Position, _ int,
) ([]domain.Event, domain.Position, error) {
	if len(streams) == 0 {
		return nil, 0, errors.New("no streams")
	}
	page := w.pick(pageLimit, func(e domain.Event) bool {
		return e.Position > after && e.Position <= upTo && slices.Contains(streams, e.Stream)
	})
	if len(page) < pageLimit {
		return page, upTo, nil
	}
	return page, page[len(page)-1].Position, nil
}

func (w *world) pick(limit int, want func(domain.Event) bool) []domain.Event {
	var picked []domain.Event
	for _, e := range w.all() {
		if len(picked) < limit && want(e) {
			picked = append(picked, e)
		}
	}
	return picked
}

// tail follows the world, a few events at a time.
type tail struct {
	w     *world
	after domain.Position
	size  int // of a batch; 0: all there is
}

func (t *tail) Next(ctx context.Context) ([]domain.Event, error) {
	for {
		t.w.mu.Lock()
		events, more := slices.Clone(t.w.events[t.after:]), t.w.more
		t.w.mu.Unlock()
		if t.size > 0 {
			events = events[:min(t.size, len(events))]
		}
		if len(events) > 0 {
			t.after += domain.Position(len(events))
			return events, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-more:
		}
	}
}

func (w *world) offset() domain.Position {
	if w.tablesAt != nil {
		return w.tablesAt()
	}
	return w.Head()
}

// receipts folds the receipts up to an offset, as the state tables do.
func (w *world) receipts(offset domain.Position) map[[2]domain.ID]push.Receipt {
	rows := map[[2]domain.ID]push.Receipt{}
	put := func(e domain.Event, message, user domain.ID, read bool) {
		r, known := rows[[2]domain.ID{message, user}]
		if !known {
			r = push.Receipt{Message: message, User: user, Delivered: e.RecordedAt}
		}
		if read {
			r.Read = e.RecordedAt
		}
		rows[[2]domain.ID{message, user}] = r
	}
	for _, e := range w.all()[:offset] {
		data, _ := domain.Decode(e)
		switch d := data.(type) {
		case *domain.MessageDelivered:
			put(e, d.MessageID, d.UserID, false)
		case *domain.MessageRead:
			put(e, d.MessageID, d.UserID, true)
		}
	}
	return rows
}

func (w *world) Receipts(_ context.Context, messages []domain.ID) ([]push.Receipt, domain.Position, error) {
	offset := w.offset()
	var rows []push.Receipt
	for key, r := range w.receipts(offset) {
		if slices.Contains(messages, key[0]) {
			rows = append(rows, r)
		}
	}
	return rows, offset, nil
}

func (w *world) Undelivered(
	_ context.Context, user domain.ID, after, upTo domain.Position, limit int,
) ([]domain.Position, domain.Position, error) {
	offset := w.offset()
	rows := w.receipts(offset)
	var positions []domain.Position
	for _, m := range w.messages {
		_, acknowledged := rows[[2]domain.ID{m.ID, user}]
		saw := w.state.Conversation(m.ConversationID).Saw(user, m.Position)
		if m.Position > after && m.Position <= min(upTo, offset) && m.SenderID != user && saw && !acknowledged &&
			len(positions) < min(limit, pageLimit) {
			positions = append(positions, m.Position)
		}
	}
	return positions, offset, nil
}
