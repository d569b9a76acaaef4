package session_test

import (
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/session"
)

// adopt begins a session of the user for a token that is good for an hour.
func adopt(t *testing.T, s *session.Store, user, token domain.ID) {
	t.Helper()
	if err := s.Adopt(t.Context(), user, token, time.Now().Add(time.Hour), "curl\x00/8"); err != nil {
		t.Fatal(err)
	}
}

func TestATokenMadeByHandBeginsASession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, token := newID(), newID()
	adopt(t, w.Store, user, token)
	found, err := w.other.List(t.Context(), user)
	if err != nil || len(found) != 1 {
		t.Fatalf("listed: %+v, %v, want one session", found, err)
	}
	got := found[0]
	if got.ID != token || got.Auth != domain.AuthToken || got.UserAgent != "curl/8" || got.ExpiresAt.Sub(got.CreatedAt) != session.RefreshTTL {
		t.Errorf("got %+v, want one that began with token %s", got, token)
	}
	second := w.rotate(t, token, token)
	adopt(t, w.other, user, token) // again, within the grace
	w.rotate(t, token, token)
	w.rotate(t, token, second)
	w.pass(t, token, 10*time.Second)
	adopt(t, w.other, user, token)
	w.refused(t, token, session.ErrReused, token)
}

// Neither its end nor its expiry lets the token begin another.
func TestATokenBeginsNoSecondSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, ended, expired := newID(), newID(), newID()
	adopt(t, w.Store, user, ended)
	if err := w.End(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	adopt(t, w.Store, user, expired)
	w.exec(t, `UPDATE auth_sessions SET expires_at = now()`)
	for _, token := range []domain.ID{ended, expired} {
		adopt(t, w.other, user, token)
		w.refused(t, token, session.ErrEnded, token)
	}
	if got := w.list(t, user); len(got) != 0 {
		t.Errorf("sessions: %v, want none", got)
	}
}

// Two servers, twenty calls, all with the same token at once: there is one session, and each gets a pair.
func TestATokenIsAdoptedOnceByMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, token := newID(), newID()
	letGo := w.hold(t, `LOCK TABLE auth_adopted IN SHARE MODE`)
	next := make([]domain.ID, 20)
	var group sync.WaitGroup
	for n := range next {
		group.Go(func() {
			if err := w.either(n).Adopt(t.Context(), user, token, time.Now().Add(time.Hour), ""); err != nil {
				t.Error(err)
				return
			}
			var err error
			if _, next[n], err = w.either(n).Rotate(t.Context(), token, token); err != nil {
				t.Error(err)
			}
		})
	}
	w.waitForLocks(t, len(next))
	letGo()
	group.Wait()
	if got := w.list(t, user); len(got) != 1 || got[0] != token {
		t.Errorf("sessions: %v, want %s alone", got, token)
	}
	for _, id := range next {
		w.rotate(t, token, id)
	}
}

// What has expired is remembered for a day more, since a server's clock may be behind; then it goes, a few rows a call.
func TestAdoptedTokensAreForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(t, `
		INSERT INTO auth_adopted (token_id, expires_at)
		SELECT gen_random_uuid(), now() - n * interval '2 hours' - interval '1 minute'
		FROM generate_series(0, 26) AS n`)
	const old = `SELECT count(*) FROM auth_adopted WHERE expires_at < now() - interval '1 day'`
	for _, want := range []int{15, 5, 0} {
		if got := w.count(t, old); got != want {
			t.Errorf("%d old rows, want %d", got, want)
		}
		adopt(t, w.Store, newID(), newID())
	}
	if got := w.count(t, `SELECT count(*) FROM auth_adopted`); got != 12+3 {
		t.Errorf("%d rows, want the 12 of the last day and 3 new ones", got)
	}
}
