package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"chainmail/transport/httpapi"
)

const (
	allowOrigin  = "Access-Control-Allow-Origin"
	allowMethods = "Access-Control-Allow-Methods"
	allowHeaders = "Access-Control-Allow-Headers"
	exposed      = "Access-Control-Expose-Headers"
)

// A page of an allowed origin may make every call that is described, with every header that it takes, and read every header
// that the answers have.
func TestAllowedPagesMayCallEverything(t *testing.T) {
	t.Parallel()
	const page = "https://page.example"
	w := newWorld(t, withLogin, func(c *httpapi.Config) { c.Origins = []string{"https://other.example", page + "/"} })
	for _, op := range w.description().Operations() {
		r := w.call("", http.MethodOptions, op.Path, nil, "Origin", page, "Access-Control-Request-Method", op.Method)
		if r.status != http.StatusNoContent || r.header.Get(allowOrigin) != page || !named(r.header.Get(allowMethods), op.Method) {
			t.Errorf("%s: preflight: %d %v", op.ID, r.status, r.header)
		}
		for _, p := range op.Parameters {
			if p.In == "header" && !named(r.header.Get(allowHeaders), p.Name) {
				t.Errorf("%s: %s may not be sent", op.ID, p.Name)
			}
		}
		if op.Security != nil && !named(r.header.Get(allowHeaders), "Authorization") || !named(r.header.Get(allowHeaders), "Content-Type") {
			t.Errorf("%s: preflight: %v", op.ID, r.header)
		}
		got := w.call("", op.Method, strings.NewReplacer("{", "", "}", "").Replace(op.Path), nil, "Origin", page)
		for _, response := range op.Responses {
			for name := range response.Headers {
				if name != "WWW-Authenticate" && !named(got.header.Get(exposed), name) { // detail says the same
					t.Errorf("%s: %s may not be read", op.ID, name)
				}
			}
		}
		if got.header.Get(allowOrigin) != page || got.header.Get("Vary") != "Origin" {
			t.Errorf("%s: %d %v", op.ID, got.status, got.header)
		}
	}
}

// named reports whether a list in a header has a name.
func named(list, name string) bool {
	for item := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(item), name) {
			return true
		}
	}
	return false
}

func TestOtherPagesMayReadNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Origins = []string{"https://page.example"} })
	ann := w.person("Ann")
	for _, origin := range []string{
		"https://evil.example", "http://page.example", "https://page.example:8443", "https://page.example.evil.example", "https://sub.page.example", "null",
	} {
		preflight := w.call("", http.MethodOptions, "/api/blocks", nil, "Origin", origin, "Access-Control-Request-Method", "POST")
		for _, r := range []reply{preflight, ann.get("/api/me", "Origin", origin)} {
			for _, header := range []string{allowOrigin, allowMethods, allowHeaders, exposed} {
				if got := r.header.Get(header); got != "" {
					t.Errorf("%s: %s: %s is %q", origin, r.what, header, got)
				}
			}
		}
	}
}

func TestAnyPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Origins = []string{"*"} })
	r := w.call("", http.MethodGet, "/api/me", nil, "Origin", "https://any.example").problem(http.StatusUnauthorized, "unauthenticated", "")
	if r.header.Get(allowOrigin) != "https://any.example" || r.header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("headers: %v", r.header)
	}
}
