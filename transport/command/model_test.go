package command_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/guard/llm"
	"chainmail/migrations/pgtest"
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

// What cannot be stored for other reasons is not asked about for long: bad content is refused at once.
func TestBadContentIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		t.Errorf("asked about %q", q.Text)
		return judgetest.Silent
	})
	s := newJudged(t, pgtest.New(t).DSN, m.Client(0))
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	_, err := s.send(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "a \x00 " + judgetest.Doubtful})
	wantRefusal(t, "a control character", err, domain.InvalidField, "content")
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
			j.Model, j.Strict = m.Client(200*time.Millisecond), strict
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

// Whose caller leaves, or whose server ends, while the model is asked, is judged as if he had stayed: nothing is stored on a verdict
// that lacks the model's opinion.
func TestLeavingIsNoVerdict(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		t.Run(fmt.Sprintf("strict %t", strict), func(t *testing.T) {
			t.Parallel()
			asked, answer := make(chan struct{}), make(chan struct{})
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
			const count = 16 // an append whose caller has left may still be stored
			errs := make(chan error, 2*count)
			for i := range count {
				text := fmt.Sprintf("%d: a %s", i, judgetest.Doubtful)
				s.Send(ctx, command.Send{Actor: ann, ReceiverID: s.user(t, text[:1]).ID, Content: text}, func(domain.ID) {},
					func(_ command.Sent, err error) { errs <- err })
				go func() {
					_, _, err := s.Start(ctx, ann, []domain.ID{bob.ID, cat.ID}, "group "+text)
					errs <- err
				}()
			}
			for range 2 * count {
				<-asked
			}
			leave()
			close(answer)
			for range 2 * count {
				if err := <-errs; err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			}
			if got := j.Counts(); got.Blocked != 0 || got.Uncertain != 2*count { // the rest are names
				t.Errorf("counts: got %+v", got)
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
