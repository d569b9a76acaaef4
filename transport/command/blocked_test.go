package command_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/guard/llm"
	"chainmail/migrations/pgtest"
	"chainmail/transport/command"
	"chainmail/transport/judge"
	"chainmail/transport/judge/judgetest"
)

// newJudged returns a server that judges by judgetest.Policy, and asks a model if one is given.
func newJudged(t *testing.T, dsn string, model *llm.Client) *server {
	t.Helper()
	s := newServer(t, dsn)
	j := judgetest.Judge(t)
	j.Model = model
	s.UseJudge(j)
	return s
}

// wantBlocked sends what has to be blocked.
func (s *server) wantBlocked(t *testing.T, c command.Send) *command.Blocked {
	t.Helper()
	sent, err := s.send(t, c)
	var blocked *command.Blocked
	if !errors.As(err, &blocked) {
		t.Fatalf("got %+v, %v, want it blocked", sent, err)
	}
	return blocked
}

// wantRefusal checks that an error is a refusal.
func wantRefusal(t testing.TB, what string, err error, code domain.Code, field string) {
	t.Helper()
	if !errors.Is(err, &domain.Refusal{Code: code, Field: field}) {
		t.Errorf("%s: got %v, want %s %s", what, err, code, field)
	}
}

func TestABlockedMessageIsStored(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	group, _, err := s.Start(t.Context(), ann, []domain.ID{bob.ID, cat.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		send         command.Send
		conversation *domain.ID
		receiver     *domain.ID
	}{
		"to a stranger":            {command.Send{ReceiverID: bob.ID, ClientMessageID: "a"}, nil, &bob.ID},
		"to a group":               {command.Send{ConversationID: group, ClientMessageID: "b"}, &group, nil},
		"without an id of its own": {command.Send{ReceiverID: bob.ID}, nil, &bob.ID},
	} {
		before := s.head(t)
		test.send.Actor, test.send.Content = ann, "strange: "+judgetest.Scam
		b := s.wantBlocked(t, test.send)
		s.wantTypes(t, before, domain.TypeMessageBlocked)
		if b.Field != "content" || b.MessageID.IsZero() || b.ClientMessageID != test.send.ClientMessageID ||
			b.Position != before+1 || b.RiskScore != 0.91 || !slices.Equal(b.Reasons, []string{"wallet_drain", "small_doubt"}) ||
			b.Message != "Your message was not sent. It drains a wallet." {
			t.Errorf("%s: got %+v", name, b)
		}
		f := s.facts(t, before)[0]
		m := f.data.(*domain.MessageBlocked)
		if f.Stream != domain.GuardStream(ann.ID) || m.MessageID != b.MessageID || m.SenderID != ann.ID || m.Content != test.send.Content ||
			m.PolicyHash != judgetest.Guard(t).Policy().Hash() || m.RiskScore != 0.91 || len(m.Reasons) != 2 || m.Model != nil {
			t.Errorf("%s: the log has %+v in %s", name, m, f.Stream)
		}
		if !equalIDs(m.ConversationID, test.conversation) || !equalIDs(m.ReceiverID, test.receiver) {
			t.Errorf("%s: it is to %v in %v, want %v in %v", name, m.ReceiverID, m.ConversationID, test.receiver, test.conversation)
		}
	}
	// The conversation that it names is the direct one, if there is one.
	sent, err := s.send(t, command.Send{Actor: bob, ReceiverID: ann.ID, Content: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	before := s.head(t)
	s.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam})
	if m := s.facts(t, before)[0].data.(*domain.MessageBlocked); !equalIDs(m.ConversationID, &sent.ConversationID) || !equalIDs(m.ReceiverID, &bob.ID) {
		t.Errorf("in a direct conversation: the log has %+v", m)
	}
}

func equalIDs(a, b *domain.ID) bool { return a == b || a != nil && b != nil && *a == *b }

func TestARepeatOfABlockedMessageGetsTheSameWarning(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	s := newJudged(t, dsn, nil)
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam, ClientMessageID: "1"}
	first := s.wantBlocked(t, c)
	hello, err := s.send(t, command.Send{Actor: bob, ReceiverID: ann.ID, Content: "hello"}) // opens the conversation
	if err != nil {
		t.Fatal(err)
	}
	other, unjudging, lenient := newJudged(t, dsn, nil), newServer(t, dsn), newJudged(t, dsn, nil)
	lenient.UseJudge(&judge.Judge{Guard: func() *guard.Guard { return lenientGuard(t) }})
	if _, err := s.Block(t.Context(), bob, ann.ID); err != nil { // what was blocked once is so for ever
		t.Fatal(err)
	}
	before := s.head(t)
	inConversation := command.Send{Actor: ann, ConversationID: hello.ConversationID, Content: judgetest.Scam, ClientMessageID: "1"}
	for name, at := range map[string]*server{"here": s, "elsewhere": other, "where nothing is judged": unjudging, "under another policy": lenient} {
		for how, again := range map[string]command.Send{"to the receiver": c, "to the conversation": inConversation} {
			got := at.wantBlocked(t, again)
			if at == s || at == other {
				if !sameWarning(got, first) || got.Message != first.Message {
					t.Errorf("%s, %s: got %+v, want %+v", name, how, got, first)
				}
			} else if !sameWarning(got, first) {
				t.Errorf("%s, %s: got %+v, want %+v", name, how, got, first)
			}
		}
		for what, slip := range map[string]command.Send{
			"other content":           {Actor: ann, ReceiverID: bob.ID, Content: "hello", ClientMessageID: "1"},
			"other bad content":       {Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam + "!", ClientMessageID: "1"},
			"to somebody else":        {Actor: ann, ReceiverID: cat.ID, Content: judgetest.Scam, ClientMessageID: "1"},
			"other, in conversation":  {Actor: ann, ConversationID: hello.ConversationID, Content: "hello", ClientMessageID: "1"},
			"to no conversation of a": {Actor: ann, ConversationID: cat.ID, Content: judgetest.Scam, ClientMessageID: "1"},
		} {
			_, err := at.send(t, slip)
			wantRefusal(t, name+": "+what, err, domain.InvalidField, "client_message_id")
		}
	}
	s.wantTypes(t, before)
}

func sameWarning(a, b *command.Blocked) bool {
	return a.MessageID == b.MessageID && a.Position == b.Position && a.RiskScore == b.RiskScore && a.ClientMessageID == b.ClientMessageID &&
		slices.Equal(a.Reasons, b.Reasons)
}

// lenientGuard blocks "hello" and nothing else.
func lenientGuard(t testing.TB) *guard.Guard {
	t.Helper()
	policy, err := guard.ParsePolicy([]byte(`version: 1
thresholds: {block: 0.8, uncertain: 0.4}
weights: {rules: 1, classifier: 0, classifier_from: 1, model: 0}
classifier: {message: No.}
rules:
  - {name: greeting, message: It greets., weight: 0.9, any: ['\bhello\b']}
`))
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// What was sent once is answered as sent, though a new policy would block it.
func TestARepeatOfASentMessageIsNotBlocked(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	s := newJudged(t, dsn, nil)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello", ClientMessageID: "1"}
	first, err := s.send(t, c)
	if err != nil {
		t.Fatal(err)
	}
	strict := newServer(t, dsn)
	strict.UseJudge(&judge.Judge{Guard: func() *guard.Guard { return lenientGuard(t) }})
	got, err := strict.send(t, c)
	if err != nil || !got.Duplicate || got.MessageID != first.MessageID {
		t.Errorf("got %+v, %v, want the message at %d", got, err, first.Position)
	}
	strict.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello", ClientMessageID: "2"})
}

// Reasons are told right before the message, and a repeat finds the message behind them.
func TestReasonsStandBeforeTheMessage(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	before := s.head(t)
	c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "strange", ClientMessageID: "1"}
	sent, err := s.send(t, c)
	if err != nil || sent.RiskScore != 0.1 || sent.Seq != 2 {
		t.Fatalf("got %+v, %v", sent, err)
	}
	s.wantTypes(t, before, domain.TypeConversationStarted, domain.TypeMessageJudged, domain.TypeMessageSent)
	facts := s.facts(t, before)
	judged, message := facts[1].data.(*domain.MessageJudged), facts[2].data.(*domain.MessageSent)
	if judged.MessageID != sent.MessageID || judged.RiskScore != 0.1 || !slices.Equal(domain.RuleNames(judged.Reasons), []string{"small_doubt"}) ||
		facts[1].Stream != domain.GuardStream(ann.ID) {
		t.Errorf("judged: got %+v in %s", judged, facts[1].Stream)
	}
	if message.PolicyHash == nil || *message.PolicyHash != judgetest.Guard(t).Policy().Hash() || judged.PolicyHash != *message.PolicyHash {
		t.Errorf("policy hashes: %s and %v", judged.PolicyHash, message.PolicyHash)
	}
	again, err := s.send(t, c)
	if err != nil || !again.Duplicate || again.MessageID != sent.MessageID || again.Position != sent.Position {
		t.Errorf("a repeat: got %+v, %v, want %+v", again, err, sent)
	}
	before = s.head(t)
	if sent, err := s.send(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello"}); err != nil || sent.RiskScore != 0 {
		t.Errorf("got %+v, %v", sent, err)
	}
	s.wantTypes(t, before, domain.TypeMessageSent) // no reasons, no event of them
}

// Who may not write there is told so, whatever he writes, and nothing is stored.
func TestARefusalComesBeforeABlock(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	ann, bob, cat, dan := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat"), s.user(t, "dan")
	group, _, err := s.Start(t.Context(), cat, []domain.ID{bob.ID, dan.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}
	s.must(t)(s.Block(t.Context(), bob, ann.ID))
	before := s.head(t)
	for name, test := range map[string]struct {
		send command.Send
		code domain.Code
	}{
		"to one who blocks him": {command.Send{ReceiverID: bob.ID}, domain.Forbidden},
		"to nobody":             {command.Send{ReceiverID: domain.ID{1}}, domain.ReceiverNotFound},
		"to himself":            {command.Send{ReceiverID: ann.ID}, domain.InvalidField},
		"to others' group":      {command.Send{ConversationID: group}, domain.NotAParticipant},
		"to no conversation":    {command.Send{ConversationID: domain.ID{1}}, domain.ConversationNotFound},
	} {
		test.send.Actor, test.send.Content = ann, judgetest.Scam
		_, err := s.send(t, test.send)
		wantRefusal(t, name, err, test.code, "")
	}
	s.wantTypes(t, before)
}

// Two equal frames at once, on two servers, make one event and one answer.
func TestEqualBadFramesAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	servers := []*server{newJudged(t, dsn, nil), newJudged(t, dsn, nil)}
	ann, bob := servers[0].user(t, "ann"), servers[0].user(t, "bob")
	before := servers[0].head(t)
	const rounds = 40
	for round := range rounds {
		var answers [4]*command.Blocked
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() {
				_, err := servers[i%2].send(t, command.Send{
					Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam, ClientMessageID: fmt.Sprint(round),
				})
				if !errors.As(err, &answers[i]) {
					t.Errorf("round %d: got %v", round, err)
				}
			})
		}
		wg.Wait()
		for _, a := range answers {
			if a == nil || answers[0] == nil || !sameWarning(a, answers[0]) {
				t.Fatalf("round %d: got %+v and %+v", round, a, answers[0])
			}
		}
	}
	facts := servers[0].facts(t, before)
	if len(facts) != rounds {
		t.Errorf("the log has %d events for %d messages", len(facts), rounds)
	}
	for _, f := range facts {
		if f.Type != domain.TypeMessageBlocked {
			t.Errorf("at %d there is a %s", f.Position, f.Type)
		}
	}
}

// Nobody acknowledges a message that he never got.
func TestNoReceiptOfABlockedMessage(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	b := s.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam})
	before := s.head(t)
	for _, user := range []domain.Actor{bob, ann} {
		for _, read := range []bool{false, true} {
			wantRefusal(t, "a receipt", s.acknowledge(t, user, b.MessageID, read), domain.MessageNotFound, "message_id")
		}
	}
	s.wantTypes(t, before)
}

// acknowledge waits for what becomes of a receipt.
func (s *server) acknowledge(t *testing.T, user domain.Actor, message domain.ID, read bool) error {
	t.Helper()
	ended := make(chan error, 1)
	c := command.Acknowledge{Actor: user, Messages: []domain.ID{message}, Read: read, Field: "message_id"}
	s.Acknowledge(context.WithoutCancel(t.Context()), c,
		func(domain.ID, domain.Position) {}, func(err error) { ended <- err })
	return <-ended
}
