package presence_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/clustertest"
	"chainmail/transport/presence"
)

func TestMain(m *testing.M) {
	// A listener of lib/pq whose database went away sleeps some seconds before it sees that it was closed.
	goleak.VerifyTestMain(pgtest.Runner{M: m}, goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
}

// server is a tracker among others. What it tells is read while nothing is under way.
type server struct {
	*clustertest.Server
	*presence.Tracker
	t    *testing.T
	came []domain.ID
}

func newServer(t *testing.T, w *clustertest.World) *server {
	s := &server{Server: w.Add(), Tracker: presence.New(w.Now), t: t}
	s.Share(s.Node)
	s.Node.Add(s)
	w.Run(s.Server)
	return s
}

func (s *server) Hear(w cluster.Word)                 { s.came = append(s.came, s.Tracker.Hear(w)...) }
func (s *server) Joined(domain.ID)                    { s.Tracker.Joined() }
func (s *server) Gone(server domain.ID, at time.Time) { s.Tracker.Gone(server, at) }

// expect compares who has come and who has gone offline, as this server would tell, since it was called last.
func (s *server) expect(came, gone []domain.ID) {
	s.t.Helper()
	var went []domain.ID
	for _, d := range s.Departures() {
		went = append(went, d.User)
	}
	if !slices.Equal(s.came, came) || !slices.Equal(went, gone) {
		s.t.Errorf("came %v and went %v, want %v and %v", s.came, went, came, gone)
	}
	s.came = nil
}

func (s *server) expectOnline(user domain.ID, online bool) {
	s.t.Helper()
	if got, _ := s.Online(user); got != online {
		s.t.Errorf("online: got %v, want %v", got, online)
	}
}

// TestMoveIsNoNews: who goes from one server to another is told of once, and not while he moves.
func TestMoveIsNoNews(t *testing.T) {
	t.Parallel()
	w, user := clustertest.New(t, pgtest.Empty(t).DSN), []domain.ID{{1}}
	a, b, c := newServer(t, w), newServer(t, w), newServer(t, w)
	w.Advance(2 * time.Second)
	if !a.Arrive(user[0]) {
		t.Error("his first connection is no news")
	}
	w.Settle()
	b.expect(user, nil)
	c.expect(user, nil)
	if b.Arrive(user[0]) {
		t.Error("a connection at another server is news")
	}
	w.Settle()
	if got := c.Elsewhere(user[0]); got != 2 {
		t.Errorf("connections elsewhere: got %d, want 2", got)
	}
	if !a.Leave(user[0]) {
		t.Error("his last connection there went and nobody noticed")
	}
	w.Advance(presence.Grace)
	b.Leave(user[0])
	w.Settle()
	w.Advance(presence.Grace - time.Second)
	if c.Arrive(user[0]) { // within the Grace
		t.Error("back at a third server within the Grace is news")
	}
	w.Advance(presence.Grace)
	for _, s := range []*server{a, b, c} {
		s.expect(nil, nil)
		s.expectOnline(user[0], true)
	}
	c.Leave(user[0])
	left := w.Now()
	w.Settle()
	w.Advance(presence.Grace)
	for _, s := range []*server{a, b, c} {
		s.expect(nil, user)
		if online, seen := s.Online(user[0]); online || seen == nil || !seen.Equal(left) {
			t.Errorf("at the end: got %v, %v, want offline since %v", online, seen, left)
		}
	}
}

// TestDeadServer: the users of a server that falls silent are offline some time later, but not those who are elsewhere by then.
func TestDeadServer(t *testing.T) {
	t.Parallel()
	w := clustertest.New(t, pgtest.Empty(t).DSN)
	a, b := newServer(t, w), newServer(t, w)
	w.Advance(2 * time.Second)
	stays, goes := domain.ID{1}, domain.ID{2}
	a.Arrive(stays)
	a.Arrive(goes)
	w.Settle()
	b.expect([]domain.ID{stays, goes}, nil)
	w.Kill(a.Server)
	w.Advance(3 * time.Second)
	b.Arrive(stays)
	w.Advance(5*time.Second + presence.Grace - 2*time.Second)
	b.expect(nil, nil)
	w.Advance(2 * time.Second)
	b.expect(nil, []domain.ID{goes})
	w.Advance(time.Minute)
	b.expect(nil, nil)
	b.expectOnline(stays, true)
	if _, seen := b.Online(goes); seen == nil || w.Now().Sub(*seen) < time.Minute+presence.Grace+cluster.SilentAfter-2*time.Second {
		t.Errorf("last seen: got %v, want when the server was heard last", seen)
	}
	if got := b.Elsewhere(goes); got != 0 {
		t.Errorf("connections elsewhere: got %d, want 0", got)
	}
}

// TestCleanEnd: the users of a server that ends as it should have the usual Grace from then on.
func TestCleanEnd(t *testing.T) {
	t.Parallel()
	w, user := clustertest.New(t, pgtest.Empty(t).DSN), []domain.ID{{1}}
	a, b := newServer(t, w), newServer(t, w)
	w.Advance(2 * time.Second)
	a.Arrive(user[0])
	w.Settle()
	b.expect(user, nil)
	w.Stop(a.Server)
	b.expectOnline(user[0], true)
	w.Advance(presence.Grace)
	b.expect(nil, user)
}

// TestLostWords: a server that has missed something sees it at the next beat, and asks. Nobody is told of what never was.
func TestLostWords(t *testing.T) {
	t.Parallel()
	w := clustertest.New(t, pgtest.Empty(t).DSN)
	a, b := newServer(t, w), newServer(t, w)
	w.Advance(2 * time.Second)
	stays, comes := domain.ID{1}, domain.ID{2}
	a.Arrive(stays)
	w.Settle()
	b.expect([]domain.ID{stays}, nil)
	a.Lost = func(w cluster.Word) bool { return w.Kind == cluster.Counts }
	a.Arrive(comes)
	a.Arrive(stays)
	w.Settle()
	b.expect(nil, nil)
	w.Advance(2 * time.Second)
	b.expect([]domain.ID{comes}, nil)
	if got := b.Elsewhere(stays); got != 2 {
		t.Errorf("connections elsewhere: got %d, want 2", got)
	}
	a.Leave(comes)
	w.Advance(2*time.Second + presence.Grace)
	b.expect(nil, []domain.ID{comes})

	// Of everything, the middle is lost, then the beginning, then the end.
	many := users(500)
	for _, user := range many {
		a.Arrive(user)
	}
	for _, lost := range []int{2, 0, 4} {
		chunk := -1
		a.Lost = func(w cluster.Word) bool {
			if w.Kind == cluster.State {
				chunk++
				return chunk == lost
			}
			return false
		}
		b.Arrive(domain.ID{9})
		w.Advance(2 * time.Second)
	}
	a.Lost = nil
	w.Advance(4 * time.Second)
	slices.SortFunc(b.came, domain.ID.Compare)
	b.expect(many, nil)
	b.expectOnline(stays, true)
}

func users(n int) []domain.ID {
	ids := make([]domain.ID, n)
	for i := range ids {
		binary.BigEndian.PutUint64(ids[i][8:], uint64(i))
		ids[i][0] = 7
	}
	return ids
}

// TestNewServerIsTold: a server that comes hears of all who are there at once, however many, and of each once.
func TestNewServerIsTold(t *testing.T) {
	t.Parallel()
	w := clustertest.New(t, pgtest.Empty(t).DSN)
	a, b := newServer(t, w), newServer(t, w)
	many := users(10_000)
	for _, user := range many {
		a.Arrive(user)
		b.Arrive(user)
	}
	b.Leave(many[0])
	w.Tick() // their first words, and so everything
	w.Settle()
	for _, s := range []*server{a, b} {
		s.expect(nil, nil)
		if got := s.Elsewhere(many[9_999]); got != 1 {
			t.Errorf("connections elsewhere: got %d, want 1", got)
		}
	}
	c := newServer(t, w)
	w.Advance(2 * time.Second)
	slices.SortFunc(c.came, domain.ID.Compare)
	c.expect(many, nil)
	if got := []int{c.Elsewhere(many[0]), c.Elsewhere(many[1]), a.Elsewhere(many[0])}; !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("connections elsewhere: got %v, want 1, 2, 0", got)
	}
	a.expect(nil, nil)
	b.expect(nil, nil)
}

// TestBadBodies: a word that does not read as it should changes nothing that it does not say.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	p := presence.New(newClock().now)
	p.Share(cluster.NewNode(nil, domain.ID{1}, cluster.Settings{}))
	from := domain.ID{2}
	for _, w := range []cluster.Word{
		{Kind: cluster.State}, {Kind: cluster.State, Body: []byte{2}}, {Kind: cluster.Counts, Body: make([]byte, 16)},
		{Kind: cluster.Digest, Body: []byte{1}}, {Kind: cluster.Ask, Body: []byte{1}}, {Kind: 99, Body: []byte("later")},
		{Kind: cluster.Counts, Body: append(make([]byte, 16), 0)},
	} {
		w.From = from
		if came := p.Hear(w); len(came) != 0 {
			t.Errorf("%v %v: %v came", w.Kind, w.Body, came)
		}
	}
	p.Gone(from, time.Time{})
	if gone := p.Departures(); len(gone) != 0 {
		t.Errorf("went %v", gone)
	}
}
