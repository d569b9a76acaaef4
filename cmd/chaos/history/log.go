package history

import (
	"fmt"
	"slices"
	"time"

	"chainmail/domain"
)

// Log is a log of events, and who is owed which frame because of it.
type Log struct {
	events   []domain.Event
	facts    map[domain.Position]*fact
	owed     map[domain.ID][]*fact // by user, in order of position
	messages map[domain.ID]*fact
	results  map[command][]*fact // what was stored for a client_message_id, in order
	places   map[place]*fact     // what participants see, by conversation and seq
	receipts map[receipt]domain.Position
	erased   map[domain.ID]domain.Position // by message
	spans    map[membership][]span         // when somebody took part in a conversation
	blocked  map[[2]domain.ID]bool         // who ever blocked whom

	present map[domain.ID][]domain.ID // the participants as of the last event taken
	users   []domain.ID
}

// fact is what an event tells, as far as it makes a frame.
type fact struct {
	kind         string // the frame's type
	position     domain.Position
	seq          domain.Seq // 0 where the frame has none
	at           time.Time
	message      domain.ID
	conversation domain.ID
	user         domain.ID // the sender of a message, who received or read, whom a change is about
	clientID     string
	hash         string
	status       string // as Entry has it
	optional     bool   // it may come in another form, or not at all
}

type (
	command struct {
		user domain.ID
		id   string
	}
	place struct {
		conversation domain.ID
		seq          domain.Seq
	}
	receipt struct {
		message, user domain.ID
		status        string
	}
	membership struct{ conversation, user domain.ID }
	span       struct{ from, to domain.Position } // to is 0 for one that has not ended
)

// crowd is how many participants a conversation has at most whose receipts are told one by one.
const crowd = 50

// NewLog reads the events of a whole log, in the order in which the table has them.
func NewLog(events []domain.Event) (*Log, error) {
	l := &Log{
		events: events, facts: make(map[domain.Position]*fact, len(events)), owed: make(map[domain.ID][]*fact),
		messages: make(map[domain.ID]*fact), results: make(map[command][]*fact), places: make(map[place]*fact),
		receipts: make(map[receipt]domain.Position), erased: make(map[domain.ID]domain.Position),
		spans: make(map[membership][]span), blocked: make(map[[2]domain.ID]bool), present: make(map[domain.ID][]domain.ID),
	}
	for _, e := range events {
		data, err := domain.Decode(e)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", e.Position, err)
		}
		l.take(e, data)
	}
	return l, nil
}

// take notes one event.
func (l *Log) take(e domain.Event, data domain.Data) {
	f := &fact{position: e.Position, at: e.RecordedAt}
	switch d := data.(type) {
	case *domain.UserRegistered:
		l.users = append(l.users, d.UserID)
	case *domain.ConversationStarted:
		f.kind, f.conversation, f.user, f.status = "conversation", d.ConversationID, d.StarterID, "started"
		l.present[d.ConversationID] = slices.Clone(d.ParticipantIDs)
		for _, user := range d.ParticipantIDs {
			l.join(d.ConversationID, user, e.Position)
		}
		l.owe(l.seen(f, e), l.present[d.ConversationID]...)
	case *domain.ParticipantAdded:
		f.kind, f.conversation, f.user, f.status = "conversation", d.ConversationID, d.UserID, "participant_added"
		l.present[d.ConversationID] = append(slices.Clip(l.present[d.ConversationID]), d.UserID)
		l.join(d.ConversationID, d.UserID, e.Position)
		l.owe(l.seen(f, e), l.present[d.ConversationID]...)
	case *domain.ParticipantLeft:
		f.kind, f.conversation, f.user, f.status = "conversation", d.ConversationID, d.UserID, "participant_left"
		l.owe(l.seen(f, e), l.present[d.ConversationID]...) // who leaves is told too
		l.leave(d.ConversationID, d.UserID, e.Position)
		rest := slices.Clone(l.present[d.ConversationID])
		l.present[d.ConversationID] = slices.DeleteFunc(rest, func(id domain.ID) bool { return id == d.UserID })
	case *domain.MessageSent:
		f.kind, f.message, f.conversation, f.user, f.hash = "chat_message", d.MessageID, d.ConversationID, d.SenderID, d.ContentHash
		l.messages[d.MessageID] = f
		l.result(f, d.ClientMessageID)
		l.owe(l.seen(f, e), l.present[d.ConversationID]...)
	case *domain.MessageBlocked:
		f.kind, f.message, f.user, f.hash = "warning", d.MessageID, d.SenderID, d.ContentHash
		l.result(f, d.ClientMessageID)
		l.facts[f.position] = f
	case *domain.ContentErased:
		l.erased[d.MessageID] = e.Position
		if d.ConversationID != nil {
			f.kind, f.message, f.conversation = "message_erased", d.MessageID, *d.ConversationID
			l.owe(l.seen(f, e), l.present[f.conversation]...)
		}
	case *domain.MessageDelivered:
		l.receipt(f, "delivered", d.MessageID, d.ConversationID, d.SenderID, d.UserID)
	case *domain.MessageRead:
		l.receipt(f, "read", d.MessageID, d.ConversationID, d.SenderID, d.UserID)
	case *domain.UserBlocked:
		l.blocked[[2]domain.ID{d.UserID, d.BlockedID}] = true
	case *domain.NotificationCreated:
		f.kind, f.user = "notification", d.UserID
		l.owe(f, d.UserID)
	case *domain.NotificationRead:
		f.kind, f.user, f.optional = "notification_read", d.UserID, true // not to the connection that read
		l.owe(f, d.UserID)
	case *domain.AnnouncementMade:
		f.kind = "announcement"
		l.owe(f, l.users...)
	}
}

func (l *Log) join(conversation, user domain.ID, at domain.Position) {
	m := membership{conversation, user}
	l.spans[m] = append(l.spans[m], span{from: at})
}

func (l *Log) leave(conversation, user domain.ID, at domain.Position) {
	if all := l.spans[membership{conversation, user}]; len(all) > 0 {
		all[len(all)-1].to = at
	}
}

// stays reports whether somebody who has seen the log up to a position takes part from then on to the end.
func (l *Log) stays(conversation, user domain.ID, seen domain.Position) bool {
	all := l.spans[membership{conversation, user}]
	return len(all) > 0 && all[len(all)-1].to == 0 && all[len(all)-1].from <= seen
}

// seen notes what has a place in its conversation.
func (l *Log) seen(f *fact, e domain.Event) *fact {
	f.seq = domain.Seq(e.Version)
	l.places[place{f.conversation, f.seq}] = f
	return f
}

// result notes what a client_message_id led to.
func (l *Log) result(f *fact, clientID *string) {
	if clientID == nil {
		return
	}
	f.clientID = *clientID
	key := command{f.user, f.clientID}
	l.results[key] = append(l.results[key], f)
}

// receipt notes a receipt, of which the sender hears, and of a read the reader too.
func (l *Log) receipt(f *fact, status string, message, conversation, sender, user domain.ID) {
	f.kind, f.status, f.message, f.conversation, f.user = "message_status", status, message, conversation, user
	f.optional = len(l.present[conversation]) >= crowd // then it may be gathered: a count stands for many
	l.receipts[receipt{message, user, status}] = f.position
	l.owe(f, sender)
	if status == "read" {
		l.owe(f, user)
	}
}

// owe notes that users are to get the frame.
func (l *Log) owe(f *fact, users ...domain.ID) {
	l.facts[f.position] = f
	for _, user := range users {
		l.owed[user] = append(l.owed[user], f)
	}
}

// owes reports whether a user is to get the frame of a position.
func (l *Log) owes(user domain.ID, at domain.Position) bool {
	_, found := slices.BinarySearchFunc(l.owed[user], at, func(f *fact, at domain.Position) int { return int(f.position - at) })
	return found
}

// between returns what a user is owed with after < position <= upTo.
func (l *Log) between(user domain.ID, after, upTo domain.Position) []*fact {
	all := l.owed[user]
	by := func(f *fact, at domain.Position) int { return int(f.position - at) }
	from, _ := slices.BinarySearchFunc(all, after+1, by)
	to, _ := slices.BinarySearchFunc(all, upTo+1, by)
	return all[from:max(from, to)]
}

// Head is the last position.
func (l *Log) Head() domain.Position {
	if len(l.events) == 0 {
		return 0
	}
	return l.events[len(l.events)-1].Position
}

// Messages is how many messages were sent.
func (l *Log) Messages() int { return len(l.messages) }
