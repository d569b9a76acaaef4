package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"chainmail/web"
)

// page is a page as its build leaves it.
func page() fstest.MapFS {
	files := fstest.MapFS{}
	for name, content := range map[string]string{
		".gitignore":            "*",
		".vite/manifest.json":   "{}",
		"index.html":            "<!doctype html>",
		"index.html.br":         "index in br",
		"index.html.gz":         "index in gzip",
		"favicon.svg":           "<svg/>",
		"app.webmanifest":       "{}",
		"icon-192.png":          "png",
		"data.json":             "{}",
		"assets/app-1f2e.js":    "export {}",
		"assets/app-1f2e.js.br": "app in br",
		"assets/app-1f2e.js.gz": "app in gzip",
		"assets/app-1f2e.css":   "a{}",
		"assets/body.woff2":     "woff2",
		"assets/app-1f2e.map":   "{}",
	} {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return files
}

// get asks a handler for a path, with headers given by name and value.
func get(t *testing.T, handler http.Handler, path string, header ...string) (r *http.Response, body string) {
	t.Helper()
	return ask(t, handler, http.MethodGet, path, header...)
}

func ask(t *testing.T, handler http.Handler, method, path string, header ...string) (r *http.Response, body string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	r = recorder.Result()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(raw)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	const fresh, forever = "no-cache", "public, max-age=31536000, immutable"
	handler := web.HandlerOf(page())
	for path, want := range map[string]struct{ contentType, caching string }{
		"/":                    {"text/html; charset=utf-8", fresh},
		"/favicon.svg":         {"image/svg+xml", fresh},
		"/favicon.ico":         {"image/svg+xml", fresh},
		"/app.webmanifest":     {"application/manifest+json", fresh},
		"/data.json":           {"application/json", fresh},
		"/icon-192.png":        {"image/png", fresh},
		"/assets/app-1f2e.js":  {"text/javascript; charset=utf-8", forever},
		"/assets/app-1f2e.css": {"text/css; charset=utf-8", forever},
		"/assets/body.woff2":   {"font/woff2", forever},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			got, body := ask(t, handler, method, path)
			if got.StatusCode != http.StatusOK || (body == "") != (method == http.MethodHead) {
				t.Errorf("%s %s: %s with %q", method, path, got.Status, body)
			}
			for name, value := range map[string]string{
				"Content-Type": want.contentType, "Cache-Control": want.caching, "Content-Encoding": "",
				"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			} {
				if got.Header.Get(name) != value {
					t.Errorf("%s %s: %s: got %q, want %q", method, path, name, got.Header.Get(name), value)
				}
			}
		}
	}
}

func TestNothingElse(t *testing.T) {
	t.Parallel()
	handler := web.HandlerOf(page())
	for _, path := range []string{
		"/index.html", "/index.html.br", "/assets/app-1f2e.js.gz", "/assets/app-1f2e.map", "/.gitignore", "/.vite/manifest.json",
		"/assets/", "/assets", "/nothing", "//", "/../web.go",
	} {
		if got, _ := get(t, handler, path); got.StatusCode != http.StatusNotFound || got.Header.Get("Cache-Control") != "" {
			t.Errorf("%s: got %s, to be kept %q", path, got.Status, got.Header.Get("Cache-Control"))
		}
	}
	got, _ := ask(t, handler, http.MethodPost, "/")
	if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: got %s, Allow %q", got.Status, got.Header.Get("Allow"))
	}
}

// TestCodings asks for each coding in the ways of RFC 9110 §12.5.3.
func TestCodings(t *testing.T) {
	t.Parallel()
	const plain, gzip, br = "export {}", "app in gzip", "app in br"
	handler := web.HandlerOf(page())
	for accept, want := range map[string]string{
		"":                             plain,
		"identity":                     plain,
		"gzip":                         gzip,
		"br":                           br,
		"gzip, deflate, br, zstd":      br,
		"BR;Q=0.3":                     br,
		"br;q=0.5, gzip":               gzip,
		"br;q=0.5,gzip;q=0.501":        gzip,
		"br ; q=0 , gzip":              gzip,
		"br;q=0, gzip;q=0":             plain,
		"identity, br;q=0.9":           plain,
		"identity;q=0.5, gzip;q=0.5":   gzip,
		"*":                            br,
		"*;q=0.1, br;q=0":              gzip,
		"*;q=0":                        plain,
		"deflate":                      plain,
		"gzip;q=many, br;q=-1":         plain,
		"gzip;q=2, br;level=1":         plain,
		"gzip;q=NaN, identity;q=0.001": plain,
		";;,,":                         plain,
	} {
		var header []string
		if accept != "" {
			header = []string{"Accept-Encoding", accept}
		}
		got, body := get(t, handler, "/assets/app-1f2e.js", header...)
		coding := map[string]string{gzip: "gzip", br: "br"}[want]
		if body != want || got.Header.Get("Content-Encoding") != coding {
			t.Errorf("%q: got %q as %q, want %q", accept, body, got.Header.Get("Content-Encoding"), want)
		}
		if got.Header.Get("Vary") != "Accept-Encoding" || got.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%q: headers %v", accept, got.Header)
		}
	}
	got, body := get(t, handler, "/assets/app-1f2e.js", "Accept-Encoding", "gzip;q=0.5", "Accept-Encoding", "br")
	if body != br {
		t.Errorf("two headers: got %q as %q", body, got.Header.Get("Content-Encoding"))
	}
	got, _ = get(t, handler, "/favicon.svg", "Accept-Encoding", "br")
	if got.Header.Get("Vary") != "" || got.Header.Get("Content-Encoding") != "" {
		t.Errorf("there is but one form of the icon: %v", got.Header)
	}
}

// TestUnchanged asks again with what each form is called.
func TestUnchanged(t *testing.T) {
	t.Parallel()
	handler := web.HandlerOf(page())
	seen := make(map[string]string)
	for _, coding := range []string{"identity", "gzip", "br"} {
		first, _ := get(t, handler, "/", "Accept-Encoding", coding)
		etag := first.Header.Get("ETag")
		if other := seen[etag]; etag == "" || other != "" {
			t.Errorf("%s is called %q, as is %q", coding, etag, other)
		}
		seen[etag] = coding
		again, body := get(t, handler, "/", "Accept-Encoding", coding, "If-None-Match", etag)
		if again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("Vary") == "" || again.Header.Get("Cache-Control") == "" {
			t.Errorf("%s: got %s, %v", coding, again.Status, again.Header)
		}
	}
	for etag, coding := range seen {
		for _, other := range seen {
			got, _ := get(t, handler, "/", "Accept-Encoding", other, "If-None-Match", etag)
			if (got.StatusCode == http.StatusNotModified) != (other == coding) {
				t.Errorf("%s of who has %s: %s", other, coding, got.Status)
			}
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	got, _ := get(t, web.HandlerOf(page()), "/")
	policy := got.Header.Get("Content-Security-Policy")
	for _, want := range []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "font-src 'self'", "manifest-src 'self'",
		"worker-src 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	} {
		if !strings.Contains(policy+";", want+";") {
			t.Errorf("%s lacks %s", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
}

// TestUnbuilt says what to do where there is no page.
func TestUnbuilt(t *testing.T) {
	t.Parallel()
	handler := web.HandlerOf(fstest.MapFS{".gitignore": {Data: []byte("*")}})
	got, body := get(t, handler, "/", "Accept-Encoding", "br")
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "text/html; charset=utf-8" || got.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("got %s, %v", got.Status, got.Header)
	}
	for _, want := range []string{"not built", "make page", "make build", "20.19"} {
		if !strings.Contains(body, want) {
			t.Errorf("it does not say %q:\n%s", want, body)
		}
	}
	if strings.Contains(body, "style=") || strings.Contains(body, "<style") || strings.Contains(body, "<script") {
		t.Error("it has what its own policy forbids")
	}
}

// TestUnknownKind refuses a page with a file of which it is not known how to serve it.
func TestUnknownKind(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("it was taken")
		}
	}()
	web.HandlerOf(fstest.MapFS{"index.html": {}, "app.exe": {}})
}

// TestBinary asks for the page that is in this very program, built or not.
func TestBinary(t *testing.T) {
	t.Parallel()
	got, body := get(t, web.Handler(), "/")
	if got.StatusCode != http.StatusOK || !strings.Contains(strings.ToLower(body), "<!doctype html>") {
		t.Errorf("got %s with %q", got.Status, body)
	}
}
