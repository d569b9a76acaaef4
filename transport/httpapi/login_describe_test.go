package httpapi_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"
)

func TestLoginIsDescribed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withLogin)
	var spec struct {
		Paths      map[string]map[string]operation
		Components struct {
			Schemas map[string]struct{ Required []string }
		}
	}
	if err := json.Unmarshal([]byte(w.call("", http.MethodGet, "/openapi.json", nil).raw), &spec); err != nil {
		t.Fatal(err)
	}
	for path, statuses := range map[string][]string{
		"/api/auth/nonce":   {"200", "400", "413", "422", "429", "503"},
		"/api/auth/login":   {"200", "400", "401", "403", "413", "422", "429", "503"},
		"/api/auth/refresh": {"200", "400", "401", "413", "422", "429", "503"},
		"/api/auth/logout":  {"204", "400", "401", "413", "422", "503"},
	} {
		op := spec.Paths[path]["post"]
		for _, status := range statuses {
			if op.Responses[status] == nil {
				t.Errorf("%s: %s is not described", path, status)
			}
		}
		if op.Summary == "" || op.Security != nil {
			t.Errorf("%s: %+v", path, op)
		}
	}
	if list, end := spec.Paths["/api/sessions"]["get"], spec.Paths["/api/sessions/{id}"]["delete"]; len(list.Security) != 1 ||
		list.Responses["200"] == nil || len(end.Security) != 1 || end.Responses["204"] == nil || end.Responses["404"] == nil {
		t.Errorf("sessions: %+v and %+v", list, end)
	}
	for schema, fields := range map[string][]string{
		"NonceBody": {"address"}, "Challenge": {"nonce", "message"}, "LoginBody": {"message", "signature"}, "RefreshBody": {"refresh_token"},
		"Tokens":      {"access_token", "refresh_token", "token_type", "expires_in", "user"},
		"OpenSession": {"id", "auth", "user_agent", "created_at", "last_used_at", "expires_at", "current"},
	} {
		got := slices.Clone(spec.Components.Schemas[schema].Required)
		slices.Sort(got)
		slices.Sort(fields)
		if !slices.Equal(got, fields) {
			t.Errorf("schema %s requires %v, want %v", schema, got, fields)
		}
	}
}
