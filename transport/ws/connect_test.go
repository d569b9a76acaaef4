package ws_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/ws"
	"chainmail/transport/ws/wstest"
)

func TestTokenPlaces(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann := s.User("Ann")
	token := s.Token(ann, time.Hour)
	for name, c := range map[string]*wstest.Client{
		"header": s.DialWith("", http.Header{"Authorization": {"Bearer " + token}}),
		"query":  s.DialWith("token="+token, nil),
		"subprotocol": s.DialWith("", http.Header{
			"Sec-Websocket-Protocol": {"chainmail.v1, bearer." + token},
		}),
	} {
		hello := c.Expect("authenticated")
		if hello.Text("user_id") != ann.String() || hello.Text("log_id") != s.LogID.String() ||
			hello.Int("position") != int64(s.Log.Head()) || hello.Int("heartbeat_seconds") != 30 ||
			!hello.Has("expires_at") || !hello.Has("timestamp") {
			t.Errorf("%s: got %v", name, hello)
		}
		if synced := c.Expect("synced"); synced.Int("position") != int64(s.Log.Head()) {
			t.Errorf("%s: got %v, want the head", name, synced)
		}
		want := map[bool]string{true: "chainmail.v1", false: ""}[name == "subprotocol"]
		if got := c.Conn.Subprotocol(); got != want {
			t.Errorf("%s: subprotocol: got %q, want %q", name, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, gone := s.User("Ann"), s.User("Gone")
	if _, err := s.Commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, gone); err != nil {
		t.Fatal(err)
	}
	old, _, err := s.Keys.Mint(auth.Grant{Subject: ann, Type: auth.Access, TTL: time.Minute}, time.Now().Add(-time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	refresh, _, err := s.Keys.Mint(auth.Grant{Subject: ann, Type: auth.Refresh, TTL: time.Minute}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	claims := func(sub string, nbf time.Time) string {
		return fmt.Sprintf(`{"sub":%q,"type":"access","nbf":%d,"exp":%d}`, sub, nbf.Unix(), time.Now().Add(time.Hour).Unix())
	}
	const hs256, none = `{"alg":"HS256","typ":"JWT"}`, `{"alg":"none","typ":"JWT"}`
	s.DialWith("token="+s.Sign(hs256, claims(ann.String(), time.Now().Add(-time.Minute))), nil).Expect("authenticated")
	for token, reason := range map[string]string{
		"":                              "token missing",
		old:                             "token expired",
		"abc":                           "token invalid",
		refresh:                         "token invalid",
		s.Token(ann, time.Hour) + "x":   "token invalid",
		s.Token(wstest.ID(), time.Hour): "user not found or inactive",
		s.Token(gone, time.Hour):        "user not found or inactive",

		s.Sign(hs256, claims(ann.String(), time.Now().Add(time.Minute))): "token invalid", // not yet valid
		s.Sign(none, claims(ann.String(), time.Now())):                   "token invalid",
		s.Sign(hs256, claims("ann", time.Now())):                         "token invalid", // no UUID
	} {
		s.DialWith("token="+token, nil).ExpectClose(1008, reason)
	}
	s.Eventually("refused connections are gone", func() bool { return s.WS.Connections() == 1 })
}

func TestUserOfAnotherServerConnectsAtOnce(t *testing.T) {
	t.Parallel()
	one := wstest.Start(t, wstest.Options{})
	two := wstest.Start(t, wstest.Options{DSN: one.DSN})
	for range 10 {
		two.Connect(one.User("Newcomer"))
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	same := wstest.Start(t, wstest.Options{})
	listed := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) {
		c.AllowedOrigins = []string{"https://chat.example", "http://localhost:5173", "https://slash.example/"}
	}})
	anyone := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) { c.AllowedOrigins = []string{"*"} }})
	for _, test := range []struct {
		server *wstest.Server
		origin string
		status int
	}{
		{same, "", 101},
		{same, "http://" + same.Address, 101},
		{same, "http://evil.example", 403},
		{same, "null", 403},
		{listed, "", 101},
		{listed, "https://chat.example", 101},
		{listed, "https://CHAT.example", 101},
		{listed, "http://chat.example", 403},
		{listed, "https://chat.example.evil.example", 403},
		{listed, "http://localhost:5173", 101},
		{listed, "http://localhost", 403},
		{listed, "https://slash.example", 101},
		{listed, "http://" + listed.Address, 403},
		{anyone, "https://evil.example", 101},
	} {
		header := http.Header{}
		if test.origin != "" {
			header.Set("Origin", test.origin)
		}
		conn, response, err := websocket.DefaultDialer.Dial("ws://"+test.server.Address+"/ws", header)
		if err == nil {
			defer conn.Close()
		}
		if response == nil || response.StatusCode != test.status {
			t.Errorf("origin %q: got %v, %v, want %d", test.origin, response, err, test.status)
		}
	}
}

func TestPlainRequestIsToldToUpgrade(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	response, err := http.Get("http://" + s.Address + "/ws")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUpgradeRequired || response.Header.Get("Upgrade") != "websocket" {
		t.Errorf("got %s %v, want 426 with Upgrade", response.Status, response.Header)
	}
}

func TestTwentyConnectionsAUser(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann := s.User("Ann")
	clients := make([]*wstest.Client, 20)
	for i := range clients {
		clients[i] = s.Connect(ann)
	}
	s.Dial(ann, "").ExpectClose(1008, "too many connections")
	s.Connect(s.User("Bob")) // others are not concerned
	clients[3].Leave()
	s.Eventually("a place is free", func() bool { return s.WS.Connections() == 20 })
	s.Connect(ann)
}

func TestTwentyConnectionsAtOnce(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	header := http.Header{"Authorization": {"Bearer " + s.Token(s.User("Ann"), time.Hour)}}
	var mu sync.Mutex
	outcomes := map[string]int{}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			conn, _, err := websocket.DefaultDialer.Dial("ws://"+s.Address+"/ws", header)
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, data, err := conn.ReadMessage()
			outcome := fmt.Sprint(err)
			if err == nil {
				outcome = string(data[:24])
			}
			mu.Lock()
			defer mu.Unlock()
			outcomes[outcome]++
		})
	}
	wg.Wait()
	want := map[string]int{
		`{"type":"authenticated",`:                                       20,
		"websocket: close 1008 (policy violation): too many connections": 30,
	}
	if fmt.Sprint(outcomes) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", outcomes, want)
	}
}

func TestTokenRunsOut(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann := s.User("Ann")
	long, short := s.Connect(ann), s.DialWith("token="+s.Token(ann, 30*time.Second), nil)
	short.Expect("authenticated")
	short.Expect("synced")

	clock.Advance(14 * time.Second)
	short.Quiet()
	clock.Advance(3 * time.Second)
	if f := short.Expect("token_expiring"); !f.Has("expires_at") {
		t.Errorf("token_expiring: got %v", f)
	}
	clock.Advance(15 * time.Second)
	short.ExpectClose(1008, "token expired")
	long.Quiet()
}

func TestLongTokenIsWarnedAMinuteBefore(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	c := s.DialWith("token="+s.Token(s.User("Ann"), 100*time.Second), nil)
	c.Expect("authenticated")
	c.Expect("synced")
	clock.Advance(38 * time.Second)
	c.Quiet()
	clock.Advance(4 * time.Second)
	c.Expect("token_expiring")
	clock.Advance(2 * time.Second)
	c.Quiet() // said once
}

func TestAuthenticateAgain(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann, bob := s.User("Ann"), s.User("Bob")
	c := s.DialWith("token="+s.Token(ann, 30*time.Second), nil)
	c.Expect("authenticated")
	c.Expect("synced")
	for _, token := range []string{"abc", s.Token(bob, time.Hour)} {
		c.Send(Is{"type": "authenticate", "token": token, "ref": "r"})
		if e := c.ExpectError("unauthenticated", "token"); e.Text("ref") != "r" {
			t.Errorf("ref: got %v", e)
		}
	}
	c.Send(Is{"type": "authenticate", "token": s.Token(ann, time.Hour), "ref": "again"})
	if f := c.Expect("authenticated"); f.Text("ref") != "again" || f.Text("user_id") != ann.String() {
		t.Errorf("authenticated: got %v", f)
	}
	clock.Advance(40 * time.Second) // a heartbeat may come; the end of the first token must not
	c.Quiet()
}

func TestInactiveUserIsClosed(t *testing.T) {
	t.Parallel()
	clock := wstest.NewClock()
	s := wstest.Start(t, wstest.Options{Configure: clock.Use})
	ann := s.User("Ann")
	c, other := s.Connect(ann), s.Connect(s.User("Bob"))
	if _, err := s.Commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, ann); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	clock.Advance(time.Second)
	c.ExpectClose(1008, "user not found or inactive")
	other.Quiet()
}

// sessions says which sessions have ended.
type sessions struct {
	mu    sync.Mutex
	ended map[domain.ID]bool // guarded by mu
}

func (s *sessions) end(id domain.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[id] = true
}

func (s *sessions) Ended(_ context.Context, ids []domain.ID) (ended []domain.ID, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		if s.ended[id] {
			ended = append(ended, id)
		}
	}
	return ended, nil
}

func TestSessionEnds(t *testing.T) {
	t.Parallel()
	clock, book := wstest.NewClock(), &sessions{ended: map[domain.ID]bool{}}
	s := wstest.Start(t, wstest.Options{Configure: func(c *ws.Config) {
		clock.Use(c)
		c.Sessions = book
	}})
	ann := s.User("Ann")
	dial := func(session domain.ID) *wstest.Client {
		token, _, err := s.Keys.Mint(
			auth.Grant{Subject: ann, SessionID: session, Type: auth.Access, TTL: time.Hour}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return s.DialWith("token="+token, nil)
	}
	one, two := wstest.ID(), wstest.ID()
	a, b := dial(one), dial(two)
	a.Expect("authenticated")
	b.Expect("authenticated")
	b.Expect("synced")
	book.end(one)
	clock.Advance(2 * time.Second)
	a.ExpectClose(1008, "session ended")
	dial(one).ExpectClose(1008, "session ended")
	b.Quiet()
}
