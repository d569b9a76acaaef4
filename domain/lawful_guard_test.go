package domain_test

import (
	"testing"

	"chainmail/domain"
)

// unlawful is an event that may not follow what happened. Its actor is who acts in it, unless another is named.
type unlawful struct {
	name  string
	given []domain.Data
	event domain.Data
	by    domain.ID
}

func (c unlawful) run(t *testing.T) {
	t.Parallel()
	state := historyOf(t, c.given).state
	e := lawfulEvent(t, c.event, state.Position+1)
	if !c.by.IsZero() {
		encoded, err := domain.Encode(copyOf(c.event), as(c.by))
		if err != nil {
			t.Fatal(err)
		}
		e.Metadata = encoded.Metadata
	}
	if state.Lawful(e, c.event) == nil {
		t.Errorf("a %s that may not follow was lawful", c.event.Type())
	}
}

// Given what happened, this may not follow, since no verdict leads to it.
func TestUnlawfulVerdicts(t *testing.T) {
	t.Parallel()
	all := given(registered(alice, bob, carol, root), installed(strict))
	pairs := given(all, direct(private, alice, bob))
	teams := given(all, group(team, alice, bob))
	unguarded := given(registered(alice, bob), group(team, alice, bob), direct(private, alice, bob))
	risky := keptBack(team, alice)[0].(*domain.MessageBlocked)
	risky.RiskScore = 1.5
	riskyTo := keptBackTo(bob, alice)[0].(*domain.MessageBlocked)
	riskyTo.RiskScore = -0.5
	toGroup := keptBackIn(team, bob, alice)[0]
	toNobody := keptBack(private, alice)[0]
	for _, tc := range []unlawful{
		{name: "a verdict of no policy", given: unguarded, event: why(alice, 0.5, nil)[0]},
		{name: "a verdict of another policy", given: given(unguarded, installed("lenient")), event: why(alice, 0.5, nil)[0]},
		{name: "a verdict with a risk above one", given: all, event: why(alice, 1.5, nil)[0]},
		{name: "a verdict on an ended account", given: given(all, deactivated(alice)), event: why(alice, 0.5, nil)[0]},
		{name: "a message judged by no policy", given: unguarded, event: passed(team, alice, 0.5)},
		{name: "a message blocked by no policy", given: unguarded, event: keptBack(team, alice)[0]},
		{name: "a direct message blocked by no policy", given: unguarded, event: keptBackIn(private, bob, alice)[0]},
		{name: "a first message blocked by no policy", given: unguarded, event: keptBackTo(bob, alice)[0]},
		{name: "a blocked message with a risk above one", given: teams, event: risky},
		{name: "a first blocked message with a risk below none", given: all, event: riskyTo},
		{name: "a blocked message to no conversation", given: all, event: keptBack(team, alice)[0]},
		{name: "a blocked message of a stranger", given: teams, event: keptBack(team, carol)[0]},
		{name: "a blocked message of one who left", given: given(teams, left(team, bob)), event: keptBack(team, bob)[0]},
		{name: "a blocked message of an ended account", given: given(teams, deactivated(bob)), event: keptBack(team, bob)[0]},
		{name: "a blocked message to a group with a receiver", given: teams, event: toGroup},
		{name: "a blocked direct message without a receiver", given: pairs, event: toNobody},
		{name: "a blocked direct message to a third", given: pairs, event: keptBackIn(private, carol, alice)[0]},
		{name: "a blocked direct message to an ended account", given: given(pairs, deactivated(bob)), event: keptBackIn(private, bob, alice)[0]},
		{name: "a blocked direct message over a block", given: given(pairs, blocked(bob, alice)), event: keptBackIn(private, bob, alice)[0]},
		{name: "a first blocked message to nobody", given: all, event: keptBackTo(nobody, alice)[0]},
		{name: "a first blocked message to oneself", given: all, event: keptBackTo(alice, alice)[0]},
		{name: "a first blocked message to an ended account", given: given(all, deactivated(bob)), event: keptBackTo(bob, alice)[0]},
		{name: "a first blocked message over a block", given: given(all, blocked(alice, bob)), event: keptBackTo(bob, alice)[0]},
		{name: "a policy that is in force", given: all, event: policy(strict)},
		{name: "a policy by a user", given: registered(root), event: policy(strict), by: root},
		{name: "an erasure of what nobody sent", given: registered(root), event: erasedKeptBack(root, 1, domain.ReasonLegal)[0]},
		{name: "an erasure of what was blocked, for no reason", given: teams, event: erasedKeptBack(root, 1, "fun")[0]},
	} {
		t.Run(tc.name, tc.run)
	}
}

// Given what happened, this may not follow, since no release leads to it.
func TestUnlawfulReleases(t *testing.T) {
	t.Parallel()
	all := given(registered(alice, bob, carol, root), installed(strict))
	groups := given(all, group(team, alice, bob), direct(private, alice, bob), keptBack(team, alice)) // hello at 8
	pairs := given(all, keptBackTo(bob, alice))                                                       // hello at 6
	byAlice := releasedAt(8, team)
	byAlice.ReleasedBy = alice
	asItself, asAnother := releasedAt(8, team), releasedAt(9, team)
	asItself.ReleasedID = hello
	asAnother.MessageID = reply
	ofReleased := releasedAt(10, team)
	ofReleased.MessageID, ofReleased.ReleasedID = later, reply
	announced := given(groups, events(releasedAt(8, team))) // at 9, and nothing of its commit yet
	opening := given(pairs, events(releasedAt(6, fresh)))   // at 7
	named := sentLater(team, nil)
	named.ClientMessageID = new(string)
	another := sentLater(team, nil)
	another.MessageID = reply
	ofBob := sentLater(team, nil)
	ofBob.SenderID = bob
	byBob := direct(fresh, bob, alice)[0]
	later := sentLater(team, nil)
	for _, tc := range []unlawful{
		{name: "a release by its sender, who is no admin", given: groups, event: byAlice},
		{name: "a release by an admin whose account has ended", given: given(groups, deactivated(root)), event: releasedAt(8, team)},
		{name: "a release in an admin's name", given: groups, event: releasedAt(8, team), by: alice},
		{name: "a second release", given: given(groups, released(8, team, nil)), event: releasedAt(8, team)},
		{name: "a release of what a release sent", given: given(groups, released(8, team, nil)), event: ofReleased},
		{name: "a release under its own id", given: groups, event: asItself},
		{name: "a release under the id of another", given: given(groups, released(8, team, nil)), event: asAnother},

		{name: "a message in another's name", given: groups, event: later, by: root},
		{name: "a message of a release by its sender", given: announced, event: later, by: alice},
		{name: "a message of a release by a third", given: announced, event: later, by: bob},
		{name: "a message of a release by the system", given: announced, event: later, by: nobody},
		{name: "a message of a release under another id", given: announced, event: another, by: root},
		{name: "a message of a release of another sender", given: announced, event: ofBob, by: root},
		{name: "a message of a release in another conversation", given: announced, event: sentLater(private, &bob), by: root},
		{name: "a message of a release with a client_message_id", given: announced, event: named, by: root},
		{name: "a message of a release, twice", given: given(groups, released(8, team, nil)), event: later, by: root},
		{name: "a message of a release that comes late",
			given: given(announced, blocked(bob, carol)), event: later, by: root},
		{name: "a message of somebody else in its place", given: announced, event: said(reply, team, bob)[0]},
		{name: "anything else in its place", given: announced, event: blocked(bob, carol)[0]},
		{name: "an admin's own in its place", given: announced, event: blocked(root, carol)[0]},

		{name: "a conversation in another's name", given: pairs, event: direct(fresh, alice, bob)[0], by: root},
		{name: "a conversation of a release by its sender", given: opening, event: direct(fresh, alice, bob)[0], by: alice},
		{name: "another conversation", given: opening, event: direct(private, alice, bob)[0], by: root},
		{name: "a conversation that its receiver starts", given: opening, event: byBob, by: root},
		{name: "a group", given: opening, event: group(fresh, alice, bob)[0], by: root},
		{name: "a message before its conversation", given: opening, event: sentLater(fresh, &bob), by: root},
		{name: "a second conversation", given: given(opening, direct(fresh, alice, bob)), event: direct(private, alice, carol)[0], by: root},
		{name: "a message to another in it", given: given(opening, direct(fresh, alice, bob)), event: sentLater(fresh, &carol), by: root},
	} {
		t.Run(tc.name, tc.run)
	}
}

// What a release leads to is lawful by its admin, each in its place.
func TestLawfulReleases(t *testing.T) {
	t.Parallel()
	all := given(registered(alice, bob, carol, root), installed(strict))
	for name, history := range map[string][]domain.Data{
		"into a group": given(all, group(team, alice, bob), keptBack(team, alice), released(7, team, nil), said(reply, team, bob),
			erasedKeptBack(root, 7, domain.ReasonLegal), erasedLater(team, root, 9, domain.ReasonLegal)),
		"opening a conversation":           given(all, keptBackTo(bob, alice), releasedInto(6, fresh, bob), saidTo(alice, reply, fresh, bob)),
		"into one that was opened at once": given(all, direct(private, bob, alice), keptBackTo(bob, alice), released(7, private, &bob)),
		"with another right after it": given(all, group(team, alice, bob), keptBack(team, alice), released(7, team, nil),
			direct(private, bob, carol)),
		"policies, there and back": given(all, installed("lenient"), installed(strict)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkLawful(t, history)
		})
	}
}

// A policy is in the stream of policies.
func TestUnlawfulPlaceOfPolicy(t *testing.T) {
	t.Parallel()
	state := domain.NewState()
	good := lawfulEvent(t, policy(strict), 1)
	if err := state.Lawful(good, policy(strict)); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []domain.StreamID{"", domain.LogStream, domain.SealStream, "policies-", "policie", domain.GuardStream(root)} {
		e := good
		e.Stream = stream
		if state.Lawful(e, policy(strict)) == nil {
			t.Errorf("lawful in the stream %q", stream)
		}
	}
}
