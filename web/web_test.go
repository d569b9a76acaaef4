package web_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
	"chainmail/web"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

func request(t *testing.T, method, path string, header http.Header) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if header != nil {
		r.Header = header
	}
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ method, path, contentType string }{
		{"GET", "/", "text/html; charset=utf-8"},
		{"HEAD", "/", "text/html; charset=utf-8"},
		{"GET", "/app.js", "text/javascript; charset=utf-8"},
		{"GET", "/style.css", "text/css; charset=utf-8"},
		{"GET", "/favicon.svg", "image/svg+xml"},
		{"GET", "/favicon.ico", "image/svg+xml"},
	}
	for _, test := range tests {
		t.Run(test.method+" "+test.path, func(t *testing.T) {
			t.Parallel()
			got := request(t, test.method, test.path, nil)
			if got.StatusCode != http.StatusOK {
				t.Fatalf("got %s, want 200", got.Status)
			}
			want := map[string]string{
				"Content-Type":           test.contentType,
				"Cache-Control":          "no-cache",
				"X-Content-Type-Options": "nosniff",
				"Referrer-Policy":        "no-referrer",
			}
			for name, value := range want {
				if got.Header.Get(name) != value {
					t.Errorf("%s: got %q, want %q", name, got.Header.Get(name), value)
				}
			}
		})
	}
}

func TestPolicyAllowsNothingInline(t *testing.T) {
	t.Parallel()
	policy := request(t, "GET", "/", nil).Header.Get("Content-Security-Policy")
	for _, directive := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("policy %q lacks %q", policy, directive)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q allows what is unsafe", policy)
	}
}

func TestUnchangedFileIsNotSentAgain(t *testing.T) {
	t.Parallel()
	etag := request(t, "GET", "/app.js", nil).Header.Get("ETag")
	got := request(t, "GET", "/app.js", http.Header{"If-None-Match": {etag}})
	if got.StatusCode != http.StatusNotModified {
		t.Errorf("with its own ETag: got %s, want 304", got.Status)
	}
	got = request(t, "GET", "/style.css", http.Header{"If-None-Match": {etag}})
	if got.StatusCode != http.StatusOK {
		t.Errorf("with another file's ETag: got %s, want 200", got.Status)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	tests := []struct {
		method, path string
		want         int
	}{
		{"GET", "/index.html", http.StatusNotFound}, // it has one address: /
		{"GET", "/page/app.js", http.StatusNotFound},
		{"GET", "/../web.go", http.StatusNotFound},
		{"GET", "/nothing", http.StatusNotFound},
		{"POST", "/", http.StatusMethodNotAllowed},
		{"DELETE", "/app.js", http.StatusMethodNotAllowed},
	}
	for _, test := range tests {
		got := request(t, test.method, test.path, nil)
		if got.StatusCode != test.want {
			t.Errorf("%s %s: got %s, want %d", test.method, test.path, got.Status, test.want)
		}
		if test.want == http.StatusMethodNotAllowed && got.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s %s: Allow is %q", test.method, test.path, got.Header.Get("Allow"))
		}
	}
}

// TestScriptsImportWhatIsServed follows the page's own references, since no build step does.
func TestScriptsImportWhatIsServed(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`(?:from '\.|src="|href=")(/[a-z.]+)['"]`)
	queue, seen := []string{"/"}, map[string]bool{"/": true}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		response := request(t, "GET", path, nil)
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s is referred to and not served", path)
		}
		var body strings.Builder
		if err := response.Write(&body); err != nil {
			t.Fatal(err)
		}
		for _, match := range reference.FindAllStringSubmatch(body.String(), -1) {
			if !seen[match[1]] {
				seen[match[1]] = true
				queue = append(queue, match[1])
			}
		}
	}
	for _, path := range []string{"/app.js", "/session.js", "/socket.js", "/store.js", "/view.js", "/style.css", "/favicon.svg"} {
		if !seen[path] {
			t.Errorf("nothing refers to %s", path)
		}
	}
}
