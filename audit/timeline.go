package audit

import "chainmail/domain"

// Timeline tells a log to people, a line an event, with names for ids. It holds the names of all users and
// the titles of all conversations, projects and tasks, and nothing of the messages and notifications but the latest's positions.
type Timeline struct {
	filter        Filter
	users         map[domain.ID]string
	bearers       map[string]int // how many users have a name
	conversations map[domain.ID]place
	projects      map[domain.ID]string // titles
	tasks         map[domain.ID]string // titles
	messages      recent
	notifications recent
	wanted        moment // of the message that the filter names
	seal          *seal  // the one that covers it, nil while there is none
}

// place is where messages go.
type place struct {
	direct [2]domain.ID // zero for a group
	title  string       // empty for none
}

type seal struct {
	moment
	data domain.MerkleBatchSealed
}

// NewTimeline returns one that is to tell what the filter chooses.
func NewTimeline(f Filter) *Timeline {
	return &Timeline{
		filter:        f,
		messages:      recent{limit: maxRecent},
		notifications: recent{limit: maxRecent},
		users:         make(map[domain.ID]string),
		bearers:       make(map[string]int),
		conversations: make(map[domain.ID]place),
		projects:      make(map[domain.ID]string),
		tasks:         make(map[domain.ID]string),
	}
}

// Learn takes note of an event, whether it is told or not. Events come in order, each once.
func (t *Timeline) Learn(e *domain.Event) {
	switch e.Type {
	case domain.TypeUserRegistered, domain.TypeConversationStarted, domain.TypeMessageSent, domain.TypeMessageBlocked,
		domain.TypeMerkleBatchSealed, domain.TypeProjectCreated, domain.TypeTaskCreated, domain.TypeNotificationCreated:
	default:
		return
	}
	data, err := domain.Decode(*e)
	if err != nil {
		return
	}
	switch d := data.(type) {
	case *domain.UserRegistered:
		t.users[d.UserID] = d.Name
		t.bearers[d.Name]++
	case *domain.ConversationStarted:
		p := place{title: d.Title}
		if d.Direct {
			copy(p.direct[:], d.ParticipantIDs)
		}
		t.conversations[d.ConversationID] = p
	case *domain.MessageSent:
		t.remember(e, d.MessageID)
	case *domain.MessageBlocked:
		t.remember(e, d.MessageID)
	case *domain.ProjectCreated:
		t.projects[d.ProjectID] = d.Title
	case *domain.TaskCreated:
		t.tasks[d.TaskID] = d.Title
	case *domain.NotificationCreated:
		t.notifications.add(d.NotificationID, moment{e.Position, e.RecordedAt})
	case *domain.MerkleBatchSealed:
		if t.seal == nil && t.wanted.position > 0 && d.LastPosition >= t.wanted.position {
			t.seal = &seal{moment{e.Position, e.RecordedAt}, *d}
		}
	}
}

func (t *Timeline) remember(e *domain.Event, message domain.ID) {
	m := moment{e.Position, e.RecordedAt}
	if message == t.filter.Message {
		t.wanted = m
	}
	t.messages.add(message, m)
}

// message finds a message that was sent lately, or is the one that the filter names.
func (t *Timeline) message(id domain.ID) (moment, bool) {
	if id == t.filter.Message && t.wanted.position > 0 {
		return t.wanted, true
	}
	m, ok := t.messages.at[id]
	return m, ok
}

// timeLayout is how a line begins; times are UTC.
const timeLayout = "2006-01-02 15:04:05.000000"

// AppendLine adds an event's line with its newline. The event has been learned.
func (t *Timeline) AppendLine(dst []byte, e *domain.Event) []byte {
	dst = e.RecordedAt.UTC().AppendFormat(dst, timeLayout)
	place := positionOf(e.Position)
	for range 10 - len(place) {
		dst = append(dst, ' ')
	}
	dst = append(dst, place...)
	dst = append(dst, "  "...)
	dst = append(dst, t.tell(e)...)
	return append(dst, '\n')
}

// AppendEnd adds what there is to say at the end: of one message, by which seal it is covered.
func (t *Timeline) AppendEnd(dst []byte) []byte {
	if t.filter.Message.IsZero() {
		return dst
	}
	switch {
	case t.wanted.position == 0:
		return append(dst, "there is no such message in the log\n"...)
	case t.seal == nil:
		return append(dst, "not sealed yet\n"...)
	}
	s := t.seal
	dst = append(dst, "sealed by "+positionOf(s.position)+" after "+span(s.at.Sub(t.wanted.at))+": "...)
	dst = append(dst, tree(&s.data)...)
	return append(dst, '\n')
}

// tree is what a seal says, in short.
func tree(d *domain.MerkleBatchSealed) string {
	return "tree of " + Count(d.TreeSize) + ", root " + shortHash(d.RootHash)
}
