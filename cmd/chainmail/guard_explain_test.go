package main

import (
	"strconv"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/guard"
	"chainmail/migrations/pgtest"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// verdicts is a log made by hand, which no server ever read.
type verdicts struct {
	t   testing.TB
	log *eventstore.Log
	n   byte
}

func (v *verdicts) id() domain.ID {
	v.n++
	return domain.ID{6: 0x70, 8: 0x80, 15: v.n}
}

// append appends events in one commit.
func (v *verdicts) append(actor domain.ID, drafts ...domain.Draft) {
	v.t.Helper()
	d := domain.Decision{Actor: domain.Actor{ID: actor, Auth: domain.AuthToken}, Drafts: drafts}
	if _, err := v.log.Append(v.t.Context(), d); err != nil {
		v.t.Fatal(err)
	}
}

// install makes a policy that of the next messages, and returns its hash.
func (v *verdicts) install(policy string, model *string, lists ...domain.PolicyList) string {
	v.t.Helper()
	p, err := guard.ParsePolicy([]byte(policy))
	if err != nil {
		v.t.Fatal(err)
	}
	v.append(domain.ID{}, domain.Draft{Stream: domain.PolicyStream, Data: &domain.GuardPolicyInstalled{
		PolicyHash: p.Hash(), ModelHash: model, Lists: lists, Policy: policy,
	}})
	return p.Hash()
}

// block appends a blocked message and returns its id.
func (v *verdicts) block(content, policy string, score float64, model *domain.ModelOpinion, reasons ...domain.RiskReason) string {
	v.t.Helper()
	m := &domain.MessageBlocked{
		MessageID: v.id(), SenderID: v.id(), RiskScore: score, PolicyHash: policy, Reasons: reasons, Model: model,
		Content: content, ContentHash: domain.ContentHash(domain.Salt{}, content),
	}
	receiver := v.id()
	m.ReceiverID = &receiver
	v.append(m.SenderID, domain.Draft{Stream: domain.GuardStream(m.SenderID), Data: m})
	return m.MessageID.String()
}

// send appends a message, with its verdict before it where it has a reason, and returns its id.
func (v *verdicts) send(sender domain.ID, content string, policy *string, score float64, model *domain.ModelOpinion, reasons ...domain.RiskReason) string {
	v.t.Helper()
	m := &domain.MessageSent{
		MessageID: v.id(), ConversationID: v.id(), SenderID: sender, RiskScore: score, PolicyHash: policy,
		Content: content, ContentHash: domain.ContentHash(domain.Salt{}, content),
	}
	var drafts []domain.Draft
	if len(reasons) > 0 {
		drafts = append(drafts, domain.Draft{Stream: domain.GuardStream(sender), Data: &domain.MessageJudged{
			MessageID: m.MessageID, SenderID: sender, RiskScore: score, PolicyHash: *policy, Reasons: reasons, Model: model,
		}})
	}
	v.append(sender, append(drafts, domain.Draft{Stream: domain.ConversationStream(m.ConversationID), Data: m})...)
	return m.MessageID.String()
}

// The tables of messages are empty: no server runs. Everything is in the log.
func TestExplainedVerdicts(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	v := &verdicts{t: t, log: eventstoretest.Open(t, dsn)}
	excepted := v.id()
	other, own := strings.Repeat("0", 64), guard.ShippedClassifier().Hash()
	carrots := domain.RiskReason{Rule: "carrots", Weight: 0.5}
	vegetables := strings.Replace(carrotPolicy, "0.9", "0.5", 1) + "exceptions: {users: [" + excepted.String() + "]}\n"
	listed := vegetables + "lists: [{name: sites, kind: domains, file: sites.txt}]\n"

	v.install(vegetables, &other)
	strange := v.install(vegetables+"# by another classifier\n", &other)
	plain := v.install(vegetables, &own) // the same policy again
	withList := v.install(listed, &own, domain.PolicyList{Name: "sites", Hash: other, Entries: 1234})
	shipped := v.install(string(guard.Shipped()), &own)
	label, score, failure := "scam\x1b[31m", 0.7, "timeout"
	said := &domain.ModelOpinion{Model: "judge-1", Label: &label, Score: &score}
	silent := &domain.ModelOpinion{Model: "judge-1", Failure: &failure}
	model, unanswered := domain.RiskReason{Rule: "language_model", Weight: 0.7}, domain.RiskReason{Rule: "language_model_unanswered"}

	for _, c := range []struct {
		what, id string
		says     []string
		not      []string
	}{
		{"nobody's", v.send(v.id(), "hello", nil, 0, nil), []string{"Nobody judged it"}, []string{"score", "judged again"}},
		{
			"a sent one with a reason", v.send(v.id(), "carrots\x1b[2J", &plain, 0.5, nil, carrots),
			[]string{" was sent at #", `"carrots\x1b[2J"`, "installed at #3,", "0.50  carrots: It advertises", "sent, 0.50, as then", `carrots: "carrots"`},
			[]string{"\x1b"},
		},
		{
			"an excepted user's", v.send(excepted, "carrots", &plain, 0, nil),
			[]string{"It was not judged: the policy excepts its sender."}, []string{"No rule met", "0.50  carrots"},
		},
		{
			"by what a model said", v.block("carrots", plain, 0.85, said, model, carrots),
			[]string{`judge-1 said scam\x1b[31m, 0.70`, "0.70  language_model: A language model takes it", "blocked, 0.85, as then"}, []string{"\x1b"},
		},
		{
			"for want of an answer", v.block("carrots", plain, 0.5, silent, carrots, unanswered),
			[]string{"judge-1 was asked and gave no answer: timeout", "0.00  language_model_unanswered: A language model had", "blocked, 0.50, as then"}, nil,
		},
		{
			"by a list", v.block("carrots at evil.example", withList, 0.95, nil, domain.RiskReason{Rule: "listed", Weight: 0.95}),
			[]string{"sites, 1,234 entries, " + other, "sent, 0.50, which differs:\n  the log has no more than the hashes", "  0.50  carrots\n"}, []string{"as then"},
		},
		{
			"by one of two installations", v.block("carrots", plain, 0.9, nil, carrots),
			[]string{"installed at #3,", "and before with another classifier or other lists, last at #1:", "differs:\n  the policy was also installed with another"}, nil,
		},
		{
			"by another classifier", v.block("carrots", strange, 0.9, nil, carrots),
			[]string{"0.50  carrots: It advertises", "It cannot be judged again: this program has another classifier"}, nil,
		},
		{
			"by the program's own policy", v.block("send me your seed phrase", shipped, 0.9, nil, domain.RiskReason{Rule: "recovery_phrase_request", Weight: 0.9}),
			[]string{"this program's own, installed at #5,", "as then", `recovery_phrase_request: "send me your seed phrase"`}, nil,
		},
		{
			"by a policy that the log lacks", v.block("carrots", other, 0.9, nil, carrots),
			[]string{"the log does not have it before the message", "0.50  carrots\n", "cannot be judged again: the log has no policy"}, nil,
		},
	} {
		got := onDatabase(t, dsn).must("guard", "explain", c.id)
		for _, want := range c.says {
			if !strings.Contains(got, want) {
				t.Errorf("%s: explain does not say %q:\n%s", c.what, want, got)
			}
		}
		for _, not := range c.not {
			if strings.Contains(got, not) {
				t.Errorf("%s: explain says %q:\n%s", c.what, not, got)
			}
		}
	}
}

// A policy counts as that of a message only when it was installed before.
func TestExplainedByThePolicyOfItsTime(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	v := &verdicts{t: t, log: eventstoretest.Open(t, dsn)}
	own := guard.ShippedClassifier().Hash()
	for range 20 { // more than one page
		v.install(carrotPolicy+"# other\n", &own)
	}
	policy := v.install(carrotPolicy, &own)
	id := v.block("carrots", policy, 0.9, nil, domain.RiskReason{Rule: "carrots", Weight: 0.9})
	v.install(carrotPolicy, &own)
	got := onDatabase(t, dsn).must("guard", "explain", id)
	if !strings.Contains(got, "installed at #21,") || strings.Contains(got, "and before with") {
		t.Errorf("got\n%s", got)
	}
	list := func(name string) domain.PolicyList {
		return domain.PolicyList{Name: "sites", Hash: strings.Repeat(name, 64), Entries: 1}
	}
	v.install(carrotPolicy, &own, list("1")) // 24
	v.install(carrotPolicy, &own, list("2"))
	v.install(carrotPolicy, nil, list("2"))
	v.install(carrotPolicy, &own, list("2")) // 27
	id = v.block("carrots", policy, 0.9, nil, domain.RiskReason{Rule: "carrots", Weight: 0.9})
	v.install(carrotPolicy, &own, list("3"))
	got = onDatabase(t, dsn).must("guard", "explain", id, "--json")
	if !strings.Contains(got, `"position":27,`) || !strings.Contains(got, `"others":[21,23,24,26]`) {
		t.Errorf("got\n%s", got)
	}
}
