package openapitest_test

import (
	"net/http"
	"strings"
	"testing"

	"chainmail/transport/httpapi/openapitest"
)

const description = `{
	"openapi": "3.1.0",
	"paths": {"/things/{id}": {"get": {"operationId": "get-thing", "responses": {
		"200": {
			"headers": {"Position": {"required": true, "schema": {"type": "integer", "minimum": 0}}},
			"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
		},
		"204": {},
		"404": {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
	}}}},
	"components": {"schemas": {
		"Problem": {"type": "object", "required": ["status"], "properties": {"status": {"type": "integer"}}},
		"Thing": {"type": "object", "additionalProperties": true, "required": ["id", "kind"], "properties": {
			"id": {"type": "string", "format": "uuid"},
			"kind": {"type": "string", "enum": ["a", "b"]},
			"at": {"type": ["string", "null"], "format": "date-time"},
			"score": {"type": "number", "minimum": 0, "maximum": 1},
			"names": {"type": "array", "maxItems": 2, "items": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-z]+$"}},
			"choice": {"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "null"}]},
			"frame": {"type": "object", "properties": {}, "additionalProperties": {"description": "the rest"}}
		}}
	}}
}`

const id = "01000000-0000-7000-8000-000000000001"

// Each fault is found and named, and what is right has none.
func TestFaults(t *testing.T) {
	t.Parallel()
	d, err := openapitest.Parse([]byte(description))
	if err != nil {
		t.Fatal(err)
	}
	thing := func(more string) string { return `{"id": "` + id + `", "kind": "a"` + more + `}` }
	const object, problem = "application/json", "application/problem+json"
	for _, tc := range []struct {
		name, method, path, contentType, body string
		status                                int
		want                                  string // empty for no fault
	}{
		{"right", "GET", "/things/1", object, thing(`, "at": null, "score": 0.5, "names": ["ab"], "choice": 0.5, "frame": {"x": 1}`), 200, ""},
		{"right without a body", "GET", "/things/1", "", "", 204, ""},
		{"the head alone", "HEAD", "/things/1", object, "", 200, ""},
		{"nothing there", "GET", "/nowhere", problem, `{"status": 404}`, 404, ""},
		{"no such method", "PUT", "/things/1", problem, `{"status": 405}`, 405, "405 without Allow"},
		{"success where there is no call", "GET", "/nowhere", object, `{}`, 200, "no call is described here"},
		{"another status", "GET", "/things/1", problem, `{"status": 500}`, 500, "get-thing does not have the status 500"},
		{"another type", "GET", "/things/1", "text/plain", thing(""), 200, `"text/plain" is not described`},
		{"a body too many", "GET", "/things/1", object, "{}", 204, "there is a body"},
		{"no JSON", "GET", "/things/1", object, "{", 200, "no JSON"},
		{"another problem", "GET", "/things/1", problem, `{"status": 400}`, 404, "the problem's status is 400"},
		{"missing", "GET", "/things/1", object, `{"id": "` + id + `"}`, 200, "body.kind is missing"},
		{"not described", "GET", "/things/1", object, thing(`, "secret": 1`), 200, "body.secret is not described"},
		{"no UUID", "GET", "/things/1", object, `{"id": "1", "kind": "a"}`, 200, "no UUID"},
		{"no word of the list", "GET", "/things/1", object, `{"id": "` + id + `", "kind": "c"}`, 200, "not one of [a b]"},
		{"no time", "GET", "/things/1", object, thing(`, "at": "2026-01-02T03:04:05Z"`), 200, "no time"},
		{"out of range", "GET", "/things/1", object, thing(`, "score": 1.5`), 200, "out of range"},
		{"null", "GET", "/things/1", object, thing(`, "score": null`), 200, "not [number]"},
		{"too many", "GET", "/things/1", object, thing(`, "names": ["a", "b", "c"]`), 200, "has 3 items"},
		{"too long", "GET", "/things/1", object, thing(`, "names": ["abcd"]`), 200, "body.names[0] has 4 characters"},
		{"another pattern", "GET", "/things/1", object, thing(`, "names": ["A"]`), 200, "does not match"},
		{"two of one", "GET", "/things/1", object, thing(`, "choice": 1`), 200, "fits 2 of 3 schemas"},
	} {
		answer := openapitest.Answer{
			Method: tc.method, Path: tc.path, Status: tc.status, Body: []byte(tc.body), Header: http.Header{"Content-Type": {tc.contentType}, "Position": {"7"}},
		}
		got := strings.Join(d.Faults(answer), "; ")
		if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, tc.want)
		}
	}
	for value, want := range map[string]string{"": "is missing", "x": "no number", "-1": "out of range"} {
		answer := openapitest.Answer{
			Method: "GET", Path: "/things/1", Status: 200, Body: []byte(thing("")), Header: http.Header{"Content-Type": {object}, "Position": {value}},
		}
		if got := strings.Join(d.Faults(answer), "; "); !strings.Contains(got, want) {
			t.Errorf("position %q: got %q, want %q", value, got, want)
		}
	}
}
