// Package wstest runs a whole server inside a test, on a database of its own: log, view, pushes,
// commands, WebSocket; and gives it clients whose expectations read like the protocol.
package wstest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
	"chainmail/projections/push"
	"chainmail/projections/view"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/presence"
	"chainmail/transport/ws"
)

// patience is how long a test waits for what must come.
const patience = time.Minute

// Server is a running server. Everything in it may be used by the test.
type Server struct {
	Address  string // host:port
	DSN      string
	Log      *eventstore.Log
	LogID    domain.ID
	View     *view.View
	Commands *command.Service
	Keys     *auth.Keys
	Presence *presence.Tracker
	WS       *ws.Server
	Mux      *http.ServeMux // serves GET /ws; a test may add to it

	t    testing.TB
	now  func() time.Time
	stop func() // ends the WebSocket's Run and waits for it
}

// Options say what is not as usual. The zero value is a server with a database of its own and no
// rate limit.
type Options struct {
	DSN       string           // of another server's database, to run two on one log
	Configure func(*ws.Config) // changes the configuration before the server is made
	Logger    *slog.Logger     // nil: nothing is logged
	// Pushes wraps what connections catch up with, so that a test can act in between. nil: as it is.
	Pushes func(ws.Pushes) ws.Pushes
}

// Start starts a server, which ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.DSN == "" {
		o.DSN = pgtest.New(t).DSN
	}
	s := &Server{t: t, DSN: o.DSN, Mux: http.NewServeMux(), LogID: domain.ID{15: 1}}
	var err error
	if s.Log, err = eventstoretest.OpenLog(t, o.DSN, o.Logger); err != nil {
		t.Fatal(err)
	}
	if s.View, err = view.Load(t.Context(), s.Log, o.Logger); err != nil {
		t.Fatal(err)
	}
	if s.Keys, err = auth.New(auth.Config{Secrets: [][]byte{secret}}); err != nil {
		t.Fatal(err)
	}
	s.Commands = command.New(s.Log, s.View, history{s.Log}, o.Logger)
	config := ws.Config{
		Log: s.Log, LogID: s.LogID, View: s.View, Commands: s.Commands, Keys: s.Keys, Logger: o.Logger,
	}
	if o.Configure != nil {
		o.Configure(&config)
	}
	if s.now = config.Now; s.now == nil {
		s.now = time.Now
	}
	if config.Presence == nil {
		config.Presence = presence.New(s.now)
	}
	s.Presence = config.Presence
	s.WS = ws.New(config)
	s.Mux.Handle("GET /ws", s.WS)
	s.run(o)
	return s
}

var secret = []byte("a secret of the tests, 32 bytes or more")

// run starts everything, and ends it in the order that a server has to.
func (s *Server) run(o Options) {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	pusher := push.New(s.Log, push.Whole{Tail: s.Log.Tail(s.View.Position())}, s.View, noTables{}, s.WS, o.Logger)
	var pushes ws.Pushes = pusher
	if o.Pushes != nil {
		pushes = o.Pushes(pusher)
	}
	server := &http.Server{Handler: s.Mux, ReadHeaderTimeout: 10 * time.Second}

	stopLog := background(s.t, s.Log.Run)
	stopPushes := background(s.t, pusher.Run)
	s.stop = background(s.t, func(ctx context.Context) error { return s.WS.Run(ctx, pushes) })
	var group errgroup.Group
	group.Go(func() error {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			return err
		}
		return nil
	})
	s.t.Cleanup(func() {
		s.stop()
		if err := server.Close(); err != nil {
			s.t.Errorf("close the HTTP server: %v", err)
		}
		if err := group.Wait(); err != nil {
			s.t.Errorf("serve: %v", err)
		}
		stopPushes()
		s.Commands.Close()
		stopLog()
		if err := s.Log.Close(); err != nil {
			s.t.Errorf("close the log: %v", err)
		}
	})
}

// background runs until the returned function is called, which waits for the end. Calling it
// twice is fine.
func background(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// Stop stops serving connections, as a server that is told to end does. The rest runs on.
func (s *Server) Stop() { s.stop() }

// User makes an account and returns its id.
func (s *Server) User(name string) domain.ID {
	s.t.Helper()
	return s.UserOf(domain.RoleMember, name)
}

// UserOf is User with another role.
func (s *Server) UserOf(role domain.Role, name string) domain.ID {
	s.t.Helper()
	id, err := s.Commands.Register(s.t.Context(), domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, Name: name, Role: role,
	})
	s.check(err)
	return id
}

// Users makes so many accounts.
func (s *Server) Users(count int) []domain.ID {
	s.t.Helper()
	ids := make([]domain.ID, count)
	var group errgroup.Group
	group.SetLimit(64)
	for i := range ids {
		group.Go(func() (err error) {
			ids[i], err = s.Commands.Register(s.t.Context(), domain.RegisterUser{
				Actor: domain.Actor{Auth: domain.AuthCLI}, Name: "somebody", Role: domain.RoleMember,
			})
			return err
		})
	}
	s.check(group.Wait())
	return ids
}

// Group starts a conversation of several people.
func (s *Server) Group(title string, starter domain.ID, others ...domain.ID) domain.ID {
	s.t.Helper()
	id, _, err := s.Commands.Start(s.t.Context(), As(starter), others, title, "")
	s.check(err)
	s.Settle() // or who connects next might be pushed it
	return id
}

// Direct starts the direct conversation of two people, or finds it.
func (s *Server) Direct(a, b domain.ID) domain.ID {
	s.t.Helper()
	id, _, err := s.Commands.Start(s.t.Context(), As(a), []domain.ID{b}, "", "")
	s.check(err)
	s.Settle() // or who connects next might be pushed it
	return id
}

// Say stores a message as the HTTP API would, without any connection, and returns what became of it.
func (s *Server) Say(sender, conversation domain.ID, content string) command.Sent {
	s.t.Helper()
	type result struct {
		sent command.Sent
		err  error
	}
	done := make(chan result, 1)
	s.Commands.Send(s.t.Context(), command.Send{Actor: As(sender), ConversationID: conversation, Content: content},
		func(domain.ID) {}, func(sent command.Sent, err error) { done <- result{sent, err} })
	r := <-done
	s.check(r.err)
	return r.sent
}

// Token makes an access token that lives so long from now on, by the server's clock.
func (s *Server) Token(user domain.ID, ttl time.Duration) string {
	s.t.Helper()
	token, _, err := s.Keys.Mint(auth.Grant{Subject: user, Type: auth.Access, TTL: ttl}, s.now())
	s.check(err)
	return token
}

// Sign returns a token with header and claims as they are, signed by the server's key with HMAC-SHA256.
func (s *Server) Sign(header, claims string) string {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Settle returns when everything that is in the log by now was pushed, so that it is in the
// clients' queues.
func (s *Server) Settle() {
	s.t.Helper()
	head, err := s.Log.Fresh(s.t.Context())
	s.check(err)
	s.Eventually("everything was pushed", func() bool { return s.WS.Pushed() >= head })
}

// Eventually asks again and again until the answer is yes, and fails the test when it stays no.
func (s *Server) Eventually(what string, yes func() bool) {
	s.t.Helper()
	for end := time.Now().Add(patience); !yes(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("it never became true that %s", what)
		}
	}
}

// As is a user as the author of a command.
func As(user domain.ID) domain.Actor { return domain.Actor{ID: user, Auth: domain.AuthToken} }

// ID makes a fresh id, of nothing.
func ID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func (s *Server) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
