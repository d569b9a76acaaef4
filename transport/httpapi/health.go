package httpapi

import (
	"context"
	"net/http"
	"time"
)

// readiness is the answer of GET /readyz.
type readiness struct {
	Status   string     `json:"status"`
	Reason   string     `json:"reason,omitempty"`
	Degraded []Degraded `json:"degraded"`
}

// ready answers 503 only while this server cannot append or push. A projection that stands still is named, and the
// server goes on.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	h := a.prober.health(r.Context())
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

// healthPatience is how long the answer to a question about health may take.
const healthPatience = 3 * time.Second

// prober asks how the server is doing, one question at a time. It does not wait for long: a database that has
// stopped answering holds a query whatever the query's context says.
type prober struct {
	ask  func(context.Context) Health
	busy chan struct{} // holds one while a question is open
}

func newProber(ask func(context.Context) Health) *prober {
	return &prober{ask, make(chan struct{}, 1)}
}

func (p *prober) health(ctx context.Context) Health {
	ctx, cancel := context.WithTimeout(ctx, healthPatience)
	defer cancel()
	silent := Health{Unready: "the database does not answer"}
	select {
	case p.busy <- struct{}{}:
	case <-ctx.Done():
		return silent
	}
	answer := make(chan Health, 1)
	go func() { // ends when the database answers, or its connection does
		answer <- p.ask(ctx)
		<-p.busy
	}()
	select {
	case h := <-answer:
		return h
	case <-ctx.Done():
		return silent
	}
}
