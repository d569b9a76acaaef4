package httpapi_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/pgarray"
	"chainmail/migrations/pgtest"
	"chainmail/projections"
	"chainmail/projections/batches"
	"chainmail/projections/notifications"
	"chainmail/projections/push"
	"chainmail/projections/state"
	"chainmail/projections/tasks"
	"chainmail/projections/view"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/httpapi"
	"chainmail/transport/presence"
)

func TestMain(m *testing.M) {
	// A listener that was closed while its database was away sleeps up to 5 s before it notices.
	asleep := goleak.IgnoreAnyFunction("github.com/lib/pq.(*Listener).listenerConnLoop")
	goleak.VerifyTestMain(pgtest.Runner{M: m}, asleep)
}

// world is a server with all that is behind it: a log, a view, the state tables.
type world struct {
	t        testing.TB
	db       *pgtest.DB
	log      *eventstore.Log
	view     *view.View
	commands *command.Service
	keys     *auth.Keys
	presence *presence.Tracker
	runner   *projections.Runner
	health   atomic.Pointer[httpapi.Health]
	logs     *syncBuffer
	url      string
	conformity
}

// syncBuffer takes the server's log lines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// newWorld starts a server; changes adapt its configuration.
func newWorld(t testing.TB, changes ...func(*httpapi.Config)) *world {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	w := &world{t: t, logs: new(syncBuffer), presence: presence.New(time.Now)}
	w.health.Store(&httpapi.Health{})
	var err error
	w.db = pgtest.New(t)
	if w.log, err = eventstore.Open(t.Context(), w.db.DSN, quiet); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.log.Close() })
	w.run(w.log.Run)
	if w.view, err = view.Load(t.Context(), w.log, quiet); err != nil {
		t.Fatal(err)
	}
	w.run(w.follow)
	settings := projections.Settings{Pause: time.Millisecond, Poll: 50 * time.Millisecond}
	sealing, notices, work := batches.Projection(), notifications.Projection(), tasks.Projection()
	sealing.Pause, notices.Pause, work.Pause = time.Millisecond, time.Millisecond, time.Millisecond
	w.runner = projections.New(w.log, settings, quiet, state.Projection(), sealing, notices, work)
	w.run(w.runner.Run)
	w.commands = command.New(w.log, w.view, finder{w}, quiet)
	w.commands.UseNotifications(finder{w})
	t.Cleanup(w.commands.Close)
	if w.keys, err = auth.New(auth.Config{Secrets: [][]byte{bytes.Repeat([]byte("s"), auth.MinSecret)}}); err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	cfg := httpapi.Config{
		Log: w.log, LogID: domain.ID{15: 1}, View: w.view, Commands: w.commands, Keys: w.keys,
		Projected: httpapi.Projections{
			Messages: projected{w, state.Name}, Notifications: projected{w, notifications.Name}, Tasks: projected{w, tasks.Name},
		},
		Tables: tables{}, Pushes: w.pusher(),
		Tree: tree{batches.Tree{DB: w.log.DB()}}, Presence: w.presence, Logger: slog.New(slog.NewTextHandler(w.logs, nil)), Now: time.Now,
		Health:  func(context.Context) httpapi.Health { return *w.health.Load() },
		Metrics: registry, Gatherer: registry,
	}
	for _, change := range changes {
		change(&cfg)
	}
	server := httptest.NewServer(httpapi.New(cfg))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// run runs something until the test ends.
func (w *world) run(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Errorf("run: %v", err)
		}
	})
}

func (w *world) follow(ctx context.Context) error {
	tail := w.log.Tail(w.view.Position())
	for ctx.Err() == nil {
		events, err := tail.Next(ctx)
		if err != nil {
			time.Sleep(time.Millisecond) // the database is away: there is no signal of its return
			continue
		}
		w.view.Apply(events)
	}
	return nil
}

// pusher finds what was missed; it pushes nothing.
func (w *world) pusher() *push.Pusher {
	return push.New(w.log, w.log.Tail(w.log.Head()), w.view, push.StateTables{DB: w.log.DB()}, nobody{}, slog.New(slog.DiscardHandler))
}

// projected is the runner as the API needs it.
type projected struct {
	w    *world
	name string
}

func (p projected) Position() domain.Position {
	for _, status := range p.w.runner.Status() {
		if status.Projection == p.name {
			return status.Position
		}
	}
	return 0
}

func (p projected) Wait(ctx context.Context, position domain.Position) error {
	return p.w.runner.Wait(ctx, p.name, position)
}

// tables are the functions of package state.
type tables struct{}

func (tables) SearchUsers(ctx context.Context, tx *sql.Tx, text string, limit int) ([]domain.ID, error) {
	return state.SearchUsers(ctx, tx, text, limit)
}

func (tables) Unread(
	ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID,
) (map[domain.ID]int, error) {
	return state.Unread(ctx, tx, user, conversations)
}

// tree is the tree of package batches.
type tree struct{ batches.Tree }

func (t tree) Latest(ctx context.Context) (size int64, checkpoint string, err error) {
	b, _, err := t.Tree.Latest(ctx)
	return b.TreeSize, b.Checkpoint, err
}

// finder finds messages and notifications in the state tables.
type finder struct{ w *world }

func (f finder) Find(
	ctx context.Context, ids []domain.ID, by domain.Position,
) (map[domain.ID]domain.MessageRef, error) {
	if err := f.w.runner.Wait(ctx, state.Name, by); err != nil {
		return nil, err
	}
	const query = `
		SELECT id, conversation_id, sender_id, position, was_blocked
		FROM messages
		WHERE id = ANY ($1::uuid[])`
	rows, err := f.w.log.DB().QueryContext(ctx, query, pgarray.UUIDs(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make(map[domain.ID]domain.MessageRef)
	for rows.Next() {
		var ref domain.MessageRef
		if err := rows.Scan(&ref.ID, &ref.ConversationID, &ref.SenderID, &ref.Position, &ref.Blocked); err != nil {
			return nil, err
		}
		found[ref.ID] = ref
	}
	return found, rows.Err()
}

func (f finder) Owner(ctx context.Context, id domain.ID, by domain.Position) (owner domain.ID, err error) {
	if err := f.w.runner.Wait(ctx, notifications.Name, by); err != nil {
		return domain.ID{}, err
	}
	const query = `SELECT user_id FROM notifications WHERE id = $1`
	err = f.w.log.DB().QueryRowContext(ctx, query, id.String()).Scan(&owner)
	if errors.Is(err, sql.ErrNoRows) {
		return domain.ID{}, nil
	}
	return owner, err
}

// person is a registered user with a token.
type person struct {
	w     *world
	id    domain.ID
	token string
}

func (w *world) person(name string) *person { return w.register(name, domain.RoleMember, "") }

func (w *world) register(name string, role domain.Role, wallet string) *person {
	w.t.Helper()
	id, err := w.commands.Register(w.t.Context(), domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, Name: name, Role: role, WalletAddress: wallet,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return &person{w: w, id: id, token: w.mint(auth.Grant{Subject: id, Type: auth.Access, TTL: time.Hour}, time.Now())}
}

func (w *world) mint(g auth.Grant, now time.Time) string {
	w.t.Helper()
	token, _, err := w.keys.Mint(g, now)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// settle waits until the tables have everything.
func (w *world) settle() {
	w.t.Helper()
	for _, name := range []string{state.Name, notifications.Name, tasks.Name} {
		if err := w.runner.Wait(w.t.Context(), name, w.log.Head()); err != nil {
			w.t.Fatal(err)
		}
	}
}

// reply is an answer, read.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// call sends a request; header is pairs of names and values, and body is sent as it is if it is a string.
func (w *world) call(token, method, path string, body any, header ...string) reply {
	w.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewBufferString(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, reader)
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := reply{t: w.t, what: method + " " + path, status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	w.conforms(resp, r)
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &r.body); err != nil {
			w.t.Fatalf("%s: %v in %s", r.what, err, raw)
		}
	}
	return r
}

func (p *person) get(path string, header ...string) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodGet, path, nil, header...)
}

// see reads what was written before: it waits for the position of the write.
func (p *person) see(path string, after reply) reply {
	p.w.t.Helper()
	return p.get(path, "Chainmail-Min-Position", after.header.Get("Chainmail-Position")).want(http.StatusOK)
}

func (p *person) post(path string, body any, header ...string) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodPost, path, body, header...)
}

func (p *person) patch(path string, body any) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodPatch, path, body)
}

func (p *person) delete(path string, body any) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodDelete, path, body)
}

// group starts a conversation of p and others and returns its id.
func (p *person) group(title string, others ...*person) string {
	p.w.t.Helper()
	ids := make([]string, len(others))
	for i, o := range others {
		ids[i] = o.id.String()
	}
	return p.post("/api/conversations", object{"participant_ids": ids, "title": title}).want(http.StatusCreated).text("id")
}

// say sends a message and returns the answer.
func (p *person) say(conversation, content string) reply {
	p.w.t.Helper()
	return p.post("/api/conversations/"+conversation+"/messages", object{"content": content}).want(http.StatusCreated)
}

type object map[string]any

// want fails the test unless the status is as expected and the answer has a position.
func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: got %d %s, want %d", r.what, r.status, r.raw, status)
	}
	if _, err := strconv.ParseInt(r.header.Get("Chainmail-Position"), 10, 64); err != nil {
		r.t.Errorf("%s: no position in %v", r.what, r.header)
	}
	return r
}

// problem fails the test unless the answer is such a problem.
func (r reply) problem(status int, code, field string) reply {
	r.t.Helper()
	gotField, _ := r.body["field"].(string)
	if r.status != status || r.body["code"] != code || gotField != field {
		r.t.Errorf("%s: got %d %s, want %d %s %q", r.what, r.status, r.raw, status, code, field)
	}
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("%s: content type %q", r.what, got)
	}
	for _, member := range []string{"type", "title", "detail"} {
		if s, _ := r.body[member].(string); s == "" {
			r.t.Errorf("%s: no %s in %s", r.what, member, r.raw)
		}
	}
	if r.body["status"] != float64(status) {
		r.t.Errorf("%s: status in body: %v", r.what, r.body["status"])
	}
	return r
}

func (r reply) text(field string) string {
	r.t.Helper()
	s, ok := r.body[field].(string)
	if !ok {
		r.t.Fatalf("%s: no text %s in %s", r.what, field, r.raw)
	}
	return s
}

// items are those of a list.
func (r reply) items() []map[string]any {
	r.t.Helper()
	list, ok := r.body["items"].([]any)
	if !ok {
		r.t.Fatalf("%s: no items in %s", r.what, r.raw)
	}
	items := make([]map[string]any, len(list))
	for i := range list {
		items[i] = list[i].(map[string]any)
	}
	return items
}

// pluck lists one field of all items.
func pluck(items []map[string]any, field string) []any {
	values := make([]any, len(items))
	for i := range items {
		values[i] = items[i][field]
	}
	return values
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }
