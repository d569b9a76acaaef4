package cluster_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
	"chainmail/transport/cluster"
	"chainmail/transport/cluster/clustertest"
)

func TestMain(m *testing.M) {
	// A listener of lib/pq whose database went away sleeps some seconds before it sees that it was closed.
	goleak.VerifyTestMain(pgtest.Runner{M: m}, goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop"))
}

// diary is a part that writes down what it is told. It is read while nothing is under way.
type diary struct {
	names map[domain.ID]string
	lines []string
}

func (d *diary) note(what string, server domain.ID) {
	d.lines = append(d.lines, what+" "+d.names[server])
}

func (d *diary) Hear(w cluster.Word) {
	if w.Kind == cluster.Typing {
		d.note(fmt.Sprintf("%s of", w.Body), w.From)
	}
}
func (d *diary) Joined(server domain.ID)             { d.note("joined", server) }
func (d *diary) Gone(server domain.ID, at time.Time) { d.note("gone at "+at.Format("05"), server) }
func (d *diary) Beat()                               {}
func (d *diary) expect(t *testing.T, lines ...string) {
	t.Helper()
	slices.Sort(d.lines)
	if !slices.Equal(d.lines, lines) {
		t.Errorf("got %q, want %q", d.lines, lines)
	}
	d.lines = nil
}

// TestServersComeAndGo: a server is known from its first word on, until it says that it ends or says nothing for 8 s.
func TestServersComeAndGo(t *testing.T) {
	t.Parallel()
	w := clustertest.New(t, pgtest.Empty(t).DSN)
	names := make(map[domain.ID]string)
	var servers []*clustertest.Server
	var diaries []*diary
	for _, name := range []string{"A", "B", "C"} {
		s, d := w.Add(), &diary{names: names}
		s.Node.Add(d)
		names[s.Node.ID()] = name
		servers, diaries = append(servers, s), append(diaries, d)
	}
	a, b, c := servers[0], servers[1], servers[2]
	w.Run(a)
	w.Tick()
	if !a.Node.Alone() {
		t.Error("A is not alone")
	}
	a.Node.Tell(cluster.Typing, cluster.Audience{}, []byte("to nobody"))
	if got := a.Node.Sent(); got != 1 {
		t.Errorf("words of a lonely server: got %d, want its beat alone", got)
	}
	w.Run(b)
	w.Run(c)
	w.Advance(2 * time.Second)
	diaries[0].expect(t, "joined B", "joined C")
	diaries[1].expect(t, "joined A", "joined C")
	for i := range 50 {
		b.Node.Tell(cluster.Typing, cluster.Audience{}, fmt.Appendf(nil, "%d", i))
	}
	w.Settle()
	if got := len(diaries[0].lines); got != 50 || diaries[0].lines[0] != "0 of B" || diaries[0].lines[49] != "49 of B" {
		t.Errorf("50 words of B in order: got %q", diaries[0].lines)
	}
	diaries[0].lines, diaries[1].lines = nil, nil
	w.Stop(b)
	diaries[0].expect(t, "gone at 02 B")
	w.Kill(c)
	w.Advance(6 * time.Second)
	diaries[0].expect(t)
	w.Advance(time.Second) // 8 s after its beat
	diaries[0].expect(t, "gone at 01 C")
	if got := a.Node.Servers(); got != 0 {
		t.Errorf("servers: got %d, want none", got)
	}
}
