package domain_test

import (
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// checkFolded folds the log again: what happened is the state, erased bodies or not.
func checkFolded(t *rapid.T, w *world) {
	again := domain.NewState()
	for _, e := range w.events {
		if err := again.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(again, w.state) {
		t.Fatal("folded again, the log gives another state")
	}
}

// checkMembership compares who saw what with what the log says, read from its beginning for
// every question.
func checkMembership(t *rapid.T, w *world) {
	head := domain.Position(len(w.events))
	for _, id := range w.conversations {
		c := w.state.Conversation(id)
		for at := domain.Position(1); at <= head; at++ {
			var want []domain.ID
			for _, user := range w.users {
				saw := present(t, w.log, id, user, at)
				if saw {
					want = append(want, user)
				}
				if got := c.Saw(user, at); got != saw {
					t.Fatalf("%s saw %d of %s: got %t", user, at, id, got)
				}
			}
			got := c.AppendPresent([]domain.ID{nobody}, at)
			if want = inOrder(want...); !slices.Equal(got, append([]domain.ID{nobody}, want...)) {
				t.Fatalf("present at %d of %s: got %v, want %v", at, id, got[1:], want)
			}
			if got := c.SizeAt(at); got != len(want) {
				t.Fatalf("size at %d of %s: got %d, want %d", at, id, got, len(want))
			}
		}
		size := 0
		for _, user := range w.users {
			now := present(t, w.log, id, user, head+1) // who left with the last event is gone after it
			if now {
				size++
			}
			if got := c.Has(user); got != now {
				t.Fatalf("%s has %s: got %t", id, user, got)
			}
			_, ever := slices.BinarySearchFunc(c.Members(), user, func(m domain.Member, u domain.ID) int {
				return slices.Compare(m.User[:], u[:])
			})
			if slices.Contains(w.state.ConversationsOf(user), id) != ever {
				t.Fatalf("%s is among the conversations of %s: got %t", id, user, !ever)
			}
		}
		if got := c.Size(); got != size {
			t.Fatalf("size of %s: got %d, want %d", id, got, size)
		}
	}
}

// present says by the log alone whether a user saw what happened at a position.
func present(t *rapid.T, l *log, conversation, user domain.ID, at domain.Position) bool {
	in := false
	for _, e := range l.events[:min(int(at), len(l.events))] {
		switch d := decode(t, e).(type) {
		case *domain.ConversationStarted:
			in = in || d.ConversationID == conversation && slices.Contains(d.ParticipantIDs, user)
		case *domain.ParticipantAdded:
			in = in || d.ConversationID == conversation && d.UserID == user
		case *domain.ParticipantLeft:
			if d.ConversationID == conversation && d.UserID == user && e.Position < at {
				in = false
			}
		}
	}
	return in
}

// checkSeqs goes through what each participant saw of each conversation: seqs follow one another,
// but for the time between leaving and coming back.
func checkSeqs(t *rapid.T, w *world) {
	for _, conversation := range w.conversations {
		for _, user := range w.users {
			seq, seen, away := domain.Seq(0), domain.Seq(0), true
			for _, e := range w.events {
				d := decode(t, e)
				if e.Stream != streamOf(d) {
					t.Fatalf("a %s is in stream %s", e.Type, e.Stream)
				}
				if e.Stream != domain.ConversationStream(conversation) {
					continue
				}
				if seq++; e.Version != seq {
					t.Fatalf("seq of %d: got %d, want %d", e.Position, e.Version, seq)
				}
				if !w.state.Conversation(conversation).Saw(user, e.Position) {
					continue
				}
				if !away && seq != seen+1 {
					t.Fatalf("%s saw %d after %d", user, seq, seen)
				}
				leave, isLeave := d.(*domain.ParticipantLeft)
				seen, away = seq, isLeave && leave.UserID == user
			}
		}
	}
}

// rules is what must be true of a log, told event by event without the help of State.
type rules struct {
	active  map[domain.ID]bool
	blocks  map[[2]domain.ID]bool
	once    map[any]bool
	started map[domain.ID]*domain.ConversationStarted
	guard   guardRules
	work    workRules
}

func checkRules(t *rapid.T, w *world) {
	r := rules{
		active: make(map[domain.ID]bool), blocks: make(map[[2]domain.ID]bool),
		once: make(map[any]bool), started: make(map[domain.ID]*domain.ConversationStarted), work: newWorkRules(),
	}
	for _, e := range w.events {
		r.check(t, w.log, e)
		r.checkGuard(t, w.log, e)
		r.checkWork(t, w.log, e)
	}
	r.checkErasures(t)
}

func (r *rules) check(t *rapid.T, l *log, e domain.Event) {
	in := func(conversation, user domain.ID) bool { return present(t, l, conversation, user, e.Position) }
	must := func(ok bool, rule string) {
		if !ok {
			t.Fatalf("%s at %d: %s: %s", e.Type, e.Position, rule, e.Payload)
		}
	}
	first := func(what any) bool {
		again := r.once[what]
		r.once[what] = true
		return !again
	}
	switch d := decode(t, e).(type) {
	case *domain.UserRegistered:
		must(first(d.UserID), "an account begins once")
		r.active[d.UserID] = true
	case *domain.UserDeactivated:
		must(r.active[d.UserID], "an account ends once")
		r.active[d.UserID] = false
	case *domain.ConversationStarted:
		must(first(d.ConversationID), "a conversation begins once")
		must(!d.Direct || len(d.ParticipantIDs) == 2 && first([2]domain.ID(d.ParticipantIDs)), "two have one direct conversation")
		for _, user := range d.ParticipantIDs {
			must(r.active[user], "who ended his account is left alone")
			must(!r.blocked(d.StarterID, user), "blocks hold")
		}
		r.request(t, e, d.StarterID, d.IdempotencyKey)
		r.started[d.ConversationID] = d
	case *domain.ParticipantAdded:
		must(!r.started[d.ConversationID].Direct, "two stay two")
		must(in(d.ConversationID, d.AddedBy) && r.active[d.AddedBy], "participants add")
		must(r.active[d.UserID] && !r.blocked(d.AddedBy, d.UserID), "blocks hold")
	case *domain.ParticipantLeft:
		starts := r.started[d.ConversationID]
		must(!starts.Direct, "two stay two")
		must(in(d.ConversationID, d.UserID), "who leaves was there")
		must(r.active[d.RemovedBy], "who ended his account does nothing")
		must(d.RemovedBy == d.UserID || d.RemovedBy == starts.StarterID || r.admin(l, d.RemovedBy), "starters and admins remove")
	case *domain.MessageSent:
		must(in(d.ConversationID, d.SenderID) && r.active[d.SenderID], "participants talk")
		must(r.started[d.ConversationID].Direct == (d.ReceiverID != nil), "a direct message has a receiver")
		must(d.ReceiverID == nil || in(d.ConversationID, *d.ReceiverID) && r.active[*d.ReceiverID], "somebody listens")
		must(d.ReceiverID == nil || !r.blocked(d.SenderID, *d.ReceiverID), "blocks hold")
		must(d.ClientMessageID == nil || first([2]any{d.SenderID, *d.ClientMessageID}), "a client_message_id is used once")
	case *domain.MessageDelivered:
		must(!r.once[[3]any{"read", d.MessageID, d.UserID}], "what was read needs no more")
		must(first([3]any{"delivered", d.MessageID, d.UserID}), "delivered once")
		r.receipt(t, l, d.MessageID, d.SenderID, d.UserID)
	case *domain.MessageRead:
		must(first([3]any{"read", d.MessageID, d.UserID}), "read once")
		r.receipt(t, l, d.MessageID, d.SenderID, d.UserID)
	case *domain.ContentErased:
		must(first([2]any{"erased", d.MessageID}), "erased once")
		must(l.messages[d.MessageID].Position == d.ErasedPosition, "the message's own body goes")
		must(d.ErasedBy == l.messages[d.MessageID].SenderID || r.admin(l, d.ErasedBy), "senders and admins erase")
	case *domain.UserBlocked:
		must(r.active[d.UserID] && d.UserID != d.BlockedID && !r.blocks[[2]domain.ID{d.UserID, d.BlockedID}], "a block begins once")
		r.blocks[[2]domain.ID{d.UserID, d.BlockedID}] = true
	case *domain.UserUnblocked:
		must(r.active[d.UserID] && r.blocks[[2]domain.ID{d.UserID, d.BlockedID}], "a block ends once")
		r.blocks[[2]domain.ID{d.UserID, d.BlockedID}] = false
	}
}

func (r *rules) receipt(t *rapid.T, l *log, message, sender, user domain.ID) {
	m := l.messages[message]
	if m.Blocked || m.SenderID != sender || user == sender || !present(t, l, m.ConversationID, user, m.Position) || !r.active[user] {
		t.Fatalf("a receipt of %s for a message of %s that is not for him", user, sender)
	}
}

func (r *rules) blocked(a, b domain.ID) bool {
	return r.blocks[[2]domain.ID{a, b}] || r.blocks[[2]domain.ID{b, a}]
}

func (r *rules) admin(l *log, user domain.ID) bool {
	return l.state.User(user).Role == domain.RoleAdmin
}

func decode(t *rapid.T, e domain.Event) domain.Data {
	d, err := domain.Decode(e)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
