package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"chainmail/domain"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const wallet = "0xAbCdEf0000000000000000000000000000000001"
	ann, bob := w.register("Ann <b>&", domain.RoleMember, wallet), w.person("Bob Builder")
	w.presence.Arrive(bob.id)
	w.settle()

	me := ann.get("/api/me").want(http.StatusOK)
	if me.text("id") != ann.id.String() || me.text("name") != "Ann <b>&" || me.text("wallet_address") != "0xabcdef0000000000000000000000000000000001" {
		t.Errorf("me: %s", me.raw)
	}
	for role, who := range map[domain.Role]*person{
		domain.RoleMember: bob, domain.RoleAdmin: w.register("Root", domain.RoleAdmin, ""), domain.RoleService: w.register("Billing", domain.RoleService, ""),
	} {
		if got := who.get("/api/me").want(http.StatusOK).text("role"); got != string(role) {
			t.Errorf("the role of a %s: %q", role, got)
		}
	}
	if me.body["online"] != false || me.body["last_seen"] != nil {
		t.Errorf("me: %s", me.raw)
	}
	other := ann.get("/api/users/" + bob.id.String()).want(http.StatusOK)
	if _, told := other.body["role"]; told {
		t.Errorf("another's role: %s", other.raw)
	}
	if other.text("name") != "Bob Builder" || other.body["wallet_address"] != nil || other.body["online"] != true {
		t.Errorf("other: %s", other.raw)
	}
	ann.get("/api/users/"+newID().String()).want(http.StatusNotFound).problem(http.StatusNotFound, "not_found", "id")
	ann.get("/api/users/abc").want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "invalid_field", "id")

	for query, want := range map[string][]any{
		"BUILD": {"Bob Builder"}, "ann": {"Ann <b>&"}, "<b>&": {"Ann <b>&"}, "nobody": {}, "%%%": {},
		wallet: {"Ann <b>&"}, "0x0000000000000000000000000000000000000009": {},
	} {
		r := ann.get("/api/users?query=" + url.QueryEscape(query)).want(http.StatusOK)
		if got := pluck(r.items(), "name"); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", query, got, want)
		}
	}
}

func TestUserSearchRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	for _, tc := range []struct{ query, code, field string }{
		{"", "missing_field", "query"},
		{"query=ab", "invalid_field", "query"},
		{"query=%20ab%20", "invalid_field", "query"},
		{"query=a%00bc", "invalid_field", "query"},
		{"query=%ff%ff%ff", "invalid_field", "query"},
		{"query=abc&limit=0", "invalid_field", "limit"},
		{"query=abc&limit=-1", "invalid_field", "limit"},
		{"query=abc&limit=x", "invalid_field", "limit"},
		{"query=abc&cursor=x", "invalid_field", "cursor"},
	} {
		ann.get("/api/users?"+tc.query).want(http.StatusUnprocessableEntity).
			problem(http.StatusUnprocessableEntity, tc.code, tc.field)
	}
}

func TestUserSearchPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	for i := range 5 {
		w.person(fmt.Sprintf("Clone %d", i))
	}
	w.settle()
	var got []any
	path, pages := "/api/users?query=clone&limit=2", 0
	for cursor := ""; ; pages++ {
		r := ann.get(path + cursor).want(http.StatusOK)
		got = append(got, pluck(r.items(), "name")...)
		if r.body["next_cursor"] == nil {
			break
		}
		cursor = "&cursor=" + r.text("next_cursor")
		ann.get("/api/users?query=other"+cursor).problem(http.StatusUnprocessableEntity, "invalid_field", "cursor")
	}
	if want := "[Clone 0 Clone 1 Clone 2 Clone 3 Clone 4]"; fmt.Sprint(got) != want || pages != 2 {
		t.Errorf("got %v after %d more pages, want %s", got, pages, want)
	}
}

func TestPresenceStopsAtABlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, bob := w.person("Ann"), w.person("Bob")
	w.presence.Arrive(ann.id)
	w.presence.Arrive(bob.id)
	group := ann.group("all", bob)
	ann.post("/api/blocks", object{"user_id": bob.id}).want(http.StatusNoContent)
	for _, p := range []*person{ann, bob} {
		other := map[*person]*person{ann: bob, bob: ann}[p]
		if r := p.get("/api/users/" + other.id.String()).want(http.StatusOK); r.body["online"] != false {
			t.Errorf("presence passes a block: %s", r.raw)
		}
		r := p.get("/api/conversations/" + group).want(http.StatusOK)
		for _, u := range r.body["participants"].([]any) {
			u := u.(map[string]any)
			if self := u["id"] == p.id.String(); u["online"] != self {
				t.Errorf("in the group: %v", u)
			}
		}
	}
}
