package command_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/command"
	"chainmail/transport/judge/judgetest"
)

// installed are the policies that the log has after a position.
func (s *server) installed(t testing.TB, after domain.Position) (policies []*domain.GuardPolicyInstalled) {
	t.Helper()
	for _, f := range s.facts(t, after) {
		if p, ok := f.data.(*domain.GuardPolicyInstalled); ok {
			policies = append(policies, p)
		}
	}
	return policies
}

// Servers that start at once with one policy install it once.
func TestPolicyIsInstalledOnce(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t).DSN
	servers := []*server{newServer(t, dsn), newServer(t, dsn)}
	model := domain.BodyHash([]byte("the classifier"))
	policy := func(text string, lists ...domain.PolicyList) domain.GuardPolicyInstalled {
		return domain.GuardPolicyInstalled{PolicyHash: domain.BodyHash([]byte(text)), ModelHash: &model, Policy: text, Lists: lists}
	}
	sites := domain.PolicyList{Name: "sites", Hash: domain.BodyHash([]byte("a list")), Entries: 3}
	longer := domain.PolicyList{Name: "sites", Hash: domain.BodyHash([]byte("a longer list")), Entries: 4}
	for round, p := range []domain.GuardPolicyInstalled{
		policy("first"), policy("second"), policy("first"), policy("first", sites), policy("first", longer),
		{PolicyHash: domain.BodyHash([]byte("first")), Policy: "first", Lists: []domain.PolicyList{longer}}, // without a classifier
	} {
		before := servers[0].head(t)
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				if err := servers[i%2].InstallPolicy(t.Context(), p); err != nil {
					t.Errorf("round %d: %v", round, err)
				}
			})
		}
		wg.Wait()
		got := servers[0].installed(t, before)
		if len(got) != 1 || got[0].Policy != p.Policy || got[0].PolicyHash != p.PolicyHash || len(got[0].Lists) != len(p.Lists) {
			t.Fatalf("round %d: the log has %d policies: %+v", round, len(got), got)
		}
		if round == 0 {
			continue
		}
		for _, other := range servers { // again, later, with nothing in between
			if err := other.InstallPolicy(t.Context(), p); err != nil {
				t.Error(err)
			}
		}
		if got := servers[1].installed(t, before); len(got) != 1 {
			t.Errorf("round %d: it was installed %d times", round, len(got))
		}
	}
}

// Titles and names are judged too; of a bad one nothing is stored, and the operator is told of it without its words.
func TestBadTitlesAndNames(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	s := newLogging(t, pgtest.New(t).DSN, slog.New(slog.NewTextHandler(&told, nil)))
	s.UseJudge(judgetest.Judge(t))
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	before := s.head(t)
	_, _, title := s.Start(t.Context(), ann, []domain.ID{bob.ID, cat.ID}, judgetest.Scam, "")
	_, name := s.Register(t.Context(), domain.RegisterUser{Name: judgetest.Scam, Role: domain.RoleMember, Actor: domain.Actor{Auth: domain.AuthCLI}})
	for field, err := range map[string]error{"title": title, "name": name} {
		var b *command.Blocked
		if !errors.As(err, &b) {
			t.Errorf("a bad %s: got %v", field, err)
			continue
		}
		if b.Field != field || !b.MessageID.IsZero() || b.Position != 0 || b.RiskScore != 0.9 || len(b.Reasons) != 1 ||
			b.Message != "This "+field+" is not allowed. It drains a wallet." {
			t.Errorf("a bad %s: got %+v", field, b)
		}
	}
	s.wantTypes(t, before)
	for _, want := range []string{
		`level=INFO msg="a text was blocked" field=title user=` + ann.ID.String() + " risk_score=0.9 reasons=[wallet_drain]\n",
		`level=INFO msg="a text was blocked" field=name user=` + domain.ID{}.String() + " risk_score=0.9 reasons=[wallet_drain]\n",
	} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("the operator is told %q, want %q in it", told.String(), want)
		}
	}
	if strings.Contains(told.String(), judgetest.Scam) {
		t.Errorf("the operator is told the words: %q", told.String())
	}
	said := told.Len()
	for _, title := range []string{"", "a strange group", "a " + judgetest.Doubtful} {
		if _, _, err := s.Start(t.Context(), ann, []domain.ID{bob.ID, cat.ID}, title, ""); err != nil {
			t.Errorf("%q: %v", title, err)
		}
	}
	if told.Len() != said {
		t.Errorf("the operator is told of good titles: %q", told.String()[said:])
	}
}

// What cannot be a title or a name is refused before anybody judges it.
func TestTitlesAndNamesWithoutShape(t *testing.T) {
	t.Parallel()
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		t.Errorf("asked about %d bytes", len(q.Text))
		return judgetest.Silent
	})
	s := newServer(t, pgtest.New(t).DSN)
	j := judgetest.Judge(t)
	j.Model = m.Client(0)
	s.UseJudge(j)
	ann, bob, cat := s.user(t, "ann"), s.user(t, "bob"), s.user(t, "cat")
	counts := j.Counts()
	long := judgetest.Doubtful + strings.Repeat(" x", 50_000)
	for text, code := range map[string]domain.Code{
		long: domain.TooLarge, judgetest.Doubtful + "\x00": domain.InvalidField, judgetest.Doubtful + "\xff": domain.InvalidField, " ": domain.InvalidField,
	} {
		_, _, err := s.Start(t.Context(), ann, []domain.ID{bob.ID, cat.ID}, text, "")
		wantRefusal(t, fmt.Sprintf("a title of %d bytes", len(text)), err, code, "title")
		_, err = s.Register(t.Context(), domain.RegisterUser{Name: text, Role: domain.RoleMember, Actor: domain.Actor{Auth: domain.AuthCLI}})
		wantRefusal(t, fmt.Sprintf("a name of %d bytes", len(text)), err, code, "name")
	}
	if got := j.Counts(); got != counts {
		t.Errorf("judged: got %+v, want %+v", got, counts)
	}
}
