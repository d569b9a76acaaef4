package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chainmail/eventstore"
	"chainmail/transport/httpapi"
)

// healthTimeout bounds how long /readyz waits for the database.
const healthTimeout = 2 * time.Second

// health tells whether this server can append and push, and which projections stand still.
func (s *server) health(ctx context.Context) httpapi.Health {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	var h httpapi.Health
	if s.draining.Load() {
		h.Unready = "this server ends: others take over"
	}
	if err := s.open.log.Check(ctx); err != nil {
		s.logger.Warn("not ready", "error", err)
		h.Unready = "the log cannot be appended to: the database is away; see the server's log"
		if errors.Is(err, eventstore.ErrCutShort) {
			h.Unready = err.Error() + "; run 'chainmail checkpoint show' on this server's machine"
		}
	}
	if err := s.pusher.Waits(); err != nil && h.Unready == "" {
		h.Unready = "the log cannot be read, so nothing is pushed; see the server's log"
	}
	for _, p := range s.runner.Status() {
		if p.Stuck != "" {
			h.Degraded = append(h.Degraded, httpapi.Degraded{Projection: p.Projection, Reason: p.Stuck})
		}
	}
	return h
}

// adminRoutes are metrics and profiling, on an address that is not public.
func (s *server) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}
