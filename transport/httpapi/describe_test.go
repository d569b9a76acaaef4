package httpapi_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chainmail/transport/httpapi"
	"chainmail/transport/httpapi/openapitest"
)

// description reads what the server says of itself.
func (w *world) description() *openapitest.Document {
	w.t.Helper()
	d, err := openapitest.Parse([]byte(w.call("", http.MethodGet, "/openapi.json", nil).raw))
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// Whoever reads the description alone knows every call: what it is for, what it takes, and all that it may answer.
func TestDescriptionIsComplete(t *testing.T) {
	t.Parallel()
	d := newWorld(t, withLogin).description()
	ids := make(map[string]bool)
	groups := make(map[string]bool)
	for _, tag := range d.Tags {
		groups[tag.Name] = tag.Description != ""
	}
	for _, op := range d.Operations() {
		if len(op.Tags) == 1 && !groups[op.Tags[0]] {
			t.Errorf("%s is in the group %q, which is not described", op.ID, op.Tags[0])
		}
		if ids[op.ID] {
			t.Errorf("%s is the name of two calls", op.ID)
		}
		ids[op.ID] = true
		what := op.Method + " " + op.Path
		for _, missing := range lacking(op) {
			t.Errorf("%s: %s", what, missing)
		}
		for status, r := range op.Responses {
			for _, missing := range lackingIn(op, status, r) {
				t.Errorf("%s: %s: %s", what, status, missing)
			}
		}
	}
	for name, s := range d.Components.Schemas {
		for property, p := range s.Properties {
			if !p.Explained() {
				t.Errorf("schema %s: %s has no description", name, property)
			}
		}
	}
}

// lacking says what is missing of a call, but for its answers.
func lacking(op *openapitest.Operation) (missing []string) {
	need := func(is bool, what string) {
		if !is {
			missing = append(missing, what)
		}
	}
	need(op.ID != "", "no operationId")
	need(op.Summary != "", "no summary")
	need(op.Description != "", "no description")
	need(len(op.Tags) == 1, "not one tag")
	need((op.Security == nil) == isPublic(op), "whether it needs a token")
	for _, p := range op.Parameters {
		need(p.Description != "" && p.Schema != nil, "no description of the parameter "+p.Name)
		need(p.In != "path" || p.Required, p.Name+" stands in the path and is not required")
	}
	for _, name := range pathNames(op.Path) {
		need(hasParameter(op, "path", name), "no parameter "+name)
	}
	if op.Method == http.MethodGet && op.Security != nil {
		need(hasParameter(op, "header", "Chainmail-Min-Position"), "no Chainmail-Min-Position")
	}
	if slices.Contains(repeatable, op.ID) {
		need(hasParameter(op, "header", "Idempotency-Key"), "no Idempotency-Key")
		need(op.Responses["200"] != nil && op.Responses["201"] != nil, "no difference between the first and a repeat")
	}
	for _, status := range statuses(op) {
		need(op.Responses[status] != nil, "no answer "+status)
	}
	if op.RequestBody != nil {
		for name, m := range op.RequestBody.Content {
			need(op.RequestBody.Required, "the body is not required")
			need(m.Schema != nil && name == "application/json", "a body of the type "+name)
			need(op.RequestBody.Description != "", "no description of the body")
			need(m.Example != nil, "no example of the body")
		}
	}
	return missing
}

// lackingIn says what is missing of an answer.
func lackingIn(op *openapitest.Operation, status string, r *openapitest.Response) (missing []string) {
	need := func(is bool, what string) {
		if !is {
			missing = append(missing, what)
		}
	}
	code, err := strconv.Atoi(status)
	need(err == nil, "no status")
	need(r.Description != "" && r.Description != http.StatusText(code), "no description")
	need(r.Headers["X-Request-Id"].Required, "no X-Request-Id")
	need(op.Security == nil || status == "401" || r.Headers["Chainmail-Position"].Schema != nil, "no Chainmail-Position")
	need(op.Security == nil || code >= 300 || r.Headers["Chainmail-Position"].Required, "Chainmail-Position is not certain")
	need(status != "429" && (status != "503" || op.ID == "get-readiness") || r.Headers["Retry-After"].Required, "no Retry-After")
	need(status != "401" || r.Headers["WWW-Authenticate"].Required, "no WWW-Authenticate")
	for name, h := range r.Headers {
		need(h.Description != "" && h.Schema != nil, "no description of the header "+name)
	}
	need((len(r.Content) == 0) == (status == "204"), "no body, or one too many")
	for name, m := range r.Content {
		need(m.Schema != nil, "no schema")
		need(code < 400 || name == "application/problem+json" || op.ID == "get-readiness", "an error that is no problem: "+name)
		need(code < 400 || m.Example != nil || op.ID == "get-readiness", "no example")
	}
	return missing
}

// repeatable are the calls that a client may send again without harm.
var repeatable = []string{"start-conversation", "send-message", "create-project", "create-task", "notify", "announce"}

// byRole are the calls that not everybody may make who may see what they are about.
var byRole = []string{
	"start-conversation", "add-participant", "remove-participant", "send-message", "erase-message", "list-blocked-messages",
	"release-message", "create-task", "notify", "announce", "log-in", "get-stats",
}

// statuses are those that a call can answer with, as far as its form tells.
func statuses(op *openapitest.Operation) []string {
	list := []string{"500"}
	if op.Security != nil {
		list = append(list, "401", "503")
	}
	if op.RequestBody != nil {
		list = append(list, "400", "413", "422")
	}
	if op.Method != http.MethodGet && op.ID != "log-out" { // whoever wants out gets out
		list = append(list, "429")
	}
	if slices.Contains(byRole, op.ID) {
		list = append(list, "403")
	}
	for _, p := range op.Parameters {
		if p.In == "path" && op.ID != "unblock-user" { // to take back what is not there is done
			list = append(list, "404")
		}
		if op.ID != "get-tile" { // what is no tile is not there
			list = append(list, "422")
		}
	}
	return list
}

func isPublic(op *openapitest.Operation) bool {
	return strings.HasPrefix(op.Path, "/api/auth/") || strings.HasPrefix(op.Path, "/api/log") || !strings.HasPrefix(op.Path, "/api/")
}

func hasParameter(op *openapitest.Operation, in, name string) bool {
	return slices.ContainsFunc(op.Parameters, func(p openapitest.Parameter) bool { return p.In == in && p.Name == name })
}

// pathNames are the names in the braces of a path.
func pathNames(path string) (names []string) {
	for _, segment := range strings.Split(path, "/") {
		if name, is := strings.CutPrefix(segment, "{"); is {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// Parameters that 0 is refused of are described so.
func TestLeastParameters(t *testing.T) {
	t.Parallel()
	for _, op := range newWorld(t).description().Operations() {
		for _, p := range op.Parameters {
			switch p.Name {
			case "limit", "from", "to":
				if len(p.Schema.Faults(0.0, p.Name)) == 0 || len(p.Schema.Faults(1.0, p.Name)) > 0 {
					t.Errorf("%s: %s is not described as 1 or more", op.ID, p.Name)
				}
			}
		}
	}
}

// What the description gives as an example is allowed by it.
func TestExamplesFit(t *testing.T) {
	t.Parallel()
	d := newWorld(t, withLogin).description()
	for _, op := range d.Operations() {
		for _, m := range op.Media() {
			if m.Example == nil {
				continue
			}
			for _, fault := range m.Schema.Faults(m.Example, "the example") {
				t.Errorf("%s: %s", op.ID, fault)
			}
		}
	}
	for name, s := range d.Components.Schemas {
		for property, p := range s.Properties {
			for _, example := range p.Examples {
				for _, fault := range p.Faults(example, "the example") {
					t.Errorf("schema %s: %s: %s", name, property, fault)
				}
			}
		}
	}
}

// What is described without a server is what a server serves that makes its tokens itself.
func TestDescribeNeedsNoServer(t *testing.T) {
	t.Parallel()
	served := newWorld(t, withLogin).call("", http.MethodGet, "/openapi.json", nil).raw
	if got := string(httpapi.Describe()); got != served {
		t.Errorf("got %d bytes, the server serves %d others", len(got), len(served))
	}
}
