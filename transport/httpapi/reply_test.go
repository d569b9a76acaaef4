package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// reply is an answer, read.
type reply struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	raw    string
	body   map[string]any
}

type object map[string]any

// tooLong is a body of one byte too many. Of a longer one the server would leave a part unread, and the client might meet a
// connection that is reset before he has the answer.
var tooLong = `{"x":"` + strings.Repeat("y", 128<<10-7) + `"}`

// call sends a request; header is pairs of names and values, and body is sent as it is if it is a string.
func (w *world) call(token, method, path string, body any, header ...string) reply {
	w.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = bytes.NewBufferString(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, reader)
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	transport := http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	r := reply{t: w.t, what: method + " " + path, status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	w.conforms(resp, r)
	if len(raw) > 0 && raw[0] == '{' && strings.Contains(r.header.Get("Content-Type"), "json") { // a tile of hashes may begin so
		if err := json.Unmarshal(raw, &r.body); err != nil {
			w.t.Fatalf("%s: %v in %s", r.what, err, raw)
		}
	}
	return r
}

// want fails the test unless the status is as expected and the answer has a position.
func (r reply) want(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: got %d %s, want %d", r.what, r.status, r.raw, status)
	}
	if _, err := strconv.ParseInt(r.header.Get("Chainmail-Position"), 10, 64); err != nil {
		r.t.Errorf("%s: no position in %v", r.what, r.header)
	}
	return r
}

// problem fails the test unless the answer is such a problem.
func (r reply) problem(status int, code, field string) reply {
	r.t.Helper()
	gotField, _ := r.body["field"].(string)
	if r.status != status || r.body["code"] != code || gotField != field {
		r.t.Errorf("%s: got %d %s, want %d %s %q", r.what, r.status, r.raw, status, code, field)
	}
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("%s: content type %q", r.what, got)
	}
	for _, member := range []string{"type", "title", "detail"} {
		if s, _ := r.body[member].(string); s == "" {
			r.t.Errorf("%s: no %s in %s", r.what, member, r.raw)
		}
	}
	if r.body["status"] != float64(status) {
		r.t.Errorf("%s: status in body: %v", r.what, r.body["status"])
	}
	return r
}

func (r reply) text(field string) string {
	r.t.Helper()
	s, ok := r.body[field].(string)
	if !ok {
		r.t.Fatalf("%s: no text %s in %s", r.what, field, r.raw)
	}
	return s
}

// items are those of a list.
func (r reply) items() []map[string]any {
	r.t.Helper()
	list, ok := r.body["items"].([]any)
	if !ok {
		r.t.Fatalf("%s: no items in %s", r.what, r.raw)
	}
	items := make([]map[string]any, len(list))
	for i := range list {
		items[i] = list[i].(map[string]any)
	}
	return items
}

// pluck lists one field of all items.
func pluck(items []map[string]any, field string) []any {
	values := make([]any, len(items))
	for i := range items {
		values[i] = items[i][field]
	}
	return values
}
