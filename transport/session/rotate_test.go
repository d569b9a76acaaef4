package session_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/session"
)

// pass lets time go by for a refresh token, as if it had been used earlier.
func (w world) pass(t *testing.T, refresh domain.ID, by time.Duration) {
	t.Helper()
	w.exec(t, `UPDATE auth_refresh_tokens SET used_at = used_at - make_interval(secs => $2) WHERE id = $1`,
		refresh.String(), by.Seconds())
}

// refused checks that the family's tokens are good no more.
func (w world) refused(t *testing.T, s domain.ID, want error, refresh ...domain.ID) {
	t.Helper()
	for n, id := range refresh {
		got, next, err := w.other.Rotate(t.Context(), s, id)
		if !errors.Is(err, want) || !next.IsZero() || !got.ID.IsZero() {
			t.Errorf("token %d: got %v, %v, %v, want %v", n+1, got, next, err, want)
		}
	}
}

func TestRotationGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, refresh := w.begin(t, newID())
	seen := map[domain.ID]bool{refresh: true}
	for n := range 5 {
		w.exec(t, `
			UPDATE auth_sessions
			SET last_used_at = last_used_at - interval '29 days', expires_at = expires_at - interval '29 days'`)
		rotated, next, err := w.either(n).Rotate(t.Context(), begun.ID, refresh)
		if err != nil {
			t.Fatal(err)
		}
		if seen[next] || next.IsZero() {
			t.Errorf("rotation %d: token %s is not new", n+1, next)
		}
		seen[next] = true
		if rotated.ID != begun.ID || rotated.UserID != begun.UserID || !rotated.CreatedAt.Equal(begun.CreatedAt) {
			t.Errorf("rotation %d: got %+v, want the session %+v", n+1, rotated, begun)
		}
		if !rotated.LastUsedAt.After(begun.LastUsedAt) || !rotated.ExpiresAt.After(begun.ExpiresAt) {
			t.Errorf("rotation %d: times %v and %v do not move on", n+1, rotated.LastUsedAt, rotated.ExpiresAt)
		}
		refresh = next
	}
}

func TestATokenUsedAgainAtOnceGetsAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, first := w.begin(t, newID())
	second := w.rotate(t, begun.ID, first)
	w.pass(t, first, 5*time.Second)
	again := w.rotate(t, begun.ID, first)
	if again == second {
		t.Error("the other pair is the same")
	}
	w.rotate(t, begun.ID, second)
	w.rotate(t, begun.ID, again)
	// The ten seconds run from the first use.
	w.pass(t, first, 5*time.Second)
	w.refused(t, begun.ID, session.ErrReused, first)
}

func TestATokenUsedAgainLaterEndsItsFamily(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := newID()
	begun, first := w.begin(t, user)
	apart, others := w.begin(t, user)
	second := w.rotate(t, begun.ID, first)
	sibling := w.rotate(t, begun.ID, first)
	third := w.rotate(t, begun.ID, second)
	w.pass(t, first, 10*time.Second)
	w.refused(t, begun.ID, session.ErrReused, first)
	w.refused(t, begun.ID, session.ErrEnded, first, second, sibling, third)
	if got := w.ended(t, begun.ID, apart.ID); len(got) != 1 || got[0] != begun.ID {
		t.Errorf("ended: %v, want %s alone", got, begun.ID)
	}
	w.rotate(t, apart.ID, others)
}

// What is used up is forgotten, and still recognised: its family does not know it any more.
func TestATokenUsedUpLongAgoEndsItsFamily(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, first := w.begin(t, newID())
	second := w.rotate(t, begun.ID, first)
	w.pass(t, first, time.Hour)
	third := w.rotate(t, begun.ID, second)
	if got := w.count(t, `SELECT count(*) FROM auth_refresh_tokens WHERE id = $1`, first.String()); got != 0 {
		t.Error("its row is still there")
	}
	w.refused(t, begun.ID, session.ErrReused, first)
	w.refused(t, begun.ID, session.ErrEnded, third)
}

func TestATokenOfAnotherFamily(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, own := w.begin(t, newID())
	apart, others := w.begin(t, newID())
	w.refused(t, begun.ID, session.ErrReused, others)
	w.refused(t, begun.ID, session.ErrEnded, own)
	w.rotate(t, apart.ID, others)
}

func TestRotationOfWhatDoesNotGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ended, gone := w.begin(t, newID())
	if err := w.End(t.Context(), ended.ID); err != nil {
		t.Fatal(err)
	}
	expired, late := w.begin(t, newID())
	w.exec(t, `UPDATE auth_sessions SET expires_at = now()`)
	w.refused(t, expired.ID, session.ErrEnded, late)
	w.refused(t, ended.ID, session.ErrEnded, gone)
	w.refused(t, newID(), session.ErrEnded, late, gone, newID(), domain.ID{})
}

// Two servers, twenty calls, all at the session's row before the first of them has it.
func TestManyRotationsOfOneTokenAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, first := w.begin(t, newID())
	letGo := w.hold(t, `SELECT FROM auth_sessions WHERE id = $1 FOR UPDATE`, begun.ID.String())
	next := make([]domain.ID, 20)
	var group sync.WaitGroup
	for n := range next {
		group.Go(func() {
			var err error
			if _, next[n], err = w.either(n).Rotate(t.Context(), begun.ID, first); err != nil {
				t.Error(err)
			}
		})
	}
	w.waitForLocks(t, len(next))
	letGo()
	group.Wait()
	seen := map[domain.ID]bool{}
	for _, id := range next {
		if seen[id] {
			t.Errorf("token %s was given twice", id)
		}
		seen[id] = true
		w.rotate(t, begun.ID, id)
	}
	w.pass(t, first, 10*time.Second)
	w.refused(t, begun.ID, session.ErrReused, first)
	w.refused(t, begun.ID, session.ErrEnded, next...)
}

// Whoever waits for a session that then ends is refused, and brings nothing back.
func TestRotationWhileTheSessionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, first := w.begin(t, newID())
	tx, err := w.DB.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(t.Context(), `DELETE FROM auth_sessions`); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() { w.refused(t, begun.ID, session.ErrEnded, first) })
	w.waitForLocks(t, 1)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	if got := w.count(t, `SELECT count(*) FROM auth_refresh_tokens`); got != 0 {
		t.Errorf("%d tokens are left, want none", got)
	}
}

func TestTheOldestUnusedTokensOfAFamilyGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun, first := w.begin(t, newID())
	oldest := w.rotate(t, begun.ID, first)
	second := w.rotate(t, begun.ID, first)
	for range 99 {
		w.rotate(t, begun.ID, first)
	}
	const unused = `SELECT count(*) FROM auth_refresh_tokens WHERE used_at IS NULL`
	if got := w.count(t, unused); got != 100 {
		t.Errorf("%d unused tokens, want 100", got)
	}
	w.rotate(t, begun.ID, second) // the oldest that is left is not lost because it is used
	w.refused(t, begun.ID, session.ErrReused, oldest)
}
