package fanout_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/push"
	"chainmail/projections/view"
	"chainmail/transport/cluster/seal"
	"chainmail/transport/fanout"
)

const patience = time.Minute

var quiet = slog.New(slog.DiscardHandler)

// world is a log, and users who do things. Its methods are called by the test's goroutine.
type world struct {
	t        testing.TB
	dsn      string
	log      *eventstore.Log
	state    *domain.State
	admin    domain.ID
	messages []domain.MessageRef
	erased   map[domain.Position]bool // whoever reads such a message late gets it without its words
	plain    *node                    // hears of everything, without Redis
}

func newWorld(t testing.TB) *world {
	dsn := pgtest.New(t).DSN
	w := &world{t: t, dsn: dsn, log: eventstoretest.Open(t, dsn), state: domain.NewState(), erased: make(map[domain.Position]bool)}
	w.plain = w.node("")
	w.admin = newID()
	d, r := w.state.Register(domain.RegisterUser{UserID: w.admin, Name: "admin", Role: domain.RoleAdmin})
	w.do(d, r)
	w.plain.open(w.admin)
	return w
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func as(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthCLI} }

// do appends a decision and reports whether there was one.
func (w *world) do(d domain.Decision, r *domain.Refusal) bool {
	w.t.Helper()
	if r != nil {
		return false
	}
	results, err := w.log.Append(context.Background(), d)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range results[0].Events {
		if err := w.state.Apply(e); err != nil {
			w.t.Fatal(err)
		}
		data, _ := domain.Decode(e)
		if erasure, ok := data.(*domain.ContentErased); ok {
			w.erased[erasure.ErasedPosition] = true
		}
		if m, ok := data.(*domain.MessageSent); ok {
			w.messages = append(w.messages, domain.MessageRef{
				ID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, Position: e.Position,
			})
		}
	}
	return len(results[0].Events) > 0
}

// user registers one, who is always connected at the plain node.
func (w *world) user() domain.ID {
	id := newID()
	w.do(w.state.Register(domain.RegisterUser{UserID: id, Name: "a", Role: domain.RoleMember}))
	w.plain.open(id)
	return id
}

func (w *world) group(starter domain.ID, others ...domain.ID) domain.ID {
	w.t.Helper()
	d, id, r := w.state.Start(domain.StartConversation{Actor: as(starter), ID: newID(), ParticipantIDs: others, Title: "g"})
	if !w.do(d, r) {
		w.t.Fatal(r)
	}
	return id
}

// say sends to a group, or to a person.
func (w *world) say(sender, group, receiver domain.ID) {
	w.t.Helper()
	w.do(w.state.Send(domain.SendMessage{
		Actor: as(sender), ConversationID: group, ReceiverID: receiver, Content: "hello", ClientMessageID: newID().String(),
		MessageID: newID(), NewConversationID: newID(), Salt: domain.Salt{1},
	}))
}

func (w *world) announce() {
	w.do(w.state.Announce(domain.MakeAnnouncement{Actor: as(w.admin), ID: newID(), Title: "to all", Message: "of you"}))
}

func (w *world) notify(user domain.ID) {
	w.do(w.state.Notify(domain.CreateNotification{Actor: as(w.admin), ID: newID(), UserID: user, Type: "note", Title: "t", Message: "m"}))
}

// node is a server: a log, a view, and the pushes to those who are connected.
type node struct {
	t    testing.TB
	log  *eventstore.Log
	view *view.View
	fan  *fanout.Fanout // nil without Redis
	stop func()

	mu       sync.Mutex
	conns    map[domain.ID][]*connection
	past     []*connection
	advanced domain.Position
	told     map[string]int64 // how many events were followed from where
}

// connection is what a user gets after a position, and up to another once it has ended.
type connection struct {
	user        domain.ID
	from, until domain.Position
	got         []string
	at          []domain.Position
}

// node starts a server, which ends with the test; without an address it does without Redis.
func (w *world) node(url string) *node {
	w.t.Helper()
	n := &node{t: w.t, log: eventstoretest.Open(w.t, w.dsn), conns: make(map[domain.ID][]*connection), told: make(map[string]int64)}
	var err error
	if n.view, err = view.Load(context.Background(), n.log, quiet); err != nil {
		w.t.Fatal(err)
	}
	n.advanced = n.view.Position()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var source push.Source = push.Whole{Tail: n.log.Tail(n.view.Position())}
	if url != "" {
		key, err := seal.ReadKey(ctx, n.log.DB())
		if err != nil {
			w.t.Fatal(err)
		}
		n.fan, err = fanout.New(fanout.Config{
			Key: key, URL: url, Prefix: "test:", DB: n.log.DB(), Log: n.log, View: n.view, Holder: newID().String(), Server: newID(), Logger: quiet,
			Followed: func(f eventstore.Followed) {
				n.mu.Lock()
				defer n.mu.Unlock()
				n.told[f.From] += int64(len(f.Events))
			},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		source = n.fan.Source()
		wg.Go(func() { _ = n.fan.Run(ctx) })
	}
	p := push.New(n.log, source, n.view, push.StateTables{DB: n.log.DB()}, n, quiet)
	wg.Go(func() { _ = p.Run(ctx) })
	n.stop = sync.OnceFunc(func() {
		cancel()
		wg.Wait()
		if n.fan != nil {
			_ = n.fan.Close()
		}
	})
	w.t.Cleanup(n.stop)
	return n
}

// open connects a user.
func (n *node) open(user domain.ID) *connection {
	if n.fan != nil {
		n.fan.Arrive(user)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	c := &connection{user: user, from: n.view.Position()}
	n.conns[user] = append(n.conns[user], c)
	return c
}

// close ends a connection. What was pushed of a batch that is not all out does not count.
func (n *node) close(c *connection) {
	n.mu.Lock()
	c.until = max(n.advanced, c.from)
	n.conns[c.user] = slices.DeleteFunc(n.conns[c.user], func(other *connection) bool { return other == c })
	n.past = append(n.past, c)
	n.mu.Unlock()
	if n.fan != nil {
		n.fan.Leave(c.user)
	}
}

func (n *node) Connected(user domain.ID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.conns[user]) > 0
}

func (n *node) Push(users []domain.ID, at domain.Position, _ domain.ID, frame []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, user := range users {
		for _, c := range n.conns[user] {
			c.push(at, frame)
		}
	}
}

func (c *connection) push(at domain.Position, frame []byte) {
	if at > c.from {
		c.got, c.at = append(c.got, string(frame)), append(c.at, at)
	}
}

func (n *node) Watched(_, _ domain.ID) bool { return false }

func (n *node) PushTask(users []domain.ID, _, _ domain.ID, at domain.Position, frame []byte) {
	n.Push(users, at, domain.ID{}, frame)
}

func (n *node) Broadcast(at domain.Position, frame []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, conns := range n.conns {
		for _, c := range conns {
			c.push(at, frame)
		}
	}
}

func (n *node) Meet(domain.ID, []domain.ID) {}

func (n *node) Acquaint(_, _ domain.ID) {}

func (n *node) Advance(at domain.Position) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if at < n.advanced {
		n.t.Errorf("advanced from %d back to %d", n.advanced, at)
	}
	n.advanced = at
}

// await waits until everything up to the log's head was pushed.
func (n *node) await(head domain.Position) {
	n.t.Helper()
	eventually(n.t, fmt.Sprintf("everything up to %d is pushed", head), func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.advanced >= head
	})
}

// ends closes all connections and returns every one there ever was.
func (n *node) ends() []*connection {
	n.mu.Lock()
	var open []*connection
	for _, conns := range n.conns {
		open = append(open, conns...)
	}
	n.mu.Unlock()
	for _, c := range open {
		n.close(c)
	}
	return n.past
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}
