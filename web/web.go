// Package web is the page that serve shows: the files that `make page` leaves in dist, in the binary. Nothing is fetched from
// elsewhere. Where dist was empty when the program was built, a page that says so stands in.
//
// People log in there, or by a link, http://host/#token=JWT. A fragment is not sent to a server, so the token stays out of
// access logs. All else goes over /api and /ws of the same host, as for any other client; the package knows neither.
package web

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

//go:embed all:dist
var dist embed.FS

// policy lets the page load its own files and talk to its own host, and nothing more. Images may stand in the text of a file.
// Trusted types make the browser refuse text as markup, whatever a script tries (CSP Level 3; Trusted Types §4).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; worker-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'"

const (
	// fresh makes a browser ask each time whether a file changed, so that a new server's page is seen at once.
	fresh = "no-cache"
	// forever is for files whose names have a hash of their content.
	forever = "public, max-age=31536000, immutable"
	// hashed is the folder of those files.
	hashed = "/assets/"
)

// Handler serves the page that is in the binary, as HandlerOf does.
func Handler() http.Handler {
	page, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // embedded at build time
	}
	return HandlerOf(page)
}

// HandlerOf serves a page: its index.html at /, the others under their names, compressed where there is such a file beside
// and the browser takes it. Anything else is 404, a method other than GET and HEAD 405. It panics over a file of unknown kind.
func HandlerOf(page fs.FS) http.Handler {
	files := load(page)
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
		header.Set("Cache-Control", fresh)
		if strings.HasPrefix(r.URL.Path, hashed) {
			header.Set("Cache-Control", forever)
		}
		header.Set("Content-Type", f.contentType)
		shown := f.plain
		if len(f.coded) > 0 {
			header.Set("Vary", "Accept-Encoding")
			coding := choose(r.Header.Values("Accept-Encoding"), f.coded)
			if coding != identity {
				shown = f.coded[coding]
				header.Set("Content-Encoding", coding)
			}
		}
		header.Set("ETag", shown.etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(shown.content))
	})
}
