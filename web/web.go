// Package web is the page that serve shows: a small chat for a browser, made of plain files in the
// binary, with no build step and nothing fetched from elsewhere.
//
// It logs in by a link, http://host/#token=JWT or #token=JWT&with=USER_ID to open a chat at once. A fragment is
// not sent to a server, so the token stays out of access logs. All else goes over /api and /ws of the same host,
// as for any other client; the package knows neither.
package web

import (
	"bytes"
	"net/http"
	"time"
)

// policy lets the page load its own files and talk to its own host, and nothing more. Trusted types
// make the browser refuse text as markup, whatever a script tries (CSP Level 3; Trusted Types §4).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// Handler serves the page: its first file at /, the others under their names. Anything else is 404, a
// method other than GET and HEAD 405. A browser asks each time whether a file changed, so that a new server's page is seen at once.
func Handler() http.Handler {
	files := load()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		header.Set("Content-Security-Policy", policy)
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-cache")
		header.Set("Content-Type", f.contentType)
		header.Set("ETag", f.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.content))
	})
}
