package httpapi_test

import (
	"net/http"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/transport/httpapi"
)

// TestStats reads figures of a registry like a server's.
func TestStats(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	w := newWorld(t, func(c *httpapi.Config) {
		c.Metrics, c.Figures, c.Gatherer = registry, registry, nil
	})
	ann, admin := w.person("Ann"), w.register("Root", domain.RoleAdmin, "")
	service := w.register("Billing", domain.RoleService, "")
	for _, p := range []*person{ann, service} {
		p.get("/api/stats").problem(http.StatusForbidden, "forbidden", "")
	}
	admin.get("/api/me").want(http.StatusOK)
	nothing := admin.get("/api/stats").want(http.StatusOK)
	for _, name := range []string{"head", "sealed", "connections", "messages_sent", "messages_blocked", "events_appended", "frames_sent"} {
		if nothing.body[name] != 0.0 {
			t.Errorf("%s of a registry without it: %v", name, nothing.body[name])
		}
	}
	admin.get("/api/me").want(http.StatusOK)
	register(registry)
	w.health.Store(&httpapi.Health{Degraded: []httpapi.Degraded{{Projection: "tasks", Reason: "event 17 cannot be read"}}})
	r := admin.get("/api/stats").want(http.StatusOK)
	for name, want := range map[string]float64{
		"head": 70, "sealed": 64, "connections": 3, "messages_sent": 40, "messages_blocked": 2, "events_appended": 62, "frames_sent": 900,
	} {
		if r.body[name] != want {
			t.Errorf("%s: got %v, want %v", name, r.body[name], want)
		}
	}
	checkHistogram(t, "commit_seconds", r.body["commit_seconds"], 3, 5.011, [][2]float64{{0.01, 1}, {0.1, 2}, {1, 2}})
	requests := r.body["http_seconds"].(map[string]any)
	buckets := requests["buckets"].([]any)
	if last := buckets[len(buckets)-1].(map[string]any); requests["count"].(float64) < 3 || last["count"] != requests["count"] {
		t.Errorf("quick requests of several routes: %v", requests)
	}
	projections := r.body["projections"].([]any)
	if len(projections) != 2 {
		t.Fatalf("projections: %v", projections)
	}
	for i, want := range []map[string]any{
		{"projection": "messages", "position": 70.0, "lag_events": 0.0, "lag_seconds": 0.0, "stopped": nil},
		{"projection": "tasks", "position": 16.0, "lag_events": 54.0, "lag_seconds": 2.5, "stopped": "event 17 cannot be read"},
	} {
		got := projections[i].(map[string]any)
		for field, value := range want {
			if stopped, present := got[field]; !present || stopped != value {
				t.Errorf("%s of %s: got %v, want %v", field, want["projection"], got[field], value)
			}
		}
	}
	if r := w.call("", http.MethodGet, "/metrics", nil); r.status != http.StatusNotFound {
		t.Errorf("metrics: %d", r.status)
	}
}

// register adds metrics as a server has them.
func register(registry *prometheus.Registry) {
	gauge := func(name string, value float64) {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: name})
		g.Set(value)
		registry.MustRegister(g)
	}
	gauge("chainmail_log_head_position", 70)
	gauge("chainmail_sealed_position", 64)
	gauge("chainmail_connections", 3)
	frames := prometheus.NewCounter(prometheus.CounterOpts{Name: "chainmail_frames_sent_total", Help: "frames"})
	frames.Add(900)
	events := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "chainmail_events_appended_total", Help: "events"}, []string{"type"})
	for of, n := range map[string]float64{"MessageSent": 40, "MessageBlocked": 2, "MessageRead": 20} {
		events.WithLabelValues(of).Add(n)
	}
	commits := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "chainmail_commit_duration_seconds", Help: "commits", Buckets: []float64{0.01, 0.1, 1},
	})
	for _, took := range []float64{0.001, 0.01 + 1e-9, 5} { // the second is just over a bound
		commits.Observe(took)
	}
	registry.MustRegister(frames, events, commits)
	for name, values := range map[string][2]float64{
		"chainmail_projection_position": {70, 16}, "chainmail_projection_lag_events": {0, 54},
		"chainmail_projection_lag_seconds": {0, 2.5}, "chainmail_projection_stuck": {0, 1},
	} {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: name}, []string{"projection"})
		g.WithLabelValues("messages").Set(values[0])
		g.WithLabelValues("tasks").Set(values[1])
		registry.MustRegister(g)
	}
}

func checkHistogram(t *testing.T, name string, got any, count, sum float64, buckets [][2]float64) {
	t.Helper()
	h := got.(map[string]any)
	list := h["buckets"].([]any)
	if off := h["sum"].(float64) - sum; h["count"] != count || off > 1e-6 || off < -1e-6 || len(list) != len(buckets) {
		t.Fatalf("%s: got %v", name, h)
	}
	for i, want := range buckets {
		b := list[i].(map[string]any)
		if b["le"] != want[0] || b["count"] != want[1] {
			t.Errorf("%s: bucket %d: got %v, want %v", name, i, b, want)
		}
	}
}
