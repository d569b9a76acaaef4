package command_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/eventstore/eventstoretest"
	"chainmail/guard/llm"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

// lagging is a view that stays behind, from when it is told to until somebody waits for it.
type lagging struct {
	*view.View
	mu      sync.Mutex
	waiting chan struct{} // guarded by mu; closed when the view may go on
}

func (l *lagging) lag() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = make(chan struct{})
}

func (l *lagging) mayGoOn() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting
}

func (l *lagging) Wait(ctx context.Context, position domain.Position) error {
	l.mu.Lock()
	select {
	case <-l.waiting:
	default:
		close(l.waiting)
	}
	l.mu.Unlock()
	return l.View.Wait(ctx, position)
}

// newLagging returns a server whose view can be made to lag.
func newLagging(t *testing.T, dsn string) (*server, *lagging) {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	log := eventstoretest.Open(t, dsn)
	v, err := view.Load(t.Context(), log, quiet)
	if err != nil {
		t.Fatal(err)
	}
	l := &lagging{View: v, waiting: make(chan struct{})}
	close(l.waiting)
	s := &server{Service: command.New(log, l, history{log}, quiet), log: log}
	running, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() {
		for tail := log.Tail(v.Position()); ; {
			events, err := tail.Next(running)
			if err != nil {
				return
			}
			select {
			case <-l.mayGoOn():
			case <-running.Done():
				return
			}
			v.Apply(events)
		}
	})
	t.Cleanup(func() {
		s.Close()
		cancel()
		following.Wait()
	})
	return s, l
}

// An answer names a conversation before the view knows it. What its sender then sends there by that name keeps its place behind what
// he sent to the person.
func TestOrderHoldsWhileTheViewLags(t *testing.T) {
	t.Parallel()
	released := make(chan struct{})
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer {
		return judgetest.After(released, judgetest.Says(llm.Benign, 0))
	})
	s, v := newLagging(t, pgtest.New(t).DSN)
	j := judgetest.Judge(t)
	j.Model = m.Client(0)
	s.UseJudge(j)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	if err := v.Wait(t.Context(), s.head(t)); err != nil {
		t.Fatal(err)
	}
	v.lag()
	opened, err := s.send(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "1"})
	if err != nil {
		t.Fatal(err)
	}
	second := s.begin(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "2: a " + judgetest.Doubtful})
	third := s.begin(t, command.Send{Actor: ann, ConversationID: opened.ConversationID, Content: "3"})
	if _, err := s.send(t, command.Send{Actor: bob, ConversationID: opened.ConversationID, Content: "hello"}); err != nil {
		t.Fatal(err)
	}
	close(released)
	two, three := <-second, <-third
	if two.err != nil || three.err != nil {
		t.Fatalf("got %v and %v", two.err, three.err)
	}
	if three.Seq < two.Seq {
		t.Errorf("what was sent third has seq %d, before the second with %d", three.Seq, two.Seq)
	}
}
