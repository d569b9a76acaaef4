package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"chainmail/transport/httpapi"
	"chainmail/transport/httpapi/openapitest"
)

// described is what servers say of themselves. Against it every answer is held that the tests of this package get.
var described = sync.OnceValues(func() (*openapitest.Document, error) { return openapitest.Parse(httpapi.Describe()) })

// undescribed are the paths that the description does not have: itself, the frames', and the page that shows them.
var undescribed = []string{"/openapi.json", "/asyncapi.json", "/docs"}

// conforms fails the test unless the description allows the answer.
func (w *world) conforms(resp *http.Response, r reply) {
	w.t.Helper()
	path := resp.Request.URL.Path
	if slices.Contains(undescribed, path) || r.status == http.StatusNotFound && strings.Contains(r.raw, "there is nothing here") {
		return // the latter from a server without logins or metrics
	}
	document, err := described()
	if err != nil {
		w.t.Fatal(err)
	}
	answer := openapitest.Answer{Method: resp.Request.Method, Path: path, Status: r.status, Header: r.header, Body: []byte(r.raw)}
	if faults := document.Faults(answer); len(faults) > 0 {
		w.t.Errorf("%s: %d %.300s\n  %s", r.what, r.status, r.raw, strings.Join(faults[:min(3, len(faults))], "\n  "))
	}
}
