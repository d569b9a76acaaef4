package httpapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// readiness is the answer of GET /readyz.
type readiness struct {
	Status   string     `json:"status" enum:"ready,degraded,unready" doc:"degraded: it serves, but a projection stands still"`
	Reason   string     `json:"reason,omitempty" doc:"why it is unready" example:"the database is away"`
	Degraded []Degraded `json:"degraded" nullable:"false" doc:"the projections that stand still"`
}

// liveness is the answer of GET /healthz.
type liveness struct {
	Status string `json:"status" enum:"ok" doc:"the process lives"`
}

// describeHealth describes the calls for those who look after the server. They are no calls of huma, so that they work
// however badly the rest does.
func (a *api) describeHealth() {
	api := a.huma.OpenAPI()
	answered := func(media string, schema *huma.Schema) *huma.Response {
		return &huma.Response{Description: "The answer", Content: map[string]*huma.MediaType{media: {Schema: schema}}}
	}
	add := func(id, path, summary, description string, responses map[string]*huma.Response) {
		api.AddOperation(&huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{"health"},
			Summary: summary, Description: description, Responses: responses,
		})
	}
	add("get-health", "/healthz", "Whether the process lives", "It asks nobody else.", map[string]*huma.Response{
		"200": answered("application/json", api.Components.Schemas.Schema(reflect.TypeFor[liveness](), true, "")),
	})
	ready := api.Components.Schemas.Schema(reflect.TypeFor[readiness](), true, "")
	unready := answered("application/json", ready)
	unready.Description = "It cannot append or push: send clients elsewhere"
	add("get-readiness", "/readyz", "Whether the server can append and push", "It answers within 3 s, also when the database does not.",
		map[string]*huma.Response{"200": answered("application/json", ready), "503": unready})
	if a.Gatherer != nil {
		add("get-metrics", "/metrics", "Metrics", "For Prometheus, in its text format.", map[string]*huma.Response{
			"200": answered("text/plain", &huma.Schema{Type: huma.TypeString}),
		})
	}
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
