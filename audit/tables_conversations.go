package audit

import (
	"cmp"
	"slices"
	"time"

	"chainmail/domain"
)

// conversationRow is a row of conversations.
type conversationRow struct {
	starter        domain.ID
	last, position domain.Position
	created        time.Time
	participants   int64
	direct         bool
	title          string // empty for none
}

func (t *Tables) start(e domain.Event, d *domain.ConversationStarted) {
	t.conversations[d.ConversationID] = &conversationRow{
		starter: d.StarterID, last: e.Position, position: e.Position, created: e.RecordedAt,
		participants: int64(len(d.ParticipantIDs)), direct: d.Direct, title: d.Title,
	}
	for _, id := range d.ParticipantIDs {
		t.join(e, member{d.ConversationID, id}, 0)
	}
}

func (t *Tables) conversationTable() Table {
	table := Table{Name: "conversations", Columns: []string{
		"id", "starter_id", "last_position", "position", "created_at", "participants", "direct", "title",
	}}
	for _, id := range sortedKeys(t.conversations) {
		c := t.conversations[id]
		table.Rows = append(table.Rows, []any{
			id, c.starter, int64(c.last), int64(c.position), c.created, c.participants, c.direct, textOrNull(c.title),
		})
	}
	return table
}

// participantRow is a row of conversation_participants: a span from joining to leaving.
type participantRow struct {
	member
	joined, left       domain.Position // left is 0 while he takes part
	joinedSeq, leftSeq domain.Seq
	joinedAt, leftAt   time.Time
}

func (t *Tables) join(e domain.Event, m member, more int64) {
	c := t.conversations[m.conversation]
	if c == nil || t.present[m] != nil {
		return
	}
	c.participants += more
	p := &participantRow{member: m, joined: e.Position, joinedSeq: e.Version, joinedAt: e.RecordedAt}
	t.present[m] = p
	t.participants = append(t.participants, p)
}

func (t *Tables) leave(e domain.Event, m member) {
	p := t.present[m]
	if p == nil {
		return
	}
	delete(t.present, m)
	p.left, p.leftSeq, p.leftAt = e.Position, e.Version, e.RecordedAt
	t.conversations[m.conversation].participants--
}

func (t *Tables) participantTable() Table {
	table := Table{Name: "conversation_participants", Columns: []string{
		"conversation_id", "user_id", "joined_position", "left_position", "joined_seq", "left_seq", "joined_at", "left_at",
	}}
	sorted := slices.SortedFunc(slices.Values(t.participants), func(a, b *participantRow) int {
		return cmp.Or(a.conversation.Compare(b.conversation), a.user.Compare(b.user), cmp.Compare(a.joined, b.joined))
	})
	for _, p := range sorted {
		table.Rows = append(table.Rows, []any{
			p.conversation, p.user, int64(p.joined), numberOrNull(p.left), int64(p.joinedSeq), numberOrNull(p.leftSeq),
			p.joinedAt, timeOrNull(p.leftAt),
		})
	}
	return table
}
