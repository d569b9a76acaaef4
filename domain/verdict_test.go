package domain_test

import (
	"slices"
	"testing"

	"chainmail/domain"
)

// judgedIn says something in a conversation that the guard has judged; judgedTo says it to a person.
func judgedIn(conversation, by domain.ID, v domain.Verdict) wish {
	return send(domain.SendMessage{Actor: as(by), ConversationID: conversation, Verdict: v})
}

func judgedTo(receiver, by domain.ID, v domain.Verdict) wish {
	return send(domain.SendMessage{Actor: as(by), ReceiverID: receiver, ClientMessageID: "c-1", Verdict: v})
}

// passed is hello as it is sent with a score of the policy strict.
func passed(conversation, by domain.ID, score float64) *domain.MessageSent {
	m, hash := messageSent(hello, conversation, by), hashOf(strict)
	m.RiskScore, m.PolicyHash = score, &hash
	return m
}

// why is the explanation of hello's score.
func why(by domain.ID, score float64, model *domain.ModelOpinion, reasons ...domain.RiskReason) []domain.Data {
	if reasons == nil {
		reasons = []domain.RiskReason{}
	}
	return events(&domain.MessageJudged{
		MessageID: hello, SenderID: by, RiskScore: score, PolicyHash: hashOf(strict), Reasons: reasons, Model: model,
	})
}

func TestSendJudged(t *testing.T) {
	t.Parallel()
	three := given(installed(strict), registered(alice, bob), group(team, alice, bob))
	toBob := passed(fresh, alice, 0.35)
	client := "c-1"
	toBob.ReceiverID, toBob.ClientMessageID = &bob, &client
	benign := judged(false, 0.05)
	benign.Model = asked("benign", 0.05)
	silent := judged(false, 0.45, because("text_classifier", 0.45))
	timeout := "timeout"
	silent.Model = &domain.ModelOpinion{Model: "small-1", Failure: &timeout}
	tell(t, []tale{
		{
			name: "where there is no reason there is nothing to explain", given: three,
			when: judgedIn(team, alice, judged(false, 0)), then: events(passed(team, alice, 0)),
			rests: []domain.Expectation{account(alice, 1), members(team, 1)},
		},
		{
			name: "a message that nobody judged has no policy", given: three,
			when: judgedIn(team, alice, domain.Verdict{}), then: said(hello, team, alice),
		},
		{
			name: "reasons stand before the message, where its receivers do not see them", given: three,
			when:  judgedIn(team, alice, judged(false, 0.42, because("disguised_text", 0.35), because("urgency", 0.1))),
			then:  given(why(alice, 0.42, nil, because("disguised_text", 0.35), because("urgency", 0.1)), events(passed(team, alice, 0.42))),
			rests: []domain.Expectation{account(alice, 1), members(team, 1)},
		},
		{
			name: "a model that was asked is worth telling, even if it found no reason", given: three,
			when: judgedIn(team, alice, benign),
			then: given(why(alice, 0.05, asked("benign", 0.05)), events(passed(team, alice, 0.05))),
		},
		{
			name: "so is one that did not answer", given: three,
			when: judgedIn(team, alice, silent),
			then: given(why(alice, 0.45, silent.Model, because("text_classifier", 0.45)), events(passed(team, alice, 0.45))),
		},
		{
			name: "the conversation comes before the verdict", given: three,
			when: judgedTo(bob, alice, judged(false, 0.35, because("disguised_text", 0.35))),
			then: given(direct(fresh, alice, bob), why(alice, 0.35, nil, because("disguised_text", 0.35)), events(toBob)),
			keys: keys(domain.SendKey(alice, "c-1"), domain.DirectKey(alice, bob)),
		},
	})
}

func TestSendBlocked(t *testing.T) {
	t.Parallel()
	pair := given(installed(strict), registered(alice, bob, carol))
	verdict := judged(true, 0.9, because("phrase_request", 0.9))
	once := keys(domain.SendKey(alice, "c-1"))
	noReasons := keptBack(team, alice)
	noReasons[0].(*domain.MessageBlocked).Reasons = []domain.RiskReason{}
	opinion := keptBack(team, alice)
	opinion[0].(*domain.MessageBlocked).Model = asked("scam", 0.97)
	withOpinion := verdict
	withOpinion.Model = asked("scam", 0.97)
	tell(t, []tale{
		{
			name: "to a person it opens no conversation, and its client_message_id is used", given: pair,
			when: judgedTo(bob, alice, verdict), then: named(keptBackTo(bob, alice)), keys: once,
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0)},
		},
		{
			name: "to a person with whom there is one it names it", given: given(pair, direct(private, bob, alice)),
			when: judgedTo(bob, alice, verdict), then: named(keptBackIn(private, bob, alice)), keys: once,
			rests: []domain.Expectation{account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0)},
		},
		{
			name: "the conversation may be named instead", given: given(pair, direct(private, bob, alice)),
			when: judgedIn(private, alice, verdict), then: keptBackIn(private, bob, alice),
			rests: []domain.Expectation{
				account(alice, 1), account(bob, 1), blocks(alice, 0), blocks(bob, 0), members(private, 1),
			},
		},
		{
			name: "in a group", given: given(pair, group(team, alice, bob)),
			when: judgedIn(team, alice, verdict), then: keptBack(team, alice),
			rests: []domain.Expectation{account(alice, 1), members(team, 1)},
		},
		{
			name: "without a reason, as a failing model may have it", given: given(pair, group(team, alice, bob)),
			when: judgedIn(team, alice, judged(true, 0.9)), then: noReasons,
		},
		{
			name: "with a model's opinion", given: given(pair, group(team, alice, bob)),
			when: judgedIn(team, alice, withOpinion), then: opinion,
		},
		{
			name: "who may not write there is told that first: a stranger", given: given(pair, group(team, alice, bob)),
			when: judgedIn(team, carol, verdict), refused: refusal(domain.NotAParticipant, "conversation_id"),
		},
		{
			name: "no conversation", given: pair,
			when: judgedIn(fresh, alice, verdict), refused: refusal(domain.ConversationNotFound, "conversation_id"),
		},
		{
			name: "nobody", given: pair,
			when: judgedTo(nobody, alice, verdict), refused: refusal(domain.ReceiverNotFound, "receiver_id"),
		},
		{
			name: "a block between the two", given: given(pair, blocked(bob, alice)),
			when: judgedTo(bob, alice, verdict), refused: refusal(domain.Forbidden, "receiver_id"),
		},
		{
			name: "an account that has ended", given: given(pair, deactivated(alice)),
			when: judgedTo(bob, alice, verdict), refused: refusal(domain.Forbidden, ""),
		},
		{
			name: "content that cannot be a message", given: pair,
			when:    send(domain.SendMessage{Actor: as(alice), ReceiverID: bob, Content: " ", Verdict: verdict}),
			refused: refusal(domain.InvalidField, "content"),
		},
	})
}

func TestRuleNames(t *testing.T) {
	t.Parallel()
	if got := domain.RuleNames([]domain.RiskReason{because("b", 0.9), because("a", 0.1)}); !slices.Equal(got, []string{"b", "a"}) {
		t.Errorf("got %q, want them in the order of the reasons", got)
	}
	if got := domain.RuleNames(nil); got == nil || len(got) > 0 {
		t.Errorf("without a reason: got %#v, want a list without names", got)
	}
}
