package audit

import (
	"cmp"
	"maps"
	"slices"

	"chainmail/domain"
)

// Tables are the state tables as of a position, computed from the events alone, with no database. They are
// those of projections/state, projections/tasks, projections/notifications and projections/batches, under the same names
// and with the same values, save the columns that only help a server to find or count. They are in memory as a whole.
type Tables struct {
	users         map[domain.ID]*userRow
	conversations map[domain.ID]*conversationRow
	participants  []*participantRow
	present       map[member]*participantRow // those of participants who have not left
	blocks        map[pair]*blockRow
	messages      map[domain.ID]*messageRow
	blocked       map[domain.ID]*blockedRow
	receipts      map[pair]*receiptRow // by message and user
	projects      map[domain.ID]projectRow
	tasks         map[domain.ID]*taskRow
	notifications map[domain.ID]*notificationRow
	batches       []batchRow
}

type member struct{ conversation, user domain.ID }

type pair [2]domain.ID

// NewTables returns the tables before the first event.
func NewTables() *Tables {
	return &Tables{
		users:         make(map[domain.ID]*userRow),
		conversations: make(map[domain.ID]*conversationRow),
		present:       make(map[member]*participantRow),
		blocks:        make(map[pair]*blockRow),
		messages:      make(map[domain.ID]*messageRow),
		blocked:       make(map[domain.ID]*blockedRow),
		receipts:      make(map[pair]*receiptRow),
		projects:      make(map[domain.ID]projectRow),
		tasks:         make(map[domain.ID]*taskRow),
		notifications: make(map[domain.ID]*notificationRow),
	}
}

// Apply does what one event does to the tables. An event that cannot be read, or that fits nothing, changes
// nothing: to find it is an Auditor's work.
func (t *Tables) Apply(e domain.Event) {
	data, err := domain.Decode(e)
	if err != nil {
		return
	}
	switch d := data.(type) {
	case *domain.UserRegistered:
		t.register(e, d)
	case *domain.UserDeactivated:
		t.deactivate(e, d)
	case *domain.UserBlocked:
		t.block(e, d)
	case *domain.UserUnblocked:
		delete(t.blocks, pair{d.UserID, d.BlockedID})
	case *domain.ConversationStarted:
		t.start(e, d)
	case *domain.ParticipantAdded:
		t.join(e, member{d.ConversationID, d.UserID}, 1)
	case *domain.ParticipantLeft:
		t.leave(e, member{d.ConversationID, d.UserID})
	case *domain.MessageSent:
		t.send(e, d)
	case *domain.MessageBlocked:
		t.keepBack(e, d)
	case *domain.MessageReleased:
		t.release(e, d)
	case *domain.MessageDelivered:
		t.acknowledge(e, pair{d.MessageID, d.UserID}, false)
	case *domain.MessageRead:
		t.acknowledge(e, pair{d.MessageID, d.UserID}, true)
	case *domain.ContentErased:
		t.erase(e, d)
	case *domain.ProjectCreated:
		t.projects[d.ProjectID] = projectRow{d, e.Position, e.RecordedAt}
	case *domain.TaskCreated:
		t.assign(e, d)
	case *domain.TaskStatusChanged:
		t.move(e, d)
	case *domain.NotificationCreated:
		t.notifications[d.NotificationID] = &notificationRow{data: d, position: e.Position, created: e.RecordedAt}
	case *domain.NotificationRead:
		t.readNotification(e, d)
	case *domain.MerkleBatchSealed:
		t.batches = append(t.batches, batchRow{e.Position, e.RecordedAt, d})
	}
}

// Table is a state table: rows in the order of the primary key. A value is nil, a bool, an int64, a float64,
// a string, a time.Time, a domain.ID, or a json.RawMessage.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]any
}

// All returns the tables in a fixed order.
func (t *Tables) All() []Table {
	return []Table{
		t.userTable(),
		t.conversationTable(),
		t.participantTable(),
		t.blockTable(),
		t.messageTable(),
		t.receiptTable(),
		t.blockedTable(),
		t.projectTable(),
		t.taskTable(),
		t.notificationTable(),
		t.batchTable(),
	}
}

// sortedKeys returns a table's keys in the order of its primary key.
func sortedKeys[R any](rows map[domain.ID]R) []domain.ID {
	return slices.SortedFunc(maps.Keys(rows), domain.ID.Compare)
}

func sortedPairs[R any](rows map[pair]R) []pair {
	return slices.SortedFunc(maps.Keys(rows), func(a, b pair) int {
		return cmp.Or(a[0].Compare(b[0]), a[1].Compare(b[1]))
	})
}
