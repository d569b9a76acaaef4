package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
	"chainmail/transport/command"
	"chainmail/transport/httpapi"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if r := w.call("", http.MethodGet, "/healthz", nil); r.status != http.StatusOK {
		t.Errorf("healthz: %d", r.status)
	}
	for _, tc := range []struct {
		health httpapi.Health
		status int
		want   string
	}{
		{httpapi.Health{}, 200, `{"status":"ready","degraded":[]}`},
		{
			httpapi.Health{Degraded: []httpapi.Degraded{{Projection: "messages", Reason: "it <hurts>"}}}, 200,
			`{"status":"degraded","degraded":[{"projection":"messages","reason":"it <hurts>"}]}`,
		},
		{httpapi.Health{Unready: "no database"}, 503, `{"status":"unready","reason":"no database","degraded":[]}`},
	} {
		w.health.Store(&tc.health)
		if r := w.call("", http.MethodGet, "/readyz", nil); r.status != tc.status || strings.TrimSpace(r.raw) != tc.want {
			t.Errorf("got %d %s, want %d %s", r.status, r.raw, tc.status, tc.want)
		}
	}
}

func TestMetricsAndLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.person("Ann")
	me := ann.get("/api/me?token=" + ann.token + "&x=1").want(http.StatusOK)
	ann.get("/api/users/" + newID().String()).want(http.StatusNotFound)
	w.call("", http.MethodGet, "/nowhere", nil)
	got := w.call("", http.MethodGet, "/metrics", nil).raw
	for _, want := range []string{
		`chainmail_http_requests_total{method="GET",route="/api/me",status="200"} 1`,
		`chainmail_http_requests_total{method="GET",route="/api/users/{id}",status="404"} 1`,
		`chainmail_http_requests_total{method="other",route="none",status="404"} 1`,
		`chainmail_http_request_duration_seconds_count{method="GET",route="/api/me"} 1`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	logs := w.logs.String()
	if strings.Contains(logs, ann.token) || strings.Contains(logs, strings.Split(ann.token, ".")[2]) {
		t.Error("the log has a token")
	}
	id := me.header.Get("X-Request-Id")
	for _, want := range []string{"request_id=" + id, "user=" + ann.id.String(), "status=200", "method=GET", "x=1"} {
		if !strings.Contains(logs, want) {
			t.Errorf("the log lacks %s", want)
		}
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call("", http.MethodGet, "/api/nothing", nil).problem(http.StatusNotFound, "not_found", "")
	w.call("", http.MethodGet, "/", nil).problem(http.StatusNotFound, "not_found", "")
	r := w.call("", http.MethodPut, "/api/blocks", nil).problem(http.StatusMethodNotAllowed, "not_found", "")
	if got := r.header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow: %q", got)
	}
}

func TestPanicsHaveNoDetails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.View = fragile{c.View} })
	ann := w.person("Ann")
	r := ann.get("/api/me").problem(http.StatusInternalServerError, "internal", "")
	if strings.Contains(r.raw, "dropped") {
		t.Errorf("details: %s", r.raw)
	}
	if logs := w.logs.String(); !strings.Contains(logs, "dropped") || !strings.Contains(logs, "status=500") {
		t.Errorf("the log: %s", logs)
	}
}

// fragile is a view that cannot be read.
type fragile struct{ command.View }

func (fragile) Read(func(*domain.State)) { panic("a cup was dropped") }

func TestOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *httpapi.Config) { c.Origins = []string{"https://page.example"} })
	ann := w.person("Ann")
	r := ann.get("/api/me", "Origin", "https://page.example").want(http.StatusOK)
	exposed := strings.Split(r.header.Get("Access-Control-Expose-Headers"), ", ")
	for _, want := range []string{"Chainmail-Position", "Chainmail-Min-Position", "Retry-After"} {
		if !slices.Contains(exposed, want) {
			t.Errorf("%v lacks %s", exposed, want)
		}
	}
	if r.header.Get("Access-Control-Allow-Origin") != "https://page.example" || r.header.Get("Vary") != "Origin" {
		t.Errorf("headers: %v", r.header)
	}
	refused := w.call("", http.MethodGet, "/api/me", nil, "Origin", "https://page.example")
	if refused.header.Get("Access-Control-Allow-Origin") == "" {
		t.Error("a page cannot read why it was refused")
	}
	other := ann.get("/api/me", "Origin", "https://evil.example")
	if other.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin: %v", other.header)
	}
	preflight := w.call("", http.MethodOptions, "/api/messages/read", nil,
		"Origin", "https://page.example", "Access-Control-Request-Method", "POST")
	allowed := preflight.header.Get("Access-Control-Allow-Headers")
	if preflight.status != http.StatusNoContent || !strings.Contains(allowed, "Authorization") || !strings.Contains(allowed, "Idempotency-Key") {
		t.Errorf("preflight: %d %v", preflight.status, preflight.header)
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.call("", http.MethodGet, "/openapi.json", nil)
	if r.body["openapi"] != "3.1.0" {
		t.Fatalf("openapi: %v", r.body["openapi"])
	}
	var spec struct {
		Paths      map[string]map[string]operation
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(r.raw), &spec); err != nil {
		t.Fatal(err)
	}
	for _, call := range []string{
		"get /api/me", "get /api/users", "get /api/users/{id}",
		"post /api/conversations", "get /api/conversations", "get /api/conversations/{id}",
		"post /api/conversations/{id}/participants", "delete /api/conversations/{id}/participants/{user_id}",
		"get /api/conversations/{id}/messages", "post /api/conversations/{id}/messages",
		"get /api/messages/{id}", "post /api/messages/read", "delete /api/messages/{id}/content",
		"post /api/blocks", "delete /api/blocks/{user_id}", "get /api/blocks", "get /api/messages/{id}/proof",
		"get /api/guard/blocked", "post /api/guard/blocked/{id}/release",
	} {
		method, path, _ := strings.Cut(call, " ")
		op, found := spec.Paths[path][method]
		switch {
		case !found:
			t.Errorf("%s is not described", call)
		case op.Summary == "" || len(op.Security) != 1 || op.Responses["401"] == nil || len(op.Responses) < 3:
			t.Errorf("%s: %+v", call, op)
		}
	}
	for _, path := range public {
		if op, found := spec.Paths[path]["get"]; !found || op.Summary == "" || op.Security != nil || op.Responses["200"] == nil {
			t.Errorf("%s: %+v", path, op)
		}
	}
	for name, fields := range map[string][]string{
		"MessageProof":     {"index", "tree_size", "leaf", "path", "checkpoint", "content", "salt", "tlog_proof"},
		"ConsistencyProof": {"from", "to", "path"},
		"User":             {"id", "name", "wallet_address", "online", "last_seen"},
		"Conversation":     {"id", "title", "direct", "participants", "last_message", "unread_count", "created_at"},
		"PastMessage":      {"type", "message_id", "content", "receipts", "is_read", "erased_at"},
		"Block":            {"user_id", "name", "created_at"},
		"Problem":          {"type", "title", "status", "code", "detail", "field"},
		"StartBody":        {"participant_ids", "title"},
		"BlockedText":      {"code", "detail", "field", "message", "risk_score", "reasons"},
		"Warning":          {"code", "detail", "message", "message_id", "client_message_id", "risk_score", "reasons", "position"},
		"BlockedMessage":   {"id", "content", "reasons", "evidence", "model", "policy_hash", "released_at", "released_id"},
		"RiskReason":       {"rule", "weight"},
		"ModelOpinion":     {"model", "label", "score", "failure"},
	} {
		for _, field := range fields {
			if _, found := spec.Components.Schemas[name].Properties[field]; !found {
				t.Errorf("schema %s lacks %s", name, field)
			}
		}
	}
	if got := spec.Components.Schemas["StartBody"].Required; !slices.Equal(got, []string{"participant_ids"}) {
		t.Errorf("required: %v", got)
	}
	for _, path := range []string{"/api/conversations", "/api/conversations/{id}/messages"} {
		for _, status := range []string{"200", "201", "400", "413", "422", "429"} {
			if spec.Paths[path]["post"].Responses[status] == nil {
				t.Errorf("post %s: %s is not described", path, status)
			}
		}
	}
	for _, field := range []string{"conversation_id", "receiver_id", "content", "erased_at", "released_by", "released_id"} {
		if got := fmt.Sprint(spec.Components.Schemas["BlockedMessage"].Properties[field]); !strings.Contains(got, "[string null]") {
			t.Errorf("%s of a blocked message is never null: %s", field, got)
		}
	}
	for path, schema := range map[string]string{
		"/api/conversations": "BlockedText", "/api/conversations/{id}/messages": "Warning",
	} {
		refused := fmt.Sprint(spec.Paths[path]["post"].Responses["422"])
		if !strings.Contains(refused, "/Problem]") || !strings.Contains(refused, "/"+schema+"]") {
			t.Errorf("post %s: 422 is %s, without Problem or %s", path, refused, schema)
		}
	}
	for _, ref := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(r.raw, -1) {
		if _, found := spec.Components.Schemas[ref[1]]; !found {
			t.Errorf("schema %s is missing", ref[1])
		}
	}
	docs := w.call("", http.MethodGet, "/docs", nil)
	if docs.status != http.StatusOK || !strings.Contains(docs.raw, "/openapi.json") {
		t.Errorf("docs: %d", docs.status)
	}
}

// operation is what the description says of a call.
type operation struct {
	Summary   string
	Security  []any
	Responses map[string]any
}
