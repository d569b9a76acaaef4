package session_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chainmail/domain"
	"chainmail/transport/session"
)

func (w world) ended(t *testing.T, ids ...domain.ID) []domain.ID {
	t.Helper()
	ended, err := w.other.Ended(t.Context(), ids)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(ended, domain.ID.Compare)
	return ended
}

// list returns the ids of a user's sessions.
func (w world) list(t *testing.T, user domain.ID) (ids []domain.ID) {
	t.Helper()
	found, err := w.other.List(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestBegin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := newID()
	begun, refresh, err := w.Begin(t.Context(), user, domain.AuthWallet, "Mozilla/5.0 (X11)")
	if err != nil {
		t.Fatal(err)
	}
	if begun.ID[6]>>4 != 7 || refresh[6]>>4 != 4 {
		t.Errorf("session %s, token %s: want versions 7 and 4", begun.ID, refresh)
	}
	if begun.UserID != user || begun.Auth != domain.AuthWallet || begun.UserAgent != "Mozilla/5.0 (X11)" {
		t.Errorf("got %+v, want what was given", begun)
	}
	if !begun.LastUsedAt.Equal(begun.CreatedAt) || begun.ExpiresAt.Sub(begun.CreatedAt) != session.RefreshTTL || begun.CreatedAt.Location() != time.UTC {
		t.Errorf("got %+v, want 30 days from now, in UTC", begun)
	}
	found, err := w.other.List(t.Context(), user)
	if err != nil || len(found) != 1 || found[0] != begun {
		t.Errorf("listed: %+v, %v, want %+v", found, err, begun)
	}
	if got := w.ended(t, begun.ID); len(got) != 0 {
		t.Errorf("ended: %v, want none", got)
	}
}

func TestUserAgentsAreCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct{ name, text, want string }{
		{"none", "", ""},
		{"200 bytes", strings.Repeat("x", 200), strings.Repeat("x", 200)},
		{"more", strings.Repeat("x", 201), strings.Repeat("x", 200)},
		{"within a character", strings.Repeat("x", 198) + "€", strings.Repeat("x", 198)},
		{"after a character", strings.Repeat("x", 197) + "€€", strings.Repeat("x", 197) + "€"},
		{"not UTF-8", "a\xffb\xe2\x82", "ab"},
		{"control characters", "a\x00b\r\n\tc\u202e\u2028d", "abcd"},
	} {
		begun, _, err := w.Begin(t.Context(), newID(), domain.AuthWallet, tc.text)
		if err != nil || begun.UserAgent != tc.want || !utf8.ValidString(begun.UserAgent) {
			t.Errorf("%s: got %q, %v, want %q", tc.name, begun.UserAgent, err, tc.want)
		}
	}
}

func TestListIsTheUsersByLastUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := newID()
	first, refresh := w.begin(t, user)
	second, _ := w.begin(t, user)
	expired, _ := w.begin(t, user)
	w.begin(t, newID())
	w.exec(t, `UPDATE auth_sessions SET expires_at = now() WHERE id = $1`, expired.ID.String())
	if got, want := w.list(t, user), []domain.ID{second.ID, first.ID}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	w.rotate(t, first.ID, refresh)
	if got, want := w.list(t, user), []domain.ID{first.ID, second.ID}; !slices.Equal(got, want) {
		t.Errorf("after use: got %v, want %v", got, want)
	}
	if got := w.list(t, newID()); len(got) != 0 {
		t.Errorf("a stranger's: got %v, want none", got)
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	live, _ := w.begin(t, newID())
	over, _ := w.begin(t, newID())
	expired, _ := w.begin(t, newID())
	never := newID()
	w.exec(t, `UPDATE auth_sessions SET expires_at = now() WHERE id = $1`, expired.ID.String())
	for range 2 { // to end twice is to end
		if err := w.End(t.Context(), over.ID); err != nil {
			t.Fatal(err)
		}
	}
	want := []domain.ID{over.ID, expired.ID, never}
	if got := w.ended(t, never, live.ID, expired.ID, over.ID); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := w.ended(t, live.ID); len(got) != 0 {
		t.Errorf("got %v, want none", got)
	}
	if got := w.ended(t); len(got) != 0 {
		t.Errorf("of none: got %v, want none", got)
	}
}

func TestEndOfIsForTheOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user, stranger := newID(), newID()
	own, _ := w.begin(t, user)
	expired, _ := w.begin(t, user)
	w.begin(t, stranger)
	w.exec(t, `UPDATE auth_sessions SET expires_at = now() WHERE id = $1`, expired.ID.String())
	for _, tc := range []struct {
		name          string
		user, session domain.ID
		want          bool
	}{
		{"a stranger", stranger, own.ID, false},
		{"one that never was", user, newID(), false},
		{"one that has expired", user, expired.ID, false},
		{"the owner", user, own.ID, true},
		{"a second time", user, own.ID, false},
	} {
		got, err := w.EndOf(t.Context(), tc.user, tc.session)
		if err != nil || got != tc.want {
			t.Errorf("%s: got %t, %v, want %t", tc.name, got, err, tc.want)
		}
	}
	if got := w.ended(t, own.ID); len(got) != 1 {
		t.Error("the session goes on")
	}
	if got := w.list(t, stranger); len(got) != 1 {
		t.Errorf("the stranger's: got %v, want his one", got)
	}
}

func TestTheSessionsOfAUserUnusedLongestGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := newID()
	oldest, refresh := w.begin(t, user)
	next, _ := w.begin(t, user)
	other, _ := w.begin(t, newID())
	for range 98 {
		w.begin(t, user)
	}
	w.rotate(t, oldest.ID, refresh)
	last, _ := w.begin(t, user)
	if got, want := w.ended(t, oldest.ID, next.ID, other.ID, last.ID), []domain.ID{next.ID}; !slices.Equal(got, want) {
		t.Errorf("ended: %v, want %v", got, want)
	}
	if got := len(w.list(t, user)); got != 100 {
		t.Errorf("%d sessions, want 100", got)
	}
}

func TestExpiredSessionsAreDeletedByAndBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := newID()
	for range 25 {
		w.begin(t, user)
	}
	w.exec(t, `UPDATE auth_sessions SET expires_at = now()`)
	for step, want := range []int{15, 5, 0} {
		w.begin(t, user)
		if got := w.count(t, `SELECT count(*) FROM auth_sessions WHERE expires_at <= now()`); got != want {
			t.Errorf("after call %d: %d are left, want %d", step+1, got, want)
		}
	}
	if got := w.count(t, `SELECT count(*) FROM auth_refresh_tokens`); got != 3 {
		t.Errorf("%d tokens, want those of the 3 new sessions", got)
	}
}

// A row that somebody has locked is left for the next call, instead of waiting for it.
func TestBeginDoesNotWait(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	locked, _ := w.begin(t, newID())
	w.exec(t, `UPDATE auth_sessions SET expires_at = now()`)
	letGo := w.hold(t, `SELECT FROM auth_sessions WHERE id = $1 FOR UPDATE`, locked.ID.String())
	w.begin(t, newID())
	letGo()
	w.begin(t, newID())
	if got := w.count(t, `SELECT count(*) FROM auth_sessions WHERE id = $1`, locked.ID.String()); got != 0 {
		t.Error("the expired session was not deleted once it was free")
	}
}
