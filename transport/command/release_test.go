package command_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

// admin makes an account that reviews blocked messages.
func (s *server) admin(t *testing.T) domain.Actor {
	t.Helper()
	id, err := s.Register(t.Context(), domain.RegisterUser{Name: "admin", Role: domain.RoleAdmin, Actor: domain.Actor{Auth: domain.AuthCLI}})
	if err != nil {
		t.Fatal(err)
	}
	return domain.Actor{ID: id, Auth: domain.AuthToken}
}

func TestReleaseSendsTheMessage(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	admin, ann, bob := s.admin(t), s.user(t, "ann"), s.user(t, "bob")
	c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam, ClientMessageID: "1"}
	b := s.wantBlocked(t, c)
	was := s.facts(t, b.Position-1)[0].data.(*domain.MessageBlocked)
	before := s.head(t)
	sent, err := s.Release(t.Context(), admin, b.MessageID)
	if err != nil {
		t.Fatal(err)
	}
	s.wantTypes(t, before, domain.TypeMessageReleased, domain.TypeConversationStarted, domain.TypeMessageSent)
	facts := s.facts(t, before)
	r, m := facts[0].data.(*domain.MessageReleased), facts[2].data.(*domain.MessageSent)
	if r.MessageID != b.MessageID || r.BlockedPosition != b.Position || r.ReleasedID != sent.MessageID || r.ReleasedBy != admin.ID ||
		r.SenderID != ann.ID || r.ConversationID != sent.ConversationID {
		t.Errorf("released: got %+v", r)
	}
	if m.MessageID != sent.MessageID || m.MessageID == b.MessageID || m.SenderID != ann.ID || !equalIDs(m.ReceiverID, &bob.ID) ||
		m.ClientMessageID != nil || m.Content != judgetest.Scam || m.Salt != was.Salt || m.ContentHash != was.ContentHash ||
		m.RiskScore != was.RiskScore || m.PolicyHash == nil || *m.PolicyHash != was.PolicyHash {
		t.Errorf("sent: got %+v, was %+v", m, was)
	}
	if sent.Position != before+3 || sent.Seq != 2 || sent.Duplicate || sent.ContentHash != was.ContentHash || sent.ClientMessageID != "" {
		t.Errorf("answer: got %+v", sent)
	}
	for _, f := range facts {
		meta, err := domain.ParseMetadata(f.Metadata)
		if err != nil || !equalIDs(meta.ActorID, &admin.ID) {
			t.Errorf("the actor of the %s is %v, %v", f.Type, meta.ActorID, err)
		}
	}
	// A repeat of the sender's frame still gets the warning, and the receiver has a message like any other.
	if again := s.wantBlocked(t, c); !sameWarning(again, b) {
		t.Errorf("a repeat: got %+v, want %+v", again, b)
	}
	if err := s.acknowledge(t, bob, sent.MessageID, true); err != nil {
		t.Errorf("read: %v", err)
	}
	wantRefusal(t, "read by its blocked id", s.acknowledge(t, bob, b.MessageID, true), domain.MessageNotFound, "message_id")
	before = s.head(t)
	_, err = s.Release(t.Context(), admin, b.MessageID)
	wantRefusal(t, "once more", err, domain.Conflict, "id")
	s.wantTypes(t, before)
}

// A release goes where its sender could write now.
func TestReleaseIntoWhatThereIsNow(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	admin, ann, bob, cat := s.admin(t), s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	group, _, err := s.Start(t.Context(), cat, []domain.ID{ann.ID, bob.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}
	toBob := s.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam})
	inGroup := s.wantBlocked(t, command.Send{Actor: ann, ConversationID: group, Content: judgetest.Scam})
	hello, err := s.send(t, command.Send{Actor: bob, ReceiverID: ann.ID, Content: "hello"}) // opens the conversation meanwhile
	if err != nil {
		t.Fatal(err)
	}
	before := s.head(t)
	for want, id := range map[domain.ID]domain.ID{hello.ConversationID: toBob.MessageID, group: inGroup.MessageID} {
		if sent, err := s.Release(t.Context(), admin, id); err != nil || sent.ConversationID != want {
			t.Errorf("got %+v, %v, want it in %s", sent, err, want)
		}
	}
	s.wantTypes(t, before, domain.TypeMessageReleased, domain.TypeMessageSent, domain.TypeMessageReleased, domain.TypeMessageSent)
}

func TestReleaseIsRefused(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	admin, ann, bob, cat, dan, eve := s.admin(t), s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat"), s.user(t, "dan"), s.user(t, "eve")
	service, err := s.Register(t.Context(), domain.RegisterUser{Name: "service", Role: domain.RoleService, Actor: domain.Actor{Auth: domain.AuthCLI}})
	if err != nil {
		t.Fatal(err)
	}
	group, _, err := s.Start(t.Context(), ann, []domain.ID{bob.ID, cat.ID}, "group", "")
	if err != nil {
		t.Fatal(err)
	}
	hello, err := s.send(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	bad := func(from domain.Actor, c command.Send) domain.ID {
		c.Actor, c.Content = from, judgetest.Scam
		return s.wantBlocked(t, c).MessageID
	}
	plain := bad(ann, command.Send{ReceiverID: bob.ID})
	erased := bad(ann, command.Send{ReceiverID: bob.ID})
	s.must(t)(s.Erase(t.Context(), ann, erased, domain.ReasonSender))
	toCat := bad(ann, command.Send{ReceiverID: cat.ID})
	s.must(t)(s.Block(t.Context(), cat, ann.ID))
	byDan := bad(dan, command.Send{ReceiverID: bob.ID})
	s.must(t)(s.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, dan.ID))
	toEve := bad(ann, command.Send{ReceiverID: eve.ID})
	s.must(t)(s.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, eve.ID))
	inGroup := bad(cat, command.Send{ConversationID: group})
	s.must(t)(s.Remove(t.Context(), cat, group, cat.ID))
	released := bad(ann, command.Send{ReceiverID: bob.ID})
	sent, err := s.Release(t.Context(), admin, released)
	if err != nil {
		t.Fatal(err)
	}

	before := s.head(t)
	for name, test := range map[string]struct {
		actor domain.Actor
		id    domain.ID
		code  domain.Code
	}{
		"by its sender":          {ann, plain, domain.Forbidden},
		"by its receiver":        {bob, plain, domain.Forbidden},
		"by a service":           {domain.Actor{ID: service, Auth: domain.AuthToken}, plain, domain.Forbidden},
		"by nobody":              {domain.Actor{ID: domain.ID{9}, Auth: domain.AuthToken}, plain, domain.Forbidden},
		"nothing":                {admin, domain.ID{9}, domain.MessageNotFound},
		"what was sent":          {admin, hello.MessageID, domain.MessageNotFound},
		"by the id of a release": {admin, sent.MessageID, domain.MessageNotFound},
		"erased":                 {admin, erased, domain.Conflict},
		"released":               {admin, released, domain.Conflict},
		"past a block":           {admin, toCat, domain.Conflict},
		"of one deactivated":     {admin, byDan, domain.Conflict},
		"to one deactivated":     {admin, toEve, domain.Conflict},
		"of one who has left":    {admin, inGroup, domain.Conflict},
	} {
		got, err := s.Release(t.Context(), test.actor, test.id)
		if err == nil {
			t.Errorf("%s: released as %+v", name, got)
			continue
		}
		wantRefusal(t, name, err, test.code, "")
	}
	s.wantTypes(t, before)
}

// Of two releases at once, on two servers, one succeeds. The direct conversation may come into being at the same time.
func TestTwoReleasesAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	servers := []*server{newJudged(t, dsn, nil), newJudged(t, dsn, nil)}
	s := servers[0]
	admin := s.admin(t)
	for round := range 50 {
		ann, bob := s.user(t, fmt.Sprint("ann ", round)), s.user(t, fmt.Sprint("bob ", round))
		b := s.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam})
		before := s.head(t)
		var errs [2]error
		var sent [2]command.Sent
		var wg sync.WaitGroup
		for i, at := range servers {
			wg.Go(func() { sent[i], errs[i] = at.Release(t.Context(), admin, b.MessageID) })
		}
		wg.Go(func() {
			if _, err := servers[round%2].send(t, command.Send{Actor: bob, ReceiverID: ann.ID, Content: "hello"}); err != nil {
				t.Errorf("round %d: hello: %v", round, err)
			}
		})
		wg.Wait()
		if errs[0] != nil {
			errs[0], errs[1], sent[0], sent[1] = errs[1], errs[0], sent[1], sent[0]
		}
		if errs[0] != nil || !errors.Is(errs[1], &domain.Refusal{Code: domain.Conflict}) {
			t.Fatalf("round %d: got %v and %v, want one release and one conflict", round, errs[0], errs[1])
		}
		counts := make(map[domain.Type]int)
		for _, f := range s.facts(t, before) {
			counts[f.Type]++
			if m, ok := f.data.(*domain.MessageSent); ok && m.SenderID == ann.ID && (f.Position != sent[0].Position || m.MessageID != sent[0].MessageID) {
				t.Errorf("round %d: at %d there is %s, want %s at %d", round, f.Position, m.MessageID, sent[0].MessageID, sent[0].Position)
			}
		}
		if counts[domain.TypeMessageReleased] != 1 || counts[domain.TypeMessageSent] != 2 || counts[domain.TypeConversationStarted] != 1 {
			t.Fatalf("round %d: the log has %v", round, counts)
		}
	}
}
