package presence_test

import (
	"slices"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/presence"
)

// clock is a time that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)} }

func TestOnlineWithFirstConnectionOnly(t *testing.T) {
	t.Parallel()
	p, user := presence.New(newClock().now), domain.ID{1}
	if !p.Arrive(user) {
		t.Error("the first connection is no news")
	}
	if p.Arrive(user) {
		t.Error("the second connection is news")
	}
	if p.Leave(user) {
		t.Error("the user has left with a connection open")
	}
	if !p.Leave(user) {
		t.Error("the last connection went and nobody noticed")
	}
}

func TestOfflineAfterGrace(t *testing.T) {
	t.Parallel()
	c := newClock()
	p, user := presence.New(c.now), domain.ID{1}
	p.Arrive(user)
	left := c.at
	p.Leave(user)
	c.at = left.Add(presence.Grace - time.Millisecond)
	if gone := p.Departures(); len(gone) != 0 {
		t.Errorf("within the grace: got %v", gone)
	}
	if online, _ := p.Online(user); !online {
		t.Error("offline within the grace")
	}
	c.at = left.Add(presence.Grace)
	want := []presence.Departure{{User: user, At: left}}
	if gone := p.Departures(); !slices.Equal(gone, want) {
		t.Errorf("after the grace: got %v, want %v", gone, want)
	}
	online, seen := p.Online(user)
	if online || seen == nil || !seen.Equal(left) {
		t.Errorf("after the grace: got %v, %v, want offline since %v", online, seen, left)
	}
	if gone := p.Departures(); len(gone) != 0 {
		t.Errorf("told twice: %v", gone)
	}
}

func TestBackWithinGraceIsNoNews(t *testing.T) {
	t.Parallel()
	c := newClock()
	p, user := presence.New(c.now), domain.ID{1}
	p.Arrive(user)
	p.Leave(user)
	c.at = c.at.Add(time.Second)
	if p.Arrive(user) {
		t.Error("back within the grace is news")
	}
	c.at = c.at.Add(time.Hour)
	if gone := p.Departures(); len(gone) != 0 {
		t.Errorf("offline with a connection open: %v", gone)
	}
}

func TestLastSeenUnknown(t *testing.T) {
	t.Parallel()
	p := presence.New(newClock().now)
	if online, seen := p.Online(domain.ID{9}); online || seen != nil {
		t.Errorf("a stranger: got %v, %v, want offline, nil", online, seen)
	}
}

func TestPeers(t *testing.T) {
	t.Parallel()
	w := newWorld()
	a, b, c, d, e := w.user(), w.user(), w.user(), w.user(), w.user()
	w.start("", a, b)
	w.start("small", a, b, c)
	gone := w.start("left", a, e)
	w.leave(gone, e)
	var crowd []domain.ID
	for range 50 {
		crowd = append(crowd, w.user())
	}
	w.start("51 people", a, crowd...)
	w.start("blocked", a, d)
	w.block(d, a)

	want := []domain.ID{b, c}
	if got := presence.AppendPeers(nil, w.state, a); !slices.Equal(got, want) {
		t.Errorf("peers: got %v, want %v", got, want)
	}
	for _, peer := range want {
		if !slices.Contains(presence.AppendPeers(nil, w.state, peer), a) {
			t.Errorf("%v is a peer of a, but a is none of his", peer)
		}
	}
	if got := presence.AppendPeers(nil, w.state, d); len(got) != 0 {
		t.Errorf("peers of one who blocks: got %v, want none", got)
	}
	small := w.start("small", b, a, c, d)
	if got := presence.AppendCompany([]domain.ID{e}, w.state, small, a); !slices.Equal(got, []domain.ID{e, b, c}) {
		t.Errorf("company, without one who blocks: got %v", got)
	}
	if got := presence.AppendCompany(nil, w.state, gone, e); len(got) != 0 {
		t.Errorf("company of one who left: got %v, want none", got)
	}
	prefix := []domain.ID{e}
	if got := presence.AppendPeers(prefix, w.state, a); !slices.Equal(got, []domain.ID{e, b, c}) {
		t.Errorf("appended: got %v", got)
	}
}

func TestGroupOfFiftyIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld()
	a := w.user()
	var others []domain.ID
	for range 49 {
		others = append(others, w.user())
	}
	w.start("50 people", a, others...)
	if got := presence.AppendPeers(nil, w.state, a); len(got) != 49 {
		t.Errorf("peers in a group of 50: got %d, want 49", len(got))
	}
}
