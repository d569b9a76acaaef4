package command_test

import (
	"fmt"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

func TestEraseOfABlockedMessage(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	s, other := newJudged(t, dsn, nil), newJudged(t, dsn, nil)
	admin, ann, bob := s.admin(t), s.user(t, "ann"), s.user(t, "bob")
	for name, test := range map[string]struct {
		releases bool
		byTwin   bool // names the message that it was released as
		actor    domain.Actor
		at       *server
	}{
		"by its sender":                    {false, false, ann, s},
		"by an admin":                      {false, false, admin, s},
		"elsewhere":                        {false, false, ann, other},
		"after its release":                {true, false, ann, s},
		"after its release, by its new id": {true, true, ann, other},
		"after its release, by an admin":   {true, true, admin, s},
	} {
		c := command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam, ClientMessageID: name}
		b := s.wantBlocked(t, c)
		id, gone := b.MessageID, []domain.Position{b.Position}
		if test.releases {
			sent, err := s.Release(t.Context(), admin, b.MessageID)
			if err != nil {
				t.Fatal(err)
			}
			gone = append(gone, sent.Position)
			if test.byTwin {
				id = sent.MessageID
			}
		}
		_, err := test.at.Erase(t.Context(), domain.Actor{ID: bob.ID, Auth: domain.AuthToken}, b.MessageID, domain.ReasonPrivacy)
		wantRefusal(t, name+": by its receiver", err, domain.MessageNotFound, "message_id")
		before := s.head(t)
		for round := range 2 { // the second changes nothing
			done, err := test.at.Erase(t.Context(), test.actor, id, domain.ReasonSender)
			if err != nil || done.Changed != (round == 0) {
				t.Errorf("%s, round %d: got %+v, %v", name, round, done, err)
			}
		}
		want := []domain.Type{domain.TypeContentErased, domain.TypeContentErased}
		s.wantTypes(t, before, want[:len(gone)]...)
		s.wantGone(t, name, gone...)
		_, err = s.Release(t.Context(), admin, b.MessageID)
		wantRefusal(t, name+": released then", err, domain.Conflict, "id")
		if again := s.wantBlocked(t, c); !sameWarning(again, b) {
			t.Errorf("%s: a repeat: got %+v, want %+v", name, again, b)
		}
	}
}

// wantGone checks that the bodies at these positions are gone, each by an erasure in the log.
func (s *server) wantGone(t testing.TB, what string, positions ...domain.Position) {
	t.Helper()
	all := s.facts(t, 0)
	for _, at := range positions {
		if body := all[at-1].Body; body != nil {
			t.Errorf("%s: the body at %d is there: %s", what, at, body)
		}
		erasures := 0
		for _, f := range all {
			if e, ok := f.data.(*domain.ContentErased); ok && e.ErasedPosition == at {
				erasures++
			}
		}
		if erasures != 1 {
			t.Errorf("%s: what was at %d is erased %d times", what, at, erasures)
		}
	}
}

// Of a release and an erasure at once, on two servers, the words are gone afterwards: either they were not sent, or both places are
// erased.
func TestReleaseAndEraseAtOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	servers := []*server{newJudged(t, dsn, nil), newJudged(t, dsn, nil)}
	s := servers[0]
	admin, ann, bob := s.admin(t), s.user(t, "ann"), s.user(t, "bob")
	if _, err := s.send(t, command.Send{Actor: bob, ReceiverID: ann.ID, Content: "hello"}); err != nil {
		t.Fatal(err)
	}
	outcomes := make(map[bool]int)
	for round := range 50 {
		b := s.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam})
		var (
			wg      sync.WaitGroup
			sent    command.Sent
			release error
		)
		start := make(chan struct{})
		wg.Go(func() {
			<-start
			sent, release = servers[round%2].Release(t.Context(), admin, b.MessageID)
		})
		wg.Go(func() {
			<-start
			if done, err := servers[round/2%2].Erase(t.Context(), ann, b.MessageID, domain.ReasonSender); err != nil || !done.Changed {
				t.Errorf("round %d: erase: %+v, %v", round, done, err)
			}
		})
		close(start)
		wg.Wait()
		gone := []domain.Position{b.Position}
		if release == nil {
			gone = append(gone, sent.Position)
		} else {
			wantRefusal(t, fmt.Sprint("round ", round), release, domain.Conflict, "id")
		}
		s.wantGone(t, fmt.Sprint("round ", round), gone...)
		outcomes[release == nil]++
		sentBy := 0
		for _, f := range s.facts(t, b.Position) {
			if _, ok := f.data.(*domain.MessageSent); ok {
				sentBy++
			}
		}
		if sentBy != len(gone)-1 {
			t.Fatalf("round %d: it was sent %d times, release: %v", round, sentBy, release)
		}
	}
	t.Logf("released and then erased: %d; erased first: %d", outcomes[true], outcomes[false])
}

// A server of the release before erases one half of a released message and knows nothing of the other. Erasing either then erases
// the rest.
func TestEraseOfWhatIsHalfErased(t *testing.T) {
	t.Parallel()
	s := newJudged(t, pgtest.New(t).DSN, nil)
	admin, ann, bob := s.admin(t), s.user(t, "ann"), s.user(t, "bob")
	for name, test := range map[string]struct {
		blockedGone bool // that half, else the other
		byTwin      bool // named is the message that it was released as
		actor       domain.Actor
	}{
		"the sent half, by its id":              {false, true, ann},
		"the sent half, by the blocked id":      {false, false, ann},
		"the sent half, by an admin":            {false, true, admin},
		"the blocked half, by the sent id":      {true, true, ann},
		"the blocked half, by its id, an admin": {true, false, admin},
	} {
		b := s.wantBlocked(t, command.Send{Actor: ann, ReceiverID: bob.ID, Content: judgetest.Scam})
		sent, err := s.Release(t.Context(), admin, b.MessageID)
		if err != nil {
			t.Fatal(err)
		}
		erased, stream := &domain.ContentErased{
			MessageID: sent.MessageID, ConversationID: &sent.ConversationID, ErasedPosition: sent.Position, ErasedBy: ann.ID, Reason: domain.ReasonSender,
		}, domain.ConversationStream(sent.ConversationID)
		if test.blockedGone {
			erased.MessageID, erased.ConversationID, erased.SenderID, erased.ErasedPosition = b.MessageID, nil, &ann.ID, b.Position
			stream = domain.GuardStream(ann.ID)
		}
		if _, err := s.log.Append(t.Context(), domain.Decision{
			Actor: ann, Keys: []domain.Key{domain.EraseKey(erased.MessageID)},
			Drafts: []domain.Draft{{Stream: stream, Data: erased, Erases: erased.ErasedPosition}},
		}); err != nil {
			t.Fatal(err)
		}
		id := b.MessageID
		if test.byTwin {
			id = sent.MessageID
		}
		before := s.head(t)
		for round := range 2 { // the second changes nothing
			done, err := s.Erase(t.Context(), test.actor, id, domain.ReasonSender)
			if err != nil || done.Changed != (round == 0) {
				t.Errorf("%s, round %d: got %+v, %v", name, round, done, err)
			}
		}
		s.wantTypes(t, before, domain.TypeContentErased)
		s.wantGone(t, name, b.Position, sent.Position)
	}
}
