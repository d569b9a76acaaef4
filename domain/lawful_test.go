package domain_test

import (
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// Whatever several users decide, on what they saw, some of it old, is lawful where the log takes it.
func TestDecisionsAreLawful(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.live(t)
		state := domain.NewState()
		for _, e := range w.events {
			d := decode(t, e)
			if err := state.Lawful(e, d); err != nil {
				t.Fatalf("%s at %d: %v", e.Type, e.Position, err)
			}
			if err := state.Apply(e); err != nil {
				t.Fatal(err)
			}
			checkAboutMessage(t, w, d)
		}
	})
}

// actingIn is who causes an event, but for a release, which happens in its sender's name.
func actingIn(d domain.Data) domain.ID {
	switch d := d.(type) {
	case *domain.ConversationStarted:
		return d.StarterID
	case *domain.ParticipantAdded:
		return d.AddedBy
	case *domain.ParticipantLeft:
		return d.RemovedBy
	case *domain.MessageSent:
		return d.SenderID
	case *domain.MessageDelivered:
		return d.UserID
	case *domain.MessageRead:
		return d.UserID
	case *domain.ContentErased:
		return d.ErasedBy
	case *domain.UserBlocked:
		return d.UserID
	case *domain.UserUnblocked:
		return d.UserID
	case *domain.MessageJudged:
		return d.SenderID
	case *domain.MessageBlocked:
		return d.SenderID
	case *domain.MessageReleased:
		return d.ReleasedBy
	case *domain.ProjectCreated:
		return d.AuthorID
	case *domain.TaskCreated:
		return d.CreatedBy
	case *domain.TaskStatusChanged:
		return d.ChangedBy
	case *domain.NotificationCreated:
		return d.CreatedBy
	case *domain.NotificationRead:
		return d.UserID
	case *domain.AnnouncementMade:
		return d.AnnouncedBy
	}
	return domain.ID{}
}

// checkAboutMessage asks the last state, which must know what was so when it happened.
func checkAboutMessage(t *rapid.T, w *world, d domain.Data) {
	switch d := d.(type) {
	case *domain.MessageDelivered:
		if !w.state.Recipient(w.messages[d.MessageID], d.UserID) {
			t.Fatalf("%s is no recipient of %s", d.UserID, d.MessageID)
		}
	case *domain.MessageRead:
		if !w.state.Recipient(w.messages[d.MessageID], d.UserID) {
			t.Fatalf("%s is no recipient of %s", d.UserID, d.MessageID)
		}
	case *domain.ContentErased:
		if !w.state.MayErase(w.messages[d.MessageID], d.ErasedBy) {
			t.Fatalf("%s may not erase %s", d.ErasedBy, d.MessageID)
		}
	}
}

// Given what happened, this may not follow, since no decision leads to it.
func TestUnlawful(t *testing.T) {
	t.Parallel()
	all := registered(alice, bob, carol, dave, root)
	pairs := given(all, direct(private, alice, bob))
	teams := given(all, group(team, alice, bob, carol))
	for _, tc := range []struct {
		name  string
		given []domain.Data
		event domain.Data
	}{
		{"a second account of an id", all, registered(alice)[0]},
		{"a role that is none", nil, &domain.UserRegistered{UserID: alice, Role: "king", Name: "Somebody"}},
		{"the end of no account", nil, deactivated(alice)[0]},
		{"the end of an ended account", given(all, deactivated(alice)), deactivated(alice)[0]},
		{"a conversation of a stranger", registered(alice), group(team, nobody, alice)[0]},
		{"a conversation with a stranger", registered(alice), group(team, alice, nobody)[0]},
		{"a conversation with an ended account", given(all, deactivated(bob)), group(team, alice, bob, carol)[0]},
		{"a conversation by an ended account", given(all, deactivated(alice)), group(team, alice, bob, carol)[0]},
		{"a conversation of its starter alone", all, group(team, alice)[0]},
		{"a conversation without its starter", all, &domain.ConversationStarted{
			ConversationID: team, StarterID: alice, ParticipantIDs: inOrder(bob, carol),
		}},
		{"a conversation over a block", given(all, blocked(bob, alice)), group(team, alice, bob, carol)[0]},
		{"a conversation that is there", teams, group(team, alice, bob, dave)[0]},
		{"a direct conversation of three", all, &domain.ConversationStarted{
			ConversationID: private, StarterID: alice, Direct: true, ParticipantIDs: inOrder(alice, bob, carol),
		}},
		{"a direct conversation with a title", all, &domain.ConversationStarted{
			ConversationID: private, StarterID: alice, Direct: true, ParticipantIDs: inOrder(alice, bob), Title: "Us", Salt: salt,
		}},
		{"a second direct conversation", pairs, direct(fresh, bob, alice)[0]},
		{"added to no conversation", all, added(team, bob, alice)[0]},
		{"added to a direct conversation", pairs, added(private, carol, alice)[0]},
		{"added by one who takes no part", teams, added(team, dave, root)[0]},
		{"added twice", teams, added(team, bob, alice)[0]},
		{"added though ended", given(teams, deactivated(dave)), added(team, dave, alice)[0]},
		{"added over a block", given(teams, blocked(dave, bob)), added(team, dave, bob)[0]},
		{"removed from a direct conversation", pairs, left(private, bob)[0]},
		{"removed though not in", teams, removed(team, dave, alice)[0]},
		{"removed by a participant", teams, removed(team, carol, bob)[0]},
		{"removed by the starter who left", given(teams, left(team, alice)), removed(team, carol, alice)[0]},
		{"removed by an ended account", given(teams, deactivated(alice)), removed(team, carol, alice)[0]},
		{"a message to no conversation", all, said(hello, team, alice)[0]},
		{"a message of a stranger", teams, said(hello, team, dave)[0]},
		{"a message of one who left", given(teams, left(team, bob)), said(hello, team, bob)[0]},
		{"a message of an ended account", given(teams, deactivated(bob)), said(hello, team, bob)[0]},
		{"a message to a group with a receiver", teams, saidTo(bob, hello, team, alice)[0]},
		{"a direct message without a receiver", pairs, said(hello, private, alice)[0]},
		{"a direct message to a third", pairs, saidTo(carol, hello, private, alice)[0]},
		{"a direct message to an ended account", given(pairs, deactivated(bob)), saidTo(bob, hello, private, alice)[0]},
		{"a direct message over a block", given(pairs, blocked(bob, alice)), saidTo(bob, hello, private, alice)[0]},
		{"a risk above one", teams, &domain.MessageSent{MessageID: hello, ConversationID: team, SenderID: alice, RiskScore: 1.5}},
		{"a receipt in no conversation", all, &domain.MessageRead{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob}},
		{"a delivery to no conversation", all, &domain.MessageDelivered{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob}},
		{"a receipt of an ended account", given(teams, said(hello, team, alice), deactivated(bob)),
			&domain.MessageRead{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob}},
		{"an erasure for no reason", teams, &domain.ContentErased{
			MessageID: hello, ConversationID: &team, ErasedPosition: 6, ErasedBy: alice, Reason: "fun",
		}},
		{"an erasure in no conversation", all, &domain.ContentErased{
			MessageID: hello, ConversationID: &team, ErasedPosition: 6, ErasedBy: alice, Reason: domain.ReasonLegal,
		}},
		{"a block of oneself", all, blocked(alice, alice)[0]},
		{"a block of nobody", all, blocked(alice, nobody)[0]},
		{"a block that is there", given(all, blocked(alice, bob)), blocked(alice, bob)[0]},
		{"the end of no block", given(all, blocked(bob, alice)), unblocked(alice, bob)[0]},
		{"a second creation", all, &domain.LogCreated{LogID: team, Origin: "o", PublicKey: "k"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			state := historyOf(t, tc.given).state
			if err := state.Lawful(lawfulEvent(t, tc.event, state.Position+1), tc.event); err == nil {
				t.Errorf("a %s that may not follow was lawful", tc.event.Type())
			}
		})
	}
}

func lawfulEvent(t rapid.TB, d domain.Data, at domain.Position) domain.Event {
	t.Helper()
	encoded, err := domain.Encode(d, as(actingIn(d)))
	if err != nil {
		t.Fatal(err)
	}
	stream := domain.LogStream
	if d.Type() != domain.TypeLogCreated {
		stream = streamOf(d)
	}
	return domain.Event{
		Position: at, Stream: stream, Version: 1, Type: encoded.Type,
		Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
	}
}

// What is lawful is no longer, in another stream or by another actor.
func TestUnlawfulPlaceAndActor(t *testing.T) {
	t.Parallel()
	state := historyOf(t, given(registered(alice, bob, carol, root), installed(strict),
		group(team, alice, bob), direct(private, alice, bob))).state
	for _, d := range []domain.Data{
		said(hello, team, alice)[0],
		saidTo(bob, hello, private, alice)[0],
		added(team, carol, alice)[0],
		left(team, bob)[0],
		blocked(alice, bob)[0],
		group(fresh, alice, carol)[0],
		&domain.MessageRead{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob},
		&domain.MessageDelivered{MessageID: hello, ConversationID: team, SenderID: alice, UserID: bob},
		&domain.ContentErased{MessageID: hello, ConversationID: &team, ErasedPosition: 4, ErasedBy: alice, Reason: domain.ReasonSender},
		why(alice, 0.5, nil)[0],
		passed(team, alice, 0.5),
		keptBack(team, alice)[0],
		keptBackIn(private, bob, alice)[0],
		keptBackTo(bob, alice)[0],
		releasedAt(4, team),
		erasedKeptBack(root, 4, domain.ReasonLegal)[0],
	} {
		t.Run(string(d.Type()), func(t *testing.T) {
			t.Parallel()
			good := lawfulEvent(t, d, state.Position+1)
			if err := state.Lawful(good, d); err != nil {
				t.Fatal(err)
			}
			for name, stream := range map[string]domain.StreamID{
				"another thing": domain.ConversationStream(id(0x77)), "no thing": "conversation-", "the log": domain.LogStream,
				"another user": domain.GuardStream(id(0x77)), "no user": "guard-", "the policies": domain.PolicyStream,
				"more": good.Stream + "0", "upper case": domain.StreamID("CONVERSATION-" + team.String()), "none": "",
			} {
				e := good
				e.Stream = stream
				if state.Lawful(e, d) == nil {
					t.Errorf("lawful in the stream of %s, %q", name, stream)
				}
			}
			for name, metadata := range map[string]string{
				"another": `{"schema_version":1,"actor_id":"` + carol.String() + `","session_id":null,"auth":"wallet"}`,
				"nobody":  `{"schema_version":1,"actor_id":null,"session_id":null,"auth":"system"}`,
				"no JSON": `{"schema_version":1,"actor_id":"` + actingIn(d).String() + `","session_id":null,"auth":"wallet"`,
			} {
				e := good
				e.Metadata = []byte(metadata)
				if state.Lawful(e, d) == nil {
					t.Errorf("lawful by %s", name)
				}
			}
			e := good // a newer release may write it otherwise
			e.Metadata = []byte(`{ "auth": "wallet", "actor_id": "` + actingIn(d).String() + `", "schema_version": 1}`)
			if err := state.Lawful(e, d); err != nil {
				t.Errorf("other JSON that says the same: %v", err)
			}
		})
	}
}

func TestRecipientAndMayErase(t *testing.T) {
	t.Parallel()
	log := historyOf(t, given(registered(alice, bob, carol, dave, root), group(team, alice, bob, carol),
		left(team, carol), said(hello, team, alice), added(team, dave, alice), left(team, bob)))
	m := log.messages[hello]
	for user, want := range map[domain.ID]bool{alice: false, bob: true, carol: false, dave: false, root: false, nobody: false} {
		if got := log.state.Recipient(m, user); got != want {
			t.Errorf("recipient %s: got %t, want %t", user, got, want)
		}
	}
	if log.state.Recipient(domain.MessageRef{ID: hello, ConversationID: fresh, Position: 1}, bob) {
		t.Error("a recipient in no conversation")
	}
	kept := m
	kept.Blocked = true
	if log.state.Recipient(kept, bob) {
		t.Error("a recipient of a message that was blocked")
	}
	for user, want := range map[domain.ID]bool{alice: true, bob: false, carol: false, root: true, nobody: false} {
		if got := log.state.MayErase(m, user); got != want {
			t.Errorf("erasure by %s: got %t, want %t", user, got, want)
		}
	}
}
