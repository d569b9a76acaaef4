package command_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/guard/llm"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

// A repeat of what is stored does not ask the model again, after a restart and with a model that does not answer any more too, and
// neither does a slip under its client_message_id.
func TestARepeatDoesNotAskTheModel(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	opinions := map[string]float64{"fine": 0, "bad": 1}
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		for word, score := range opinions {
			if q.Text == word+": a "+judgetest.Doubtful {
				return judgetest.Says(llm.Injection, score)
			}
		}
		t.Errorf("asked about %q", q.Text)
		return judgetest.Status(500)
	})
	s := newJudged(t, dsn, m.Client(0))
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	fine := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "fine: a " + judgetest.Doubtful, ClientMessageID: "fine"}
	bad := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "bad: a " + judgetest.Doubtful, ClientMessageID: "bad"}
	first, err := s.send(t, fine)
	if err != nil {
		t.Fatal(err)
	}
	warning := s.wantBlocked(t, bad)
	if warning.RiskScore != 0.95 || !slices.Equal(warning.Reasons, []string{"language_model", "doubtful_offer"}) {
		t.Errorf("blocked: got %+v", warning)
	}
	silent := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		t.Errorf("asked again about %q", q.Text)
		return judgetest.Silent
	})
	for name, again := range map[string]*server{
		"the same server": s, "restarted": newJudged(t, dsn, m.Client(0)), "with another model": newJudged(t, dsn, silent.Client(300*time.Millisecond)),
	} {
		if got, err := again.send(t, fine); err != nil || !got.Duplicate || got.MessageID != first.MessageID {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if got := again.wantBlocked(t, bad); !sameWarning(got, warning) {
			t.Errorf("%s: got %+v, want %+v", name, got, warning)
		}
		slip := fine
		slip.Content = "more of the " + judgetest.Doubtful
		_, err := again.send(t, slip)
		wantRefusal(t, name, err, domain.InvalidField, "client_message_id")
	}
	if got := m.Texts(); len(got) != 2 {
		t.Errorf("the model was asked about %q, want two questions", got)
	}
}

// What cannot be stored for other reasons is refused without asking the model.
func TestWhatIsRefusedIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		t.Errorf("asked about %q", q.Text)
		return judgetest.Status(500)
	})
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob, cat, dan := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat"), s.user(t, "dan")
	group, _, err := s.Start(t.Context(), cat, []domain.ID{bob.ID, dan.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}
	s.must(t)(s.Block(t.Context(), bob, ann.ID))
	s.must(t)(s.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, dan.ID))
	before := s.head(t)
	for name, test := range map[string]struct {
		actor domain.Actor
		send  command.Send
		code  domain.Code
	}{
		"a control character":   {ann, command.Send{ReceiverID: cat.ID, Content: "a \x00 " + judgetest.Doubtful}, domain.InvalidField},
		"a long id":             {ann, command.Send{ReceiverID: cat.ID, ClientMessageID: strings.Repeat("x", 65)}, domain.InvalidField},
		"to himself":            {ann, command.Send{ReceiverID: ann.ID}, domain.InvalidField},
		"to nobody":             {ann, command.Send{ReceiverID: domain.ID{1}}, domain.ReceiverNotFound},
		"to one who is gone":    {ann, command.Send{ReceiverID: dan.ID}, domain.ReceiverNotFound},
		"to one who blocks him": {ann, command.Send{ReceiverID: bob.ID}, domain.Forbidden},
		"to others' group":      {ann, command.Send{ConversationID: group}, domain.NotAParticipant},
		"to no conversation":    {ann, command.Send{ConversationID: domain.ID{1}}, domain.ConversationNotFound},
		"from one who is gone":  {dan, command.Send{ConversationID: group}, domain.Forbidden},
		"with an id, to nobody": {ann, command.Send{ReceiverID: domain.ID{1}, ClientMessageID: "1"}, domain.ReceiverNotFound},
	} {
		c := test.send
		c.Actor = test.actor
		if c.Content == "" {
			c.Content = judgetest.Doubtful
		}
		_, err := s.send(t, c)
		wantRefusal(t, name, err, test.code, "")
	}
	s.wantTypes(t, before)
}

// onDemand is a view that is behind until somebody waits for it.
type onDemand struct{ *view.View }

func (v onDemand) Wait(ctx context.Context, _ domain.Position) error { return v.Refresh(ctx) }

// What only an old view would refuse is asked about.
func TestAnOldViewIsNoReasonNotToAsk(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return judgetest.Says(llm.Scam, 1) })
	s, logger := newServer(t, dsn), slog.New(slog.DiscardHandler)
	old, err := view.Load(t.Context(), s.log, logger)
	if err != nil {
		t.Fatal(err)
	}
	behind := &server{Service: command.New(s.log, onDemand{old}, history{s.log}, logger), log: s.log}
	j := judgetest.Judge(t)
	j.Model = m.Client(0)
	behind.UseJudge(j)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	b := behind.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Doubtful})
	if got := m.Texts(); len(got) != 1 || b.Reasons[0] != "language_model" {
		t.Errorf("got %+v, asked about %q", b, got)
	}
	behind.Close()
}

// Who could not write when the model would have been asked, and could by the time of his turn, does not write unjudged.
func TestWhatWasRefusedIsNotSentUnjudged(t *testing.T) {
	t.Parallel()
	const rounds = 10
	var may [rounds]chan struct{}
	for i := range may {
		may[i] = make(chan struct{})
	}
	asked := make(chan struct{}, 2*rounds)
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		asked <- struct{}{}
		if text, first := strings.CutPrefix(q.Text, "first "); first {
			round, _, _ := strings.Cut(text, " ")
			n, _ := strconv.Atoi(round)
			return judgetest.After(may[n], judgetest.Says(llm.Benign, 0))
		}
		return judgetest.Says(llm.Benign, 0)
	})
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	refused := 0
	for round := range rounds {
		first := s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: fmt.Sprintf("first %d a %s", round, judgetest.Doubtful)})
		<-asked
		s.must(t)(s.Block(t.Context(), bob, ann.ID))
		second := s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: fmt.Sprintf("second %d a %s", round, judgetest.Doubtful)})
		for range 5 { // the second has the time to be refused; if it is not, it is asked about
			if _, err := s.send(t, command.Send{Actor: cat, ReceiverID: bob.ID, Content: "hello"}); err != nil {
				t.Fatal(err)
			}
		}
		s.must(t)(s.Unblock(t.Context(), bob, ann.ID))
		close(may[round])
		if got := <-first; got.err != nil {
			t.Errorf("the first of round %d: %v", round, got.err)
		}
		if got := <-second; got.err != nil {
			refused++
			wantRefusal(t, "the second", got.err, domain.Forbidden, "receiver_id")
		} else if sent := s.facts(t, got.Position-1)[0].data.(*domain.MessageSent); sent.PolicyHash == nil {
			t.Errorf("the second of round %d was sent unjudged", round)
		} else {
			<-asked
		}
	}
	t.Logf("refused: %d of %d", refused, rounds)
}

// A model that does not answer holds a message up no longer than its deadline; what then becomes of it is recorded, and a new
// message is asked about anew.
func TestAModelThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		t.Run(fmt.Sprintf("strict %t", strict), func(t *testing.T) {
			t.Parallel()
			m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer { return judgetest.Silent })
			s := newServer(t, pgtest.New(t).DSN)
			j := judgetest.Judge(t)
			j.Model, j.Strict = m.Client(2*time.Second), strict // long enough for the question to arrive
			s.UseJudge(j)
			ann, bob := s.user(t, "ann"), s.user(t, "bob")
			c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Doubtful, ClientMessageID: "1"}
			before := s.head(t)
			var opinion *domain.ModelOpinion
			if strict {
				b := s.wantBlocked(t, c)
				const want = "Your message was not sent. It looks suspicious, and a closer look is not possible just now. Try again later, as a new message."
				if b.RiskScore != 0.5 || !slices.Equal(b.Reasons, []string{"doubtful_offer", "language_model_unanswered"}) || b.Message != want {
					t.Errorf("got %+v", b)
				}
				s.wantTypes(t, before, domain.TypeMessageBlocked)
				opinion = s.facts(t, before)[0].data.(*domain.MessageBlocked).Model
			} else {
				if sent, err := s.send(t, c); err != nil || sent.RiskScore != 0.5 {
					t.Errorf("got %+v, %v", sent, err)
				}
				s.wantTypes(t, before, domain.TypeConversationStarted, domain.TypeMessageJudged, domain.TypeMessageSent)
				opinion = s.facts(t, before)[1].data.(*domain.MessageJudged).Model
			}
			if opinion == nil || opinion.Failure == nil || *opinion.Failure != string(llm.Timeout) || opinion.Label != nil || opinion.Score != nil {
				t.Errorf("opinion: got %+v", opinion)
			}
			c.ClientMessageID = "2"
			s.begin(t, c)
			s.Close()
			if got := m.Texts(); len(got) != 2 {
				t.Errorf("asked %d times, want twice", len(got))
			}
		})
	}
}

// Whose caller leaves, or whose server ends, while the model is asked, is judged as if he had stayed, and who waits for his turn is not
// judged at all: nothing is stored on a verdict that lacks the model's opinion.
func TestLeavingIsNoVerdict(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		t.Run(fmt.Sprintf("strict %t", strict), func(t *testing.T) {
			t.Parallel()
			const count = 16 // an append whose caller has left may still be stored
			asked, answer := make(chan struct{}, 2*count), make(chan struct{})
			m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer {
				asked <- struct{}{}
				return judgetest.After(answer, judgetest.Says(llm.Scam, 0.2))
			})
			s := newServer(t, pgtest.New(t).DSN)
			j := judgetest.Judge(t)
			j.Model, j.Strict = m.Client(0), strict
			s.UseJudge(j)
			ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
			before := s.head(t)
			ctx, leave := context.WithCancel(t.Context())
			errs := make(chan error, 2*count)
			for i := range count {
				text := fmt.Sprintf("%d: a %s", i, judgetest.Doubtful)
				s.Send(ctx, command.Send{Actor: ann, ReceiverID: s.user(t, text[:1]).ID, Content: text}, func(domain.ID) {},
					func(_ command.Sent, err error) { errs <- err })
				go func() {
					_, _, err := s.Start(ctx, ann, []domain.ID{bob.ID, cat.ID}, "group "+text, "")
					errs <- err
				}()
			}
			for range 2 { // of one sender no more are asked about at once
				<-asked
			}
			leave()
			close(answer)
			for range 2 * count {
				if err := <-errs; err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, &domain.Refusal{Code: "unavailable"}) {
					t.Errorf("got %v", err)
				}
			}
			if got := j.Counts(); got.Blocked != 0 || got.Uncertain != int64(len(m.Texts())) { // the rest are names
				t.Errorf("counts: got %+v, asked about %d", got, len(m.Texts()))
			}
			for _, f := range s.facts(t, before) {
				switch d := f.data.(type) {
				case *domain.MessageBlocked:
					t.Errorf("at %d a message is blocked: %v", f.Position, d.Reasons)
				case *domain.MessageJudged:
					if d.Model == nil || d.Model.Label == nil {
						t.Errorf("at %d the model's opinion is %+v", f.Position, d.Model)
					}
				}
			}
		})
	}
}
