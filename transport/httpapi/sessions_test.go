package httpapi_test

import (
	"net/http"
	"testing"
	"time"

	"chainmail/transport/auth"
	"chainmail/transport/wallet/wallettest"
)

func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	ann, bob := wallettest.Of("ann"), wallettest.Of("bob")
	phone, laptop := w.enter(ann, "User-Agent", "phone"), w.enter(ann, "User-Agent", "laptop")
	other := w.enter(bob)
	list := func(of reply) []map[string]any {
		t.Helper()
		return w.call(of.text("access_token"), http.MethodGet, "/api/sessions", nil).want(http.StatusOK).items()
	}
	end := func(of reply, id string) reply {
		t.Helper()
		return w.call(of.text("access_token"), http.MethodDelete, "/api/sessions/"+id, nil)
	}
	found := list(phone)
	if len(found) != 2 || found[0]["user_agent"] != "laptop" || found[1]["user_agent"] != "phone" {
		t.Fatalf("got %v, want the laptop and the phone", found)
	}
	for i, current := range []bool{false, true} {
		s := found[i]
		if s["current"] != current || s["auth"] != "wallet" || s["created_at"] != s["last_used_at"] || s["expires_at"].(string) <= s["created_at"].(string) {
			t.Errorf("got %v", s)
		}
	}
	own, others := found[0]["id"].(string), list(other)[0]["id"].(string)

	end(phone, others).problem(http.StatusNotFound, "not_found", "id")
	end(phone, newID().String()).problem(http.StatusNotFound, "not_found", "id")
	end(phone, "abc").problem(http.StatusUnprocessableEntity, "invalid_field", "id")
	if len(list(other)) != 1 || len(list(phone)) != 2 {
		t.Error("what is another's has ended")
	}

	end(phone, own).want(http.StatusNoContent)
	end(phone, own).problem(http.StatusNotFound, "not_found", "id")
	gone := w.call(laptop.text("access_token"), http.MethodGet, "/api/sessions", nil).problem(http.StatusUnauthorized, "unauthenticated", "")
	if gone.body["detail"] != "session ended" {
		t.Errorf("detail: %s", gone.raw)
	}
	w.call("", http.MethodPost, "/api/auth/refresh", object{"refresh_token": laptop.text("refresh_token")}).shut("session ended")
	if left := list(phone); len(left) != 1 || left[0]["current"] != true {
		t.Errorf("left: %v", left)
	}

	// A token of no session sees and ends the user's sessions too, and none of them is its own.
	byHand := w.mint(auth.Grant{Subject: w.claims(other).Subject, Type: auth.Access, TTL: time.Hour}, time.Now())
	for _, one := range w.call(byHand, http.MethodGet, "/api/sessions", nil).want(http.StatusOK).items() {
		if one["id"] != others || one["current"] != false {
			t.Errorf("by hand: %v", one)
		}
	}
	w.call(byHand, http.MethodDelete, "/api/sessions/"+others, nil).want(http.StatusNoContent)
}

// A session that began with a token of `chainmail token` says so, and so do its events.
func TestSessionOfATokenMadeByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	ann, bob := w.person("Ann"), w.person("Bob")
	token := w.mint(auth.Grant{Subject: ann.id, Type: auth.Refresh, TTL: time.Hour}, time.Now())
	r := w.call("", http.MethodPost, "/api/auth/refresh", object{"refresh_token": token}, "User-Agent", "script")
	if r.status != http.StatusOK {
		t.Fatalf("refresh: %d %s", r.status, r.raw)
	}
	found := w.call(r.text("access_token"), http.MethodGet, "/api/sessions", nil).want(http.StatusOK).items()
	if len(found) != 1 || found[0]["auth"] != "token" || found[0]["user_agent"] != "script" || found[0]["current"] != true {
		t.Errorf("sessions: %v", found)
	}
	w.call(r.text("access_token"), http.MethodPost, "/api/blocks", object{"user_id": bob.id}).want(http.StatusNoContent)
	var by, of string
	const query = `SELECT metadata::json->>'auth', metadata::json->>'session_id' FROM events ORDER BY position DESC LIMIT 1`
	if err := w.db.SQL.QueryRow(query).Scan(&by, &of); err != nil || by != "token" || of != found[0]["id"] {
		t.Errorf("the event is by %q in session %q, %v", by, of, err)
	}
}

// claims reads the access token of a login.
func (w *world) claims(of reply) auth.Claims {
	w.t.Helper()
	claims, err := w.keys.Verify(w.t.Context(), of.text("access_token"), auth.Access, time.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return claims
}
