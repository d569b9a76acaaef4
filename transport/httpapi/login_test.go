package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
	"chainmail/transport/login"
	"chainmail/transport/session"
	"chainmail/transport/wallet/wallettest"
)

// withLogin lets wallets in.
func withLogin(c *httpapi.Config) {
	store := &session.Store{DB: c.Log.DB()}
	c.Sessions = store
	c.Login = &login.Service{Keys: c.Keys, Sessions: store, Commands: c.Commands, Now: time.Now}
}

// challenge asks for a text to sign.
func (w *world) challenge(of *wallettest.Wallet, header ...string) string {
	w.t.Helper()
	r := w.call("", http.MethodPost, "/api/auth/nonce", object{"address": of.Address().String()}, header...)
	if r.status != http.StatusOK || !strings.Contains(r.text("message"), "Nonce: "+r.text("nonce")+"\n") {
		w.t.Fatalf("nonce: %d %s", r.status, r.raw)
	}
	return r.text("message")
}

// enter logs a wallet in; the answer has its tokens.
func (w *world) enter(of *wallettest.Wallet, header ...string) reply {
	w.t.Helper()
	text := w.challenge(of, header...)
	r := w.call("", http.MethodPost, "/api/auth/login", object{"message": text, "signature": of.Sign(text)}, header...)
	if r.status != http.StatusOK {
		w.t.Fatalf("login: %d %s", r.status, r.raw)
	}
	return r
}

// shut fails the test unless the answer is a 401 that says why.
func (r reply) shut(reason string) {
	r.t.Helper()
	r.problem(http.StatusUnauthorized, "unauthenticated", "")
	if detail, _ := r.body["detail"].(string); !strings.Contains(detail, reason) {
		r.t.Errorf("%s: detail %q, want %q", r.what, detail, reason)
	}
	if got := r.header.Get("WWW-Authenticate"); got != `Bearer realm="chainmail"` {
		r.t.Errorf("%s: challenge %q", r.what, got)
	}
}

func TestWalletLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	ann := wallettest.Of("ann")
	r := w.enter(ann)
	user, _ := r.body["user"].(map[string]any)
	if r.body["token_type"] != "Bearer" || r.body["expires_in"] != float64(900) || user["wallet_address"] != ann.Address().Lower() ||
		!strings.HasPrefix(user["name"].(string), ann.Address().String()[:6]+"…") {
		t.Errorf("login: %s", r.raw)
	}
	me := w.call(r.text("access_token"), http.MethodGet, "/api/me", nil).want(http.StatusOK)
	if me.text("id") != user["id"] || me.text("wallet_address") != ann.Address().Lower() {
		t.Errorf("me: %s, want %v", me.raw, user)
	}
	again := w.enter(ann)
	if other := again.body["user"].(map[string]any); other["id"] != user["id"] {
		t.Errorf("second login: %s", again.raw)
	}
	// In lower case an address is as good.
	if r := w.call("", http.MethodPost, "/api/auth/nonce", object{"address": ann.Address().Lower()}); r.status != http.StatusOK {
		t.Errorf("lower case: %d %s", r.status, r.raw)
	}
}

func TestRefreshAndLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	first := w.enter(wallettest.Of("ann"))
	refresh := func(of reply) reply {
		return w.call("", http.MethodPost, "/api/auth/refresh", object{"refresh_token": of.text("refresh_token")})
	}
	second := refresh(first)
	if second.status != http.StatusOK || second.text("refresh_token") == first.text("refresh_token") || second.body["user"] == nil {
		t.Fatalf("refresh: %d %s", second.status, second.raw)
	}
	w.call(second.text("access_token"), http.MethodGet, "/api/me", nil).want(http.StatusOK)
	for range 2 {
		out := w.call("", http.MethodPost, "/api/auth/logout", object{"refresh_token": second.text("refresh_token")})
		if out.status != http.StatusNoContent || out.raw != "" {
			t.Errorf("logout: %d %s", out.status, out.raw)
		}
	}
	for _, of := range []reply{first, second} {
		refresh(of).shut("session ended")
		gone := w.call(of.text("access_token"), http.MethodGet, "/api/me", nil).problem(http.StatusUnauthorized, "unauthenticated", "")
		if gone.body["detail"] != "session ended" {
			t.Errorf("detail: %s", gone.raw)
		}
	}

	third := w.enter(wallettest.Of("ann"))
	refresh(third)
	if _, err := w.db.SQL.Exec(`UPDATE auth_refresh_tokens SET used_at = used_at - interval '10 seconds'`); err != nil {
		t.Fatal(err)
	}
	refresh(third).shut("refresh token reused")
	refresh(third).shut("session ended")
}

func TestLoginRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	ann, eve := wallettest.Of("ann"), wallettest.Of("eve")
	logIn := func(text, signature string) reply {
		return w.call("", http.MethodPost, "/api/auth/login", object{"message": text, "signature": signature})
	}
	text := w.challenge(ann)
	logIn(text, eve.Sign(text)).shut("not by the account")
	moved := strings.ReplaceAll(text, "127.0.0.1", "evil.example")
	logIn(moved, ann.Sign(moved)).shut("another domain")
	if r := logIn(text, ann.Sign(text)); r.status != http.StatusOK {
		t.Fatalf("login: %d %s", r.status, r.raw)
	}
	logIn(text, ann.Sign(text)).shut("nonce")
	logIn("let me in", ann.Sign("let me in")).problem(http.StatusUnprocessableEntity, "invalid_field", "message")
	long := text + strings.Repeat("x", 5000)
	logIn(long, ann.Sign(long)).problem(http.StatusUnprocessableEntity, "invalid_field", "message")
	logIn(text, "0x12").problem(http.StatusUnprocessableEntity, "invalid_field", "signature")
	logIn(text, "").problem(http.StatusUnprocessableEntity, "invalid_field", "signature")

	person := w.person("Bob")
	for _, path := range []string{"/api/auth/refresh", "/api/auth/logout"} {
		for token, reason := range map[string]string{
			"": "token missing", "abc": "token invalid", person.token: "token invalid",
			w.mint(auth.Grant{Subject: person.id, Type: auth.Refresh, TTL: time.Hour}, time.Now().Add(-2*time.Hour)): "token expired",
		} {
			w.call("", http.MethodPost, path, object{"refresh_token": token}).shut(reason)
		}
	}
}

func TestClosedRegistration(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin, func(c *httpapi.Config) { c.Login.Closed = true })
	ann, eve := wallettest.Of("ann"), wallettest.Of("eve")
	w.register("Ann", domain.RoleMember, ann.Address().String())
	w.enter(ann)
	text := w.challenge(eve)
	r := w.call("", http.MethodPost, "/api/auth/login", object{"message": text, "signature": eve.Sign(text)}).
		problem(http.StatusForbidden, "forbidden", "")
	if !strings.Contains(r.text("detail"), "closed") {
		t.Errorf("detail: %s", r.raw)
	}
}

// What is wrong with a body is said field by field, before anything else is looked at.
func TestLoginBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	address := wallettest.Of("ann").Address().String()
	for path, fields := range map[string][]string{
		"/api/auth/nonce": {"address"}, "/api/auth/login": {"message", "signature"},
		"/api/auth/refresh": {"refresh_token"}, "/api/auth/logout": {"refresh_token"},
	} {
		post := func(body any) reply { return w.call("", http.MethodPost, path, body) }
		post("{").problem(http.StatusBadRequest, "invalid_json", "")
		post("").problem(http.StatusBadRequest, "invalid_json", "")
		post("[]").problem(http.StatusUnprocessableEntity, "invalid_json", "")
		post(tooLong).
			problem(http.StatusRequestEntityTooLarge, "too_large", "")
		for i, field := range fields {
			body := object{}
			for _, earlier := range fields[:i] {
				body[earlier] = "x"
			}
			post(body).problem(http.StatusUnprocessableEntity, "missing_field", field)
			body[field] = nil
			post(body).problem(http.StatusUnprocessableEntity, "missing_field", field)
			for _, bad := range []any{1, true, []string{address}, "a\x00b"} {
				body[field] = bad
				post(body).problem(http.StatusUnprocessableEntity, "invalid_field", field)
			}
		}
		w.call("", http.MethodGet, path, nil).problem(http.StatusMethodNotAllowed, "not_found", "")
	}
	wrongCase := "0x" + strings.ToUpper(address[2:])
	for _, bad := range []string{"", "0x12", address[2:], address + "0", "0x" + strings.Repeat("g", 40), wrongCase} {
		w.call("", http.MethodPost, "/api/auth/nonce", object{"address": bad}).
			problem(http.StatusUnprocessableEntity, "invalid_field", "address")
	}
}

// Where an outside issuer makes the tokens there is nothing to log in to.
func TestNoLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	for _, path := range []string{"/api/auth/nonce", "/api/auth/login", "/api/auth/refresh", "/api/auth/logout"} {
		w.call("", http.MethodPost, path, object{}).problem(http.StatusNotFound, "not_found", "")
	}
	ann.get("/api/sessions").problem(http.StatusNotFound, "not_found", "")
	ann.delete("/api/sessions/"+newID().String(), nil).problem(http.StatusNotFound, "not_found", "")
}

// While the state tables stand still, those whom they have can log in and go on.
func TestLoginWhileTablesStandStill(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	first := w.enter(wallettest.Of("ann"))
	w.settle()
	tx, err := w.db.SQL.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.Exec(`SELECT FROM projection_offsets WHERE projection = 'messages' FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	w.person("Bob") // which the tables do not get to know
	w.enter(wallettest.Of("ann"))
	r := w.call("", http.MethodPost, "/api/auth/refresh", object{"refresh_token": first.text("refresh_token")})
	if r.status != http.StatusOK {
		t.Errorf("refresh: %d %s", r.status, r.raw)
	}
}

func TestLoginLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin, func(c *httpapi.Config) {
		c.Limits.Nonces, c.Limits.Logins, c.Limits.Registrations = limit.New(5), limit.New(4), limit.New(2)
	})
	limited := func(r reply) {
		t.Helper()
		r.problem(http.StatusTooManyRequests, "rate_limited", "")
		if after := r.header.Get("Retry-After"); after == "" || after == "0" || r.body["retry_after"].(float64) <= 0 {
			t.Errorf("%s: Retry-After %q, %s", r.what, after, r.raw)
		}
	}
	w.enter(wallettest.Of("ann"))
	first := w.enter(wallettest.Of("bob"))
	eve := wallettest.Of("eve")
	text := w.challenge(eve)
	limited(w.call("", http.MethodPost, "/api/auth/login", object{"message": text, "signature": eve.Sign(text)}))
	w.enter(wallettest.Of("ann")) // who has an account makes none
	token := object{"refresh_token": first.text("refresh_token")}
	limited(w.call("", http.MethodPost, "/api/auth/refresh", token))
	limited(w.call("", http.MethodPost, "/api/auth/login", object{"message": text, "signature": eve.Sign(text)}))
	w.challenge(eve)
	limited(w.call("", http.MethodPost, "/api/auth/nonce", object{"address": eve.Address().String()}))
	if r := w.call("", http.MethodPost, "/api/auth/logout", token); r.status != http.StatusNoContent { // nobody is kept from ending a session
		t.Errorf("logout: %d %s", r.status, r.raw)
	}
}
