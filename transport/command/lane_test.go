package command_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/guard/llm"
	"chainmail/migrations/pgtest"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

// outcome is what became of a message.
type outcome struct {
	command.Sent
	err error
}

// begin hands a message over and returns where its outcome will come.
func (s *server) begin(t *testing.T, c command.Send) <-chan outcome {
	t.Helper()
	outcomes := make(chan outcome, 1)
	s.Send(context.WithoutCancel(t.Context()), c, func(domain.ID) {}, func(sent command.Sent, err error) {
		outcomes <- outcome{sent, err}
	})
	return outcomes
}

// While the model is asked about a message, what its sender sends to the same conversation waits, and nothing else does: the model
// does not answer before the rest has happened.
func TestOnlyWhatFollowsWaitsForTheModel(t *testing.T) {
	t.Parallel()
	asked, released := make(chan struct{}), make(chan struct{})
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer {
		close(asked) // it is asked once
		return judgetest.After(released, judgetest.Says(llm.Benign, 0))
	})
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob, carol := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "carol")
	opened, err := s.send(t, command.Send{Actor: bob, ReceiverID: ann.ID, Content: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	talk := opened.ConversationID
	group, _, err := s.Start(t.Context(), ann, []domain.ID{bob.ID, carol.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}

	one := s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "1"})
	two := s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "2: a " + judgetest.Doubtful})
	three := s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "3"})
	blocked := s.begin(t, command.Send{Actor: ann, ConversationID: talk, Content: judgetest.Scam})
	four := s.begin(t, command.Send{Actor: ann, ConversationID: talk, Content: "4"}) // however the conversation is named
	<-asked
	first := <-one
	if first.err != nil {
		t.Fatal(first.err)
	}
	between := []command.Send{
		{Actor: ann, ReceiverID: carol.ID, Content: "to another"},
		{Actor: ann, ConversationID: group, Content: "to a group"},
		{Actor: bob, ReceiverID: ann.ID, Content: "in the other direction"},
		{Actor: bob, ConversationID: talk, Content: "in the other direction"},
		{Actor: carol, ReceiverID: bob.ID, Content: "somebody else's"},
	}
	for _, c := range between {
		if _, err := s.send(t, c); err != nil {
			t.Errorf("%s: %v", c.Content, err)
		}
	}
	if err := s.acknowledge(t, ann, opened.MessageID, true); err != nil {
		t.Errorf("a receipt: %v", err)
	}
	s.must(t)(s.Erase(t.Context(), ann, first.MessageID, domain.ReasonSender))
	for name, waiting := range map[string]<-chan outcome{"2": two, "3": three, "a bad one": blocked, "4": four} {
		select {
		case o := <-waiting:
			t.Errorf("%s did not wait: %+v", name, o)
		default:
		}
	}
	before := s.head(t)
	close(released)
	second, third, fourth := <-two, <-three, <-four
	if second.err != nil || third.err != nil || fourth.err != nil {
		t.Fatalf("got %v, %v, %v", second.err, third.err, fourth.err)
	}
	if (<-blocked).err == nil {
		t.Error("a bad message was sent")
	}
	s.wantTypes(t, before, domain.TypeMessageJudged, domain.TypeMessageSent, domain.TypeMessageSent, domain.TypeMessageBlocked, domain.TypeMessageSent)
	facts := s.facts(t, before)
	for i, want := range map[int]domain.ID{1: second.MessageID, 2: third.MessageID, 4: fourth.MessageID} {
		if got := facts[i].data.(*domain.MessageSent).MessageID; got != want {
			t.Errorf("the log has %s as number %d, want %s", got, i, want)
		}
	}
	judged := facts[0].data.(*domain.MessageJudged)
	if judged.Model == nil || judged.Model.Label == nil || *judged.Model.Label != string(llm.Benign) || judged.MessageID != second.MessageID {
		t.Errorf("judged: got %+v", judged)
	}
}

// What is judged goes on its way before what still is: a message in the middle of a wave is not taken along without its verdict.
func TestAWaveEndsAtWhatIsNotJudged(t *testing.T) {
	t.Parallel()
	may := map[string]chan struct{}{"first": make(chan struct{}), "second": make(chan struct{})}
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		word, _, _ := strings.Cut(q.Text, " ")
		return judgetest.After(may[word], judgetest.Says(llm.Scam, map[string]float64{"second": 1}[word]))
	})
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	var outcomes []<-chan outcome
	for _, text := range []string{"first " + judgetest.Doubtful, "hello", "second " + judgetest.Doubtful, "bye"} {
		outcomes = append(outcomes, s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: text}))
	}
	close(may["first"])
	for i, o := range outcomes[:2] {
		if got := <-o; got.err != nil || got.Seq != domain.Seq(i+2) {
			t.Errorf("message %d: got seq %d, %v", i, got.Seq, got.err)
		}
	}
	before := s.head(t)
	close(may["second"])
	if got := <-outcomes[2]; !errors.As(got.err, new(*command.Blocked)) {
		t.Errorf("the second: got %+v, want it blocked", got)
	}
	if got := <-outcomes[3]; got.err != nil || got.Seq != 4 {
		t.Errorf("the last: got %+v", got)
	}
	s.wantTypes(t, before, domain.TypeMessageBlocked, domain.TypeMessageSent)
}

// One sender's messages keep their order, though the model answers in another: it answers the first one once it was asked about all.
func TestManyUncertainMessagesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	const count = 150 // more than one wave
	asked, last := make(chan struct{}, count), make(chan struct{})
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		asked <- struct{}{}
		if strings.HasPrefix(q.Text, "0:") {
			return judgetest.After(last, judgetest.Says(llm.Benign, 0))
		}
		return judgetest.Says(llm.Benign, 0)
	})
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	var outcomes []<-chan outcome
	for i := range count {
		outcomes = append(outcomes, s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: fmt.Sprintf("%d: a %s", i, judgetest.Doubtful)}))
		outcomes = append(outcomes, s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: fmt.Sprint("after ", i)}))
	}
	for range count {
		<-asked
	}
	close(last)
	for i, o := range outcomes {
		if got := <-o; got.err != nil || got.Seq != domain.Seq(i+2) {
			t.Fatalf("message %d: got seq %d, %v, want %d", i, got.Seq, got.err, i+2)
		}
	}
}

// A lane takes so many messages and no more; what is refused can be sent again once some are answered, and keeps nobody else's out.
func TestALaneIsBounded(t *testing.T) {
	t.Parallel()
	const most = 1024
	may := make(chan struct{})
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return judgetest.After(may, judgetest.Says(llm.Benign, 0)) })
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	earlier := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello", ClientMessageID: "earlier"}
	if _, err := s.send(t, earlier); err != nil {
		t.Fatal(err)
	}
	outcomes := []<-chan outcome{s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Doubtful})}
	for range most - 1 {
		outcomes = append(outcomes, s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello"}))
	}
	late := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "late", ClientMessageID: "late"}
	for _, text := range []string{"late", "late: a " + judgetest.Doubtful} {
		late.Content = text
		_, err := s.send(t, late)
		wantRefusal(t, text, err, "unavailable", "")
	}
	if sent, err := s.send(t, earlier); err != nil || !sent.Duplicate {
		t.Errorf("a repeat: got %+v, %v", sent, err)
	}
	if _, err := s.send(t, command.Send{Actor: ann, ReceiverID: cat.ID, Content: "hello"}); err != nil {
		t.Errorf("to another: %v", err)
	}
	close(may)
	for i, o := range outcomes {
		if got := <-o; got.err != nil || got.Seq != domain.Seq(i+3) {
			t.Fatalf("message %d: got seq %d, %v", i, got.Seq, got.err)
		}
	}
	late.Content = "late"
	if sent, err := s.send(t, late); err != nil || sent.Duplicate || sent.Seq != most+3 {
		t.Errorf("after: got %+v, %v", sent, err)
	}
	if got := m.Texts(); len(got) != 1 {
		t.Errorf("asked about %q, want the first one", got)
	}
}

// Receipts are taken whole or not at all.
func TestReceiptsAreBounded(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	sent, err := s.send(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	before, told := s.head(t), 0
	ended := make(chan error, 1)
	receipts := slices.Repeat([]domain.ID{sent.MessageID}, 16_385)
	s.Acknowledge(t.Context(), command.Acknowledge{Actor: bob, Messages: receipts, Read: true}, func(_ domain.ID, at domain.Position) {
		if told++; at != 0 {
			t.Errorf("a receipt is at %d", at)
		}
	}, func(err error) { ended <- err })
	wantRefusal(t, "too many", <-ended, "unavailable", "")
	if told != len(receipts) {
		t.Errorf("told of %d receipts, want %d", told, len(receipts))
	}
	s.wantTypes(t, before)
	if err := s.acknowledge(t, bob, sent.MessageID, true); err != nil {
		t.Errorf("after: %v", err)
	}
}
