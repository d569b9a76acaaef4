package state_test

import (
	"errors"
	"testing"

	"chainmail/domain"
	"chainmail/projections/state"
)

func TestPeopleAndConversations(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob, cid := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleAdmin), h.register("Cid", domain.RoleMember)
	group := h.start("us", ann, bob)
	h.join(ann, group, cid)
	h.leave(cid, group, cid)
	h.join(ann, group, cid)
	h.send(ann, group, "one", "")
	h.send(bob, group, "two", "")
	h.block(ann, bob)
	h.block(ann, cid)
	h.unblock(ann, bob)
	h.deactivate(cid)
	mustApply(t, db, h.events)
	tests := map[string]struct{ query, want string }{
		"users": {
			`SELECT string_agg(concat_ws(' ', name, role, active, right(wallet_address, 2), deactivated_at > created_at), ', ' ORDER BY position) FROM users`,
			"Ann member t, Bob admin t 02, Cid member f t",
		},
		"conversation": {
			`SELECT concat_ws(' ', title, direct, participants, message_seq, other_seq, last_position > position) FROM conversations`,
			"us f 3 6 5 t",
		},
		"spans": {
			`SELECT string_agg(concat_ws(' ', u.name, joined_seq, left_seq, left_at > joined_at), ', ' ORDER BY joined_position, u.name)
			FROM conversation_participants JOIN users AS u ON u.id = user_id`,
			"Ann 1, Bob 1, Cid 2 3 t, Cid 4",
		},
		"recipients": {`SELECT string_agg(recipients::text, ' ') FROM messages`, "2 2"},
		"blocks":     {`SELECT string_agg(u.name, ' ') FROM user_blocks JOIN users AS u ON u.id = blocked_id`, "Cid"},
	}
	for name, test := range tests {
		if got := row(t, db, test.query); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

// What the domain's rules cannot bring about is an error that changes nothing.
func TestImpossibleEvents(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	ann, bob := h.register("Ann", domain.RoleMember), h.register("Bob", domain.RoleMember)
	conversation := h.start("", ann, bob)
	mustApply(t, db, h.events)
	nobody := h.id()
	tests := map[string]domain.Data{
		"no such user":         &domain.UserDeactivated{UserID: nobody},
		"no such participant":  &domain.ParticipantLeft{ConversationID: conversation, UserID: nobody},
		"no such conversation": &domain.MessageSent{MessageID: h.id(), ConversationID: nobody, SenderID: ann},
		"no such message":      &domain.MessageRead{MessageID: nobody, ConversationID: conversation, UserID: ann},
		"nothing to erase":     &domain.ContentErased{MessageID: nobody, ConversationID: &conversation, ErasedPosition: 1},
		"nothing to release":   &domain.MessageReleased{MessageID: nobody, SenderID: ann, ReleasedID: h.id(), ReleasedBy: bob},
		"taken id":             &domain.UserRegistered{UserID: ann, Role: domain.RoleMember, Name: "Ann"},
		"taken conversation":   &domain.ConversationStarted{ConversationID: conversation, StarterID: ann, ParticipantIDs: []domain.ID{ann}},
	}
	for name, data := range tests {
		e := domain.Event{Position: 99, Version: 9, Type: data.Type()}.WithData(data)
		if err := apply(t.Context(), db, []domain.Event{e}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	newer := domain.Event{Position: 99, Type: "BananaPeeled", Metadata: []byte(`{"schema_version":1,"auth":"system"}`)}
	if err := apply(t.Context(), db, []domain.Event{newer}); !errors.Is(err, domain.ErrUnknownType) {
		t.Errorf("newer type: %v, want ErrUnknownType", err)
	}
	if err := apply(t.Context(), db, nil); err != nil {
		t.Errorf("no events: %v", err)
	}
	if got := state.Projection().Name; got != state.Name {
		t.Errorf("name %q", got)
	}
}
