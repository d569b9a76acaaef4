package httpapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/httpapi/openapitest"
)

// What any call answers to a request that it cannot take, whatever it is for. The calls are those of the description, so
// that none is forgotten.
func TestEveryCallRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	admin := w.register("Root", domain.RoleAdmin, "")
	d := w.description()
	for _, op := range d.Operations() {
		m := matrix{w: w, op: op, token: admin.token, body: example(op)}
		if op.Security == nil {
			m.token = ""
		} else {
			m.tokens()
		}
		m.bodies()
		m.ids()
		m.parameters()
		m.methods(d)
	}
}

// matrix is one call, and what is right about it.
type matrix struct {
	w     *world
	op    *openapitest.Operation
	token string // empty where none is needed
	body  any    // nil where there is none
}

// example is a body that the description gives.
func example(op *openapitest.Operation) any {
	if op.RequestBody == nil {
		return nil
	}
	return op.RequestBody.Content["application/json"].Example
}

// path is the call's, with ids of nothing that is there.
func (m matrix) path() string {
	path := m.op.Path
	for _, name := range pathNames(path) {
		path = strings.Replace(path, "{"+name+"}", newID().String(), 1)
	}
	return path
}

func (m matrix) tokens() {
	m.w.t.Helper()
	for token, detail := range map[string]string{"": "token missing", "garbage": "token invalid", m.token + "x": "token invalid"} {
		r := m.w.call(token, m.op.Method, m.path(), m.body).problem(http.StatusUnauthorized, "unauthenticated", "")
		if r.text("detail") != detail {
			m.w.t.Errorf("%s with the token %.9q: %s, want %s", r.what, token, r.raw, detail)
		}
	}
}

func (m matrix) bodies() {
	m.w.t.Helper()
	if m.body == nil {
		return
	}
	for body, want := range map[string]struct {
		status int
		code   string
	}{
		"{":                        {http.StatusBadRequest, "invalid_json"},
		"\xff":                     {http.StatusBadRequest, "invalid_json"},
		`{"a":1} {"a":1}`:          {http.StatusBadRequest, "invalid_json"},
		"[]":                       {http.StatusUnprocessableEntity, "invalid_json"},
		"null":                     {http.StatusUnprocessableEntity, "invalid_json"},
		`"text"`:                   {http.StatusUnprocessableEntity, "invalid_json"},
		strings.Repeat("x", 140e3): {http.StatusRequestEntityTooLarge, "too_large"},
	} {
		m.w.call(m.token, m.op.Method, m.path(), body).problem(want.status, want.code, "")
	}
	m.w.call(m.token, m.op.Method, m.path(), nil).problem(http.StatusBadRequest, "invalid_json", "")
	schema := m.op.RequestBody.Content["application/json"].Schema.Target()
	for name := range schema.Properties {
		m.field(name, slices.Contains(schema.Required, name))
	}
}

// field sends bodies in which one field is wrong.
func (m matrix) field(name string, required bool) {
	m.w.t.Helper()
	with := func(value any) object {
		body := make(object)
		for n, v := range m.body.(map[string]any) {
			body[n] = v
		}
		if body[name] = value; value == nil {
			delete(body, name)
		}
		return body
	}
	for _, value := range []any{17, true, object{"x": 1}, []any{[]any{}}, "a \u0000 b"} {
		m.w.call(m.token, m.op.Method, m.path(), with(value)).problem(http.StatusUnprocessableEntity, "invalid_field", name)
	}
	if required {
		m.w.call(m.token, m.op.Method, m.path(), with(nil)).problem(http.StatusUnprocessableEntity, "missing_field", name)
	}
}

// notThere are the calls that are done with an id of nothing: there is no block to take back.
var notThere = map[string]int{"unblock-user": http.StatusNoContent}

func (m matrix) ids() {
	m.w.t.Helper()
	if m.op.Security == nil {
		return // no call for everybody takes an id
	}
	for i, name := range pathNames(m.op.Path) {
		want, known := notThere[m.op.ID]
		if !known {
			want = http.StatusNotFound
		}
		if r := m.w.call(m.token, m.op.Method, m.path(), m.body); r.status != want {
			m.w.t.Errorf("%s, which is not there: %d %s, want %d", r.what, r.status, r.raw, want)
		}
		for _, malformed := range []string{"7", "x", "%00", strings.Repeat("a", 36), newID().String() + "0"} {
			names := pathNames(m.op.Path)
			path := m.op.Path
			for j := range names {
				id := newID().String()
				if j == i {
					id = malformed
				}
				path = strings.Replace(path, "{"+names[j]+"}", id, 1)
			}
			m.w.call(m.token, m.op.Method, path, m.body).problem(http.StatusUnprocessableEntity, "invalid_field", name)
		}
	}
}

// parameters sends what a list cannot take.
func (m matrix) parameters() {
	m.w.t.Helper()
	if m.op.Security == nil {
		return
	}
	for _, p := range m.op.Parameters {
		var bad []string
		switch {
		case p.In == "query" && p.Schema.Types[0] == "integer":
			bad = []string{"x", "-1", "1.5", "99999999999999999999", "%00"}
		case p.In == "query" && p.Name == "cursor":
			bad = []string{"x", "AAAA", "%00", strings.Repeat("A", 2_000)}
		}
		for _, value := range bad {
			path := m.path() + "?query=abc&" + fmt.Sprintf("%s=%s", p.Name, value)
			m.w.call(m.token, m.op.Method, path, m.body).problem(http.StatusUnprocessableEntity, "invalid_field", p.Name)
		}
		if p.Name == "Chainmail-Min-Position" {
			m.w.call(m.token, m.op.Method, m.path(), nil, p.Name, "x").problem(http.StatusUnprocessableEntity, "invalid_field", p.Name)
		}
	}
}

func (m matrix) methods(d *openapitest.Document) {
	m.w.t.Helper()
	for _, method := range []string{"PUT", "PATCH", "POST", "DELETE", "OPTIONS", "BREW"} {
		if d.Find(method, m.op.Path) != nil {
			continue
		}
		r := m.w.call(m.token, method, m.path(), m.body).problem(http.StatusMethodNotAllowed, "not_found", "")
		if !slices.Contains(strings.Split(r.header.Get("Allow"), ", "), m.op.Method) {
			m.w.t.Errorf("%s: Allow has %q, want %s in it", r.what, r.header.Get("Allow"), m.op.Method)
		}
	}
}
