package httpapi

import "net/http"

// readiness is the answer of GET /readyz.
type readiness struct {
	Status   string     `json:"status"`
	Reason   string     `json:"reason,omitempty"`
	Degraded []Degraded `json:"degraded"`
}

// ready answers 503 only while this server cannot append or push. A projection that stands still is named, and the
// server goes on.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	h := a.Health(r.Context())
	answer := readiness{Status: "ready", Reason: h.Unready, Degraded: h.Degraded}
	if answer.Degraded == nil {
		answer.Degraded = []Degraded{}
	}
	status := http.StatusOK
	switch {
	case h.Unready != "":
		answer.Status, status = "unready", http.StatusServiceUnavailable
	case len(h.Degraded) > 0:
		answer.Status = "degraded"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(encode(answer)) // the client may be gone
}
