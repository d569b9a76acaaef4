package command_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
	"chainmail/transport/command"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// server is a log, a view that follows it, and the one way in.
type server struct {
	*command.Service
	log *eventstore.Log
}

func newServer(t *testing.T, dsn string) *server {
	t.Helper()
	return newLogging(t, dsn, slog.New(slog.DiscardHandler))
}

// newLogging returns a server that tells its operator what it does.
func newLogging(t *testing.T, dsn string, logger *slog.Logger) *server {
	t.Helper()
	log := eventstoretest.Open(t, dsn)
	v, err := view.Load(t.Context(), log, logger)
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Service: command.New(log, v, history{log}, logger), log: log}
	running, cancel := context.WithCancel(context.Background())
	var following sync.WaitGroup
	following.Go(func() {
		for tail := log.Tail(v.Position()); ; {
			events, err := tail.Next(running)
			if err != nil {
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
	return s
}

func (s *server) user(t *testing.T, name string) domain.Actor {
	t.Helper()
	id, err := s.Register(t.Context(), domain.RegisterUser{Name: name, Role: domain.RoleMember, Actor: domain.Actor{Auth: domain.AuthCLI}})
	if err != nil {
		t.Fatal(err)
	}
	return domain.Actor{ID: id, Auth: domain.AuthToken}
}

// send waits for what becomes of a message.
func (s *server) send(t *testing.T, c command.Send) (command.Sent, error) {
	t.Helper()
	type answer struct {
		sent command.Sent
		err  error
	}
	answers := make(chan answer, 1)
	s.Send(context.WithoutCancel(t.Context()), c, func(domain.ID) {}, func(sent command.Sent, err error) { answers <- answer{sent, err} })
	a := <-answers
	return a.sent, a.err
}

// TestNoMessageOfOneWhoLeft lets people write into a group through two servers while they are
// taken out and brought back, and into direct conversations while they block each other. In the
// log nobody writes who is out, or blocked, at that position.
func TestNoMessageOfOneWhoLeft(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	servers := []*server{newServer(t, db.DSN), newServer(t, db.DSN)}
	starter, ann, bob := servers[0].user(t, "starter"), servers[0].user(t, "ann"), servers[0].user(t, "bob")
	group, _, err := servers[0].Start(t.Context(), starter, []domain.ID{ann.ID, bob.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	const rounds = 60
	for i, who := range []domain.Actor{ann, bob, ann, bob} {
		s := servers[i%2]
		wg.Go(func() {
			for range rounds {
				s.tolerate(t, command.Send{Actor: who, ConversationID: group, Content: "in the group"})
				s.tolerate(t, command.Send{Actor: who, ReceiverID: starter.ID, Content: "in private"})
			}
		})
	}
	for i, who := range []domain.Actor{ann, bob} {
		s := servers[1-i]
		wg.Go(func() {
			for range rounds / 3 {
				s.must(t)(s.Remove(t.Context(), starter, group, who.ID))
				s.must(t)(s.Block(t.Context(), starter, who.ID))
				s.must(t)(s.Unblock(t.Context(), starter, who.ID))
				s.must(t)(s.Add(t.Context(), starter, group, who.ID))
			}
		})
	}
	wg.Wait()

	state := domain.NewState()
	sent := 0
	for after := domain.Position(0); ; {
		events, err := servers[0].log.Read(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			after = e.Position
			if data, err := domain.Decode(e); err != nil {
				t.Fatal(err)
			} else if m, ok := data.(*domain.MessageSent); ok {
				sent++
				if !state.Conversation(m.ConversationID).Has(m.SenderID) {
					t.Errorf("the message at %d is of somebody who is out", e.Position)
				}
				if m.ReceiverID != nil && state.Blocked(m.SenderID, *m.ReceiverID) {
					t.Errorf("the direct message at %d passed a block", e.Position)
				}
			}
			if err := state.Apply(e); err != nil {
				t.Errorf("apply: %v", err)
			}
		}
	}
	if sent == 0 {
		t.Error("nothing was sent: the race did not happen")
	}
}

// tolerate sends, and accepts a refusal but no failure.
func (s *server) tolerate(t *testing.T, c command.Send) {
	if _, err := s.send(t, c); err != nil {
		if refusal := new(domain.Refusal); !errors.As(err, &refusal) {
			t.Errorf("send: %v", err)
		}
	}
}

func (s *server) must(t *testing.T) func(command.Done, error) {
	return func(_ command.Done, err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
}

func TestOneSendersMessagesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	const count = 500
	var (
		wg    sync.WaitGroup
		seqs  [count]domain.Seq
		conv  domain.ID
		first sync.Once
	)
	for i := range count {
		wg.Add(1)
		s.Send(t.Context(), command.Send{Actor: ann, ReceiverID: bob.ID, Content: "m"}, func(domain.ID) {},
			func(sent command.Sent, err error) {
				defer wg.Done()
				if err != nil {
					t.Errorf("message %d: %v", i, err)
				}
				seqs[i] = sent.Seq
				first.Do(func() { conv = sent.ConversationID })
			})
	}
	wg.Wait()
	for i, seq := range seqs {
		if seq != domain.Seq(i+2) { // the start has 1
			t.Fatalf("message %d of %s has seq %d", i, conv, seq)
		}
	}
}

func TestARepeatGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	s := newServer(t, pgtest.New(t).DSN)
	ann, bob := s.user(t, "ann"), s.user(t, "bob")
	c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: "once", ClientMessageID: "1"}
	first, err := s.send(t, c)
	if err != nil {
		t.Fatal(err)
	}
	// It gets it even when it could not be sent any more, and under the conversation's name too.
	if _, err := s.Block(t.Context(), bob, ann.ID); err != nil {
		t.Fatal(err)
	}
	for name, again := range map[string]command.Send{
		"to the receiver":     c,
		"to the conversation": {Actor: ann, ConversationID: first.ConversationID, Content: "once", ClientMessageID: "1"},
	} {
		got, err := s.send(t, again)
		if err != nil || got.MessageID != first.MessageID || !got.Duplicate || got.Position != first.Position {
			t.Errorf("%s: %+v, %v; want the message at %d", name, got, err, first.Position)
		}
	}
	c.Content = "twice"
	if _, err := s.send(t, c); !errors.Is(err, &domain.Refusal{Code: domain.InvalidField, Field: "client_message_id"}) {
		t.Errorf("other content: %v", err)
	}
	c.ClientMessageID = "2"
	if _, err := s.send(t, c); !errors.Is(err, &domain.Refusal{Code: domain.Forbidden}) {
		t.Errorf("a new message past the block: %v", err)
	}
}
