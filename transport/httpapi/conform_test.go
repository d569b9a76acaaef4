package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"chainmail/transport/httpapi/openapitest"
)

// conformity holds every answer that the tests of this package get against the server's own description.
type conformity struct {
	once     sync.Once
	document *openapitest.Document // set by once
}

// undescribed are the paths that the description does not have: itself, the frames', and the page that shows them.
var undescribed = []string{"/openapi.json", "/asyncapi.json", "/docs"}

// conforms fails the test unless the description allows the answer.
func (w *world) conforms(resp *http.Response, r reply) {
	w.t.Helper()
	path := resp.Request.URL.Path
	if slices.Contains(undescribed, path) {
		return
	}
	w.once.Do(func() { w.document = w.description() })
	if w.document == nil {
		return // the test has failed
	}
	answer := openapitest.Answer{Method: resp.Request.Method, Path: path, Status: r.status, Header: r.header, Body: []byte(r.raw)}
	if faults := w.document.Faults(answer); len(faults) > 0 {
		w.t.Errorf("%s: %d %.300s\n  %s", r.what, r.status, r.raw, strings.Join(faults[:min(3, len(faults))], "\n  "))
	}
}
