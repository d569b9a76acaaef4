package httpapi_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/httpapi"
)

// ended is a set of sessions that are over.
type ended []domain.ID

func (e ended) Ended(_ context.Context, sessions []domain.ID) ([]domain.ID, error) {
	return slices.DeleteFunc(slices.Clone(sessions), func(id domain.ID) bool { return !slices.Contains(e, id) }), nil
}

func TestTokens(t *testing.T) {
	t.Parallel()
	over := newID()
	w := newWorld(t, func(c *httpapi.Config) { c.Sessions = ended{over} })
	ann, gone := w.person("Ann"), w.person("Gone")
	if _, err := w.commands.Deactivate(t.Context(), domain.Actor{Auth: domain.AuthCLI}, gone.id); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	access := func(id domain.ID) auth.Grant { return auth.Grant{Subject: id, Type: auth.Access, TTL: time.Hour} }
	session := access(ann.id)
	session.SessionID = over
	for _, tc := range []struct{ name, token, reason, challenge string }{
		{"none", "", "token missing", `Bearer realm="chainmail"`},
		{"nonsense", "abc", "token invalid", `error="invalid_token"`},
		{"expired", w.mint(access(ann.id), now.Add(-2*time.Hour)), "token expired", `error_description="token expired"`},
		{"refresh", w.mint(auth.Grant{Subject: ann.id, Type: auth.Refresh, TTL: time.Hour}, now), "token invalid", `error="invalid_token"`},
		{"unknown user", w.mint(access(newID()), now), "user not found or inactive", `error="invalid_token"`},
		{"deactivated", gone.token, "user not found or inactive", `error="invalid_token"`},
		{"session over", w.mint(session, now), "session ended", `error="invalid_token"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := w.call(tc.token, http.MethodGet, "/api/me", nil).problem(http.StatusUnauthorized, "unauthenticated", "")
			if r.body["detail"] != tc.reason {
				t.Errorf("detail: got %v, want %s", r.body["detail"], tc.reason)
			}
			if got := r.header.Get("WWW-Authenticate"); !strings.Contains(got, tc.challenge) || !strings.HasPrefix(got, "Bearer ") {
				t.Errorf("challenge: got %s", got)
			}
		})
	}
	if r := w.call("", http.MethodPost, "/api/conversations", "{"); r.status != http.StatusUnauthorized {
		t.Errorf("a bad body without a token: got %d", r.status)
	}
	ann.get("/api/me").want(http.StatusOK)
}

// lagging is a view that knows nobody until somebody waits for it.
type lagging struct {
	command.View
	caughtUp atomic.Bool
}

func (l *lagging) Read(f func(*domain.State)) {
	if !l.caughtUp.Load() {
		f(domain.NewState())
		return
	}
	l.View.Read(f)
}

func (l *lagging) Wait(ctx context.Context, position domain.Position) error {
	defer l.caughtUp.Store(true)
	return l.View.Wait(ctx, position)
}

// Who was registered elsewhere a moment ago is not refused.
func TestTheViewCatchesUpBeforeARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.View = &lagging{View: c.View} })
	w.person("Ann").get("/api/me").want(http.StatusOK)
}

// public are the calls about the server's health, and those of the transparency log, which anybody may check.
var public = []string{"/healthz", "/readyz", "/metrics", "/checkpoint", "/tile/{level}/{index}", "/api/log-key", "/api/log-key/announcements", "/api/log/batches", "/api/log/proof/consistency"}

// Every other call needs a token.
func TestEveryCallNeedsAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	paths := w.call("", http.MethodGet, "/openapi.json", nil).body["paths"].(map[string]any)
	calls := 0
	for path, item := range paths {
		if slices.Contains(public, path) {
			continue
		}
		for method := range item.(map[string]any) {
			path := strings.NewReplacer("{id}", newID().String(), "{user_id}", newID().String()).Replace(path)
			w.call("", strings.ToUpper(method), path, nil).problem(http.StatusUnauthorized, "unauthenticated", "")
			calls++
		}
	}
	if calls < 17 {
		t.Errorf("only %d calls are described", calls)
	}
}

func TestActorIsRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	session := newID()
	token := w.mint(auth.Grant{Subject: ann.id, SessionID: session, Type: auth.Access, TTL: time.Hour}, time.Now())
	w.call(token, http.MethodPost, "/api/blocks", object{"user_id": bob.id}).want(http.StatusNoContent)
	events, err := w.log.Read(t.Context(), w.log.Head()-1, 1)
	if err != nil {
		t.Fatal(err)
	}
	got := string(events[0].Metadata)
	for _, want := range []string{ann.id.String(), session.String(), `"auth":"wallet"`} {
		if !strings.Contains(got, want) {
			t.Errorf("metadata %s lacks %s", got, want)
		}
	}
}
