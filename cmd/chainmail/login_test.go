package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"chainmail/migrations/pgtest"
	"chainmail/transport/wallet/wallettest"
)

// tokens are what a login gives.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	User    struct{ ID string }
}

// post calls one of the calls of a login.
func (s *served) post(call string, body any, want int) (answer map[string]any) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	status, text := s.ask("", "POST", "/api/auth/"+call, string(raw), "")
	if status != want {
		s.t.Fatalf("%s: got %d %s, want %d", call, status, text, want)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			s.t.Fatal(err)
		}
	}
	return answer
}

// enter logs a wallet in, and returns what it signed too.
func (s *served) enter(w *wallettest.Wallet) (t tokens, text string) {
	s.t.Helper()
	text, _ = s.post("nonce", map[string]string{"address": w.Address().String()}, 200)["message"].(string)
	raw, err := json.Marshal(s.post("login", map[string]string{"message": text, "signature": w.Sign(text)}, 200))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &t); err != nil || t.User.ID == "" {
		s.t.Fatalf("login: %s", raw)
	}
	return t, text
}

// awaitReason returns why the connection is closed.
func (c *socket) awaitReason() (code int, reason string) {
	c.t.Helper()
	c.limit()
	for {
		_, err := readFrame(c.conn)
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			return closed.Code, closed.Text
		}
		if err != nil {
			c.t.Fatalf("waiting for the end: %v", err)
		}
	}
}

// A wallet logs in, chats with another one on another server, goes on with fresh tokens, and logs out, which ends its connections
// everywhere. The log tells who said what in which session, keeps what was signed, and verifies.
func TestWalletLogin(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	first, second := m.serve("--listen", "127.0.0.1:0"), m.serve("--listen", "127.0.0.1:0")
	ann, bob := wallettest.Of("ann"), wallettest.Of("bob")
	ours, signed := first.enter(ann)
	theirs, _ := second.enter(bob)
	a, b := first.connect(ours.Access), second.connect(theirs.Access)
	exchange(t, a, b, ours.User.ID, theirs.User.ID)
	elsewhere := second.connect(ours.Access)

	status, body := first.ask(ours.Access, "GET", "/api/sessions", "", "")
	var sessions struct {
		Items []struct {
			ID      string
			Current bool
		}
	}
	if err := json.Unmarshal([]byte(body), &sessions); err != nil || status != 200 || len(sessions.Items) != 1 || !sessions.Items[0].Current {
		t.Fatalf("sessions: %d %s", status, body)
	}
	const metadata = `
		SELECT DISTINCT metadata::json->>'auth' || ' ' || (metadata::json->>'session_id')
		FROM events
		WHERE type = 'MessageSent' AND metadata::json->>'actor_id' = $1`
	var by string
	if err := db.SQL.QueryRow(metadata, ours.User.ID).Scan(&by); err != nil || by != "wallet "+sessions.Items[0].ID {
		t.Errorf("messages are by %q, %v", by, err)
	}
	var account struct {
		Evidence struct{ Message, Signature string }
	}
	var kept string
	const registration = `SELECT body::text FROM event_log WHERE type = 'UserRegistered' AND payload::json->>'user_id' = $1`
	if err := db.SQL.QueryRow(registration, ours.User.ID).Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(kept), &account); err != nil || account.Evidence.Message != signed || account.Evidence.Signature != ann.Sign(signed) {
		t.Errorf("kept of the registration: %s, %v", kept, err)
	}

	fresh, _ := second.post("refresh", map[string]string{"refresh_token": ours.Refresh}, 200)["refresh_token"].(string)
	second.post("logout", map[string]string{"refresh_token": fresh}, 204)
	for name, c := range map[string]*socket{"here": a, "elsewhere": elsewhere, "new": first.dial(ours.Access)} {
		if code, reason := c.awaitReason(); code != 1008 || reason != "session ended" {
			t.Errorf("%s: closed with %d %q, want 1008 \"session ended\"", name, code, reason)
		}
	}
	first.post("refresh", map[string]string{"refresh_token": fresh}, 401)
	b.say(ours.User.ID, "later", "are you there?")
	b.await("message_sent")
	if again, _ := first.enter(ann); again.User.ID != ours.User.ID {
		t.Errorf("ann is %s now, want %s", again.User.ID, ours.User.ID)
	}
	if got := m.must("replay"); !strings.Contains(got, "no finding") {
		t.Errorf("replay: %s", got[max(0, len(got)-500):])
	}
	m.must("rebuild", "messages", "--verify")
}

// A refresh token of the command line gets access, again and again, though each token once.
func TestRefreshTokenOfTheCommandLine(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	s := m.serve("--listen", "127.0.0.1:0")
	alice := m.must("user", "add", "Alice")
	token := m.must("token", alice, "--type", "refresh")
	for range 3 {
		answer := s.post("refresh", map[string]string{"refresh_token": token}, 200)
		access, _ := answer["access_token"].(string)
		s.connect(access)
		token, _ = answer["refresh_token"].(string)
	}
	s.post("refresh", map[string]string{"refresh_token": m.must("token", alice)}, 401)
}

// What the flags say about logins holds.
func TestLoginFlags(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	s := m.serve("--listen", "127.0.0.1:0", "--registration", "closed", "--public-url", "https://chat.example/")
	ann, eve := wallettest.Of("ann"), wallettest.Of("eve")
	id := m.must("user", "add", "Ann", "--wallet", ann.Address().String())
	got, text := s.enter(ann)
	if got.User.ID != id || !strings.HasPrefix(text, "chat.example wants you to sign in") {
		t.Errorf("%s signed %q, want %s", got.User.ID, text, id)
	}
	text, _ = s.post("nonce", map[string]string{"address": eve.Address().String()}, 200)["message"].(string)
	s.post("login", map[string]string{"message": text, "signature": eve.Sign(text)}, 403)
}

// Where an outside issuer makes the tokens, nobody logs in here.
func TestNoLoginWithAnOutsideIssuer(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	m.env = append(m.env, "CHAINMAIL_JWT_SECRET=", "CHAINMAIL_JWT_JWKS_URL=http://127.0.0.1:1/keys")
	s := m.serve("--listen", "127.0.0.1:0")
	s.post("nonce", map[string]string{"address": wallettest.Of("ann").Address().String()}, 404)
}
