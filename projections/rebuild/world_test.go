package rebuild_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/pgarray"
)

// world makes up what people do, so that a log can be of any length. What it makes obeys the domain's
// rules. Equal seeds give equal worlds.
type world struct {
	random        *rand.Rand
	ids           uint64
	users         []domain.ID
	conversations []*talk
	due           []domain.Draft // receipts that are yet to come, in order
	following     []domain.Draft // what comes next, since it was decided together with what came last
	erasable      []*domain.MessageSent
	blocked       []*domain.MessageBlocked      // that may be released yet
	positions     map[domain.ID]domain.Position // of messages, as far as anybody told
	projects      []*domain.ProjectCreated
	tasks         []*task
}

type talk struct {
	id      domain.ID
	members []domain.ID
	direct  bool
}

func newWorld(seed uint64) *world {
	return &world{random: rand.New(rand.NewPCG(seed, seed)), positions: make(map[domain.ID]domain.Position)}
}

// id gives ids in ascending order, as UUIDs of version 7 come.
func (w *world) id() domain.ID {
	w.ids++
	id := domain.ID{6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint64(id[:8], w.ids<<16|0x7000)
	binary.BigEndian.PutUint64(id[8:], 0x8000_0000_0000_0000|w.random.Uint64N(1<<60))
	return id
}

// settle makes users, direct conversations and groups.
func (w *world) settle(users, pairs, groups, size int) []domain.Draft {
	drafts := []domain.Draft{{Stream: domain.LogStream, Data: &domain.LogCreated{LogID: w.id(), Origin: "example.org", PublicKey: "key"}}}
	drafts = append(drafts, domain.Draft{Stream: domain.PolicyStream, Data: &domain.GuardPolicyInstalled{PolicyHash: policyHash, Policy: "strict"}})
	for i := range users {
		u := &domain.UserRegistered{UserID: w.id(), Role: domain.RoleMember, Name: fmt.Sprintf("Zoë %d %x", i, w.random.Uint32())}
		if i%2 == 0 {
			u.WalletAddress = fmt.Sprintf("0x%040x", i)
		}
		w.users = append(w.users, u.UserID)
		drafts = append(drafts, domain.Draft{Stream: domain.UserStream(u.UserID), Data: u})
	}
	for i := range pairs + groups {
		members := []domain.ID{w.user(), w.user()}
		if i >= pairs {
			members = append([]domain.ID(nil), w.users[i%(users-size):][:size]...)
		} else if members[0] == members[1] {
			continue
		}
		drafts = append(drafts, w.start(members, i < pairs))
	}
	return drafts
}

func (w *world) user() domain.ID { return w.users[w.random.IntN(len(w.users))] }

func (w *world) start(members []domain.ID, direct bool) domain.Draft {
	slices.SortFunc(members, func(a, b domain.ID) int { return bytes.Compare(a[:], b[:]) })
	t := &talk{w.id(), members, direct}
	w.conversations = append(w.conversations, t)
	return t.start()
}

func (t *talk) start() domain.Draft {
	members, direct := t.members, t.direct
	started := &domain.ConversationStarted{ConversationID: t.id, StarterID: members[0], Direct: direct, ParticipantIDs: append([]domain.ID(nil), members...)}
	if !direct {
		started.Title = "a group, \"quoted\"\n"
	}
	return domain.Draft{Stream: domain.ConversationStream(t.id), Data: started}
}

// next is one more event: a third of them messages, the others mostly receipts some hundred events later.
func (w *world) next() domain.Draft {
	if len(w.following) > 0 {
		d := w.following[0]
		w.following = w.following[1:]
		return d
	}
	n := w.random.IntN(1000)
	switch {
	case n < 2:
		if d, ok := w.comeOrGo(); ok {
			return d
		}
	case n < 4:
		if d, ok := w.erase(); ok {
			return d
		}
	case n < 6:
		a, b := w.user(), w.user()
		return domain.Draft{Stream: domain.GuardStream(a), Data: &domain.UserBlocked{UserID: a, BlockedID: b}}
	case n < 16:
		if d, ok := w.guard(n); ok {
			return d
		}
	case n < 46:
		return w.work(n)
	}
	if len(w.due) > 600 {
		d := w.due[0]
		w.due = w.due[1:]
		return d
	}
	return w.send()
}

func (w *world) send() domain.Draft {
	t := w.conversations[w.random.IntN(len(w.conversations))]
	sender := t.members[w.random.IntN(len(t.members))]
	client := fmt.Sprint("client-", w.ids)
	m := &domain.MessageSent{
		MessageID: w.id(), ConversationID: t.id, SenderID: sender, ClientMessageID: &client,
		RiskScore: float64(w.random.IntN(100)) / 100,
	}
	m.Content, m.Salt, m.ContentHash = w.words()
	for _, u := range t.members {
		if u == sender {
			continue
		}
		if t.direct {
			m.ReceiverID = &u
		}
		w.receive(m, u)
	}
	w.erasable = append(w.erasable, m)
	return domain.Draft{Stream: domain.ConversationStream(t.id), Data: m}
}

// words are what somebody writes, with salt and hash.
func (w *world) words() (content string, salt domain.Salt, hash string) {
	content = fmt.Sprintf("message %d, of about a hundred bytes, as people write when they have something to say", w.ids)
	binary.BigEndian.PutUint64(salt[:], w.ids)
	return content, salt, domain.ContentHash(salt, content)
}

// receive plans the receipts of one recipient. A few read without a delivered, or never.
func (w *world) receive(m *domain.MessageSent, u domain.ID) {
	stream := domain.ReceiptStream(m.ConversationID)
	if w.random.IntN(20) > 0 {
		w.due = append(w.due, domain.Draft{Stream: stream, Data: &domain.MessageDelivered{MessageID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, UserID: u}})
	}
	if w.random.IntN(20) > 0 {
		w.due = append(w.due, domain.Draft{Stream: stream, Data: &domain.MessageRead{MessageID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, UserID: u}})
	}
}

// comeOrGo changes a group.
func (w *world) comeOrGo() (domain.Draft, bool) {
	t, u := w.conversations[len(w.conversations)-1-w.random.IntN(10)], w.user()
	if t.direct {
		return domain.Draft{}, false
	}
	for i, m := range t.members {
		if m == u && len(t.members) > 2 {
			t.members = append(append([]domain.ID(nil), t.members[:i]...), t.members[i+1:]...)
			return domain.Draft{Stream: domain.ConversationStream(t.id), Data: &domain.ParticipantLeft{ConversationID: t.id, UserID: u, RemovedBy: u}}, true
		} else if m == u {
			return domain.Draft{}, false
		}
	}
	t.members = append(append([]domain.ID(nil), t.members...), u)
	return domain.Draft{Stream: domain.ConversationStream(t.id), Data: &domain.ParticipantAdded{ConversationID: t.id, UserID: u, AddedBy: t.members[0]}}, true
}

// erase takes back a message whose position is known.
func (w *world) erase() (domain.Draft, bool) {
	if len(w.erasable) < 100 {
		return domain.Draft{}, false
	}
	m := w.erasable[0]
	w.erasable = w.erasable[50:]
	position, ok := w.positions[m.MessageID]
	return domain.Draft{
		Stream: domain.ConversationStream(m.ConversationID), Erases: position,
		Data: &domain.ContentErased{MessageID: m.MessageID, ConversationID: &m.ConversationID, ErasedPosition: position, ErasedBy: m.SenderID, Reason: domain.ReasonSender},
	}, ok
}

// at tells where an event was put.
func (w *world) at(d domain.Draft, position domain.Position) {
	switch m := d.Data.(type) {
	case *domain.MessageSent:
		w.positions[m.MessageID] = position
	case *domain.MessageBlocked:
		w.positions[m.MessageID] = position
	}
}

// loadPage is how many events are put into a log by one statement.
const loadPage = 5000

// load puts n events of the world, after what settles it, into an empty log past eventstore: only so is
// a log of a million events made in seconds.
func load(t testing.TB, db *sql.DB, w *world, settled []domain.Draft, n int) {
	t.Helper()
	versions := make(map[domain.StreamID]domain.Version)
	var page []domain.Event
	flush := func() {
		insertEvents(t, db, page)
		page = page[:0]
	}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	erased := make(map[domain.Position]bool)
	for i := range len(settled) + n {
		var d domain.Draft
		if i < len(settled) {
			d = settled[i]
		} else {
			d = w.next()
		}
		actor := domain.Actor{Auth: domain.AuthSystem}
		encoded, err := domain.Encode(d.Data, actor)
		if err != nil {
			t.Fatal(err)
		}
		versions[d.Stream]++
		e := domain.Event{
			Position: domain.Position(i + 1), ID: w.id(), Stream: d.Stream, Version: versions[d.Stream], Type: encoded.Type,
			Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
			RecordedAt: start.Add(time.Duration(i) * time.Millisecond),
		}
		w.at(d, e.Position)
		if d.Erases > 0 {
			erased[d.Erases] = true
		}
		if page = append(page, e); len(page) == loadPage {
			flush()
		}
	}
	flush()
	positions := make([]domain.Position, 0, len(erased))
	for p := range erased {
		positions = append(positions, p)
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE events SET body = NULL WHERE position = ANY ($1)`, pgarray.Int8s(positions)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `ANALYZE events`); err != nil {
		t.Fatal(err)
	}
}

const insertEventsSQL = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)
	SELECT e.position, e.event_id, e.stream, e.stream_version, e.type, e.payload::json, e.metadata::json, e.body::json, e.recorded_at, e.leaf_hash
	FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::bytea[])
		AS e (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)`

func insertEvents(t testing.TB, db *sql.DB, events []domain.Event) {
	t.Helper()
	positions, ids, streams, versions := pgarray.NewInt8s(), pgarray.NewUUIDs(), pgarray.NewTexts(), pgarray.NewInt8s()
	types, payloads, metadata, bodies := pgarray.NewTexts(), pgarray.NewTexts(), pgarray.NewTexts(), pgarray.NewTexts()
	times, hashes := pgarray.NewTimes(), pgarray.NewByteas()
	for _, e := range events {
		positions.Int8(int64(e.Position))
		ids.UUID(e.ID)
		streams.Text(string(e.Stream))
		versions.Int8(int64(e.Version))
		types.Text(string(e.Type))
		payloads.Raw(e.Payload)
		metadata.Raw(e.Metadata)
		if e.Body == nil {
			bodies.Null()
		} else {
			bodies.Raw(e.Body)
		}
		times.Time(e.RecordedAt)
		hash := sha256.Sum256(append([]byte{0}, eventstore.Leaf(e)...))
		hashes.Raw(hash[:])
	}
	_, err := db.ExecContext(context.Background(), insertEventsSQL, positions.Bytes(), ids.Bytes(), streams.Bytes(), versions.Bytes(),
		types.Bytes(), payloads.Bytes(), metadata.Bytes(), bodies.Bytes(), times.Bytes(), hashes.Bytes())
	if err != nil {
		t.Fatal(err)
	}
}
