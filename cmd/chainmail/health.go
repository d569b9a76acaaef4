package main

import (
	"context"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chainmail/transport/httpapi"
)

// healthTimeout bounds how long /readyz waits for the database.
const healthTimeout = 2 * time.Second

// health tells whether this server can append and push, and which projections stand still.
func (s *server) health(ctx context.Context) httpapi.Health {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	var h httpapi.Health
	if err := s.open.log.Check(ctx); err != nil {
		s.logger.Warn("not ready", "error", err)
		h.Unready = "the log cannot be appended to: the database is away, or the log was cut short; see the server's log"
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

// measure registers the figures of the layers.
func (s *server) measure() {
	gauge := func(name, help string, f func() float64) {
		s.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chainmail_" + name, Help: help}, f))
	}
	counter := func(name, help string, f func() int64) {
		s.metrics.MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: "chainmail_" + name, Help: help}, func() float64 { return float64(f()) }))
	}
	gauge("log_head_position", "Last position known to be committed.", func() float64 { return float64(s.open.log.Head()) })
	gauge("view_position", "Last position that decisions and pushes include.", func() float64 { return float64(s.open.view.Position()) })
	gauge("connections", "Open WebSocket connections.", func() float64 { return float64(s.sockets.Connections()) })
	counter("connections_opened_total", "WebSocket handshakes that were completed.", func() int64 { return s.sockets.Counters().Opened })
	counter("frames_received_total", "Frames from clients.", func() int64 { return s.sockets.Counters().FramesIn })
	counter("frames_sent_total", "Frames to clients.", func() int64 { return s.sockets.Counters().FramesOut })
	counter("connections_too_slow_total", "Connections closed because they read too slowly.", func() int64 { return s.sockets.Counters().TooSlow })
	counter("view_unfit_events_total", "Events that did not fit the view.", s.open.view.Unfit)
	counter("pushes_skipped_total", "Events that could not be read and so were not pushed.", s.pusher.Skipped)
	gauge("sealed_position", "Last position that a seal covers, as far as this server knows.", func() float64 { return float64(s.sealer.Status().Sealed) })
	gauge("unsealed_events", "Events that wait for a seal, as far as this server knows.", func() float64 { return float64(s.sealer.Status().Unsealed) })
	gauge("sealing", "1 while this server has the log's current key and can seal.", func() float64 {
		if s.sealer.Status().Sealing {
			return 1
		}
		return 0
	})
	s.metrics.MustRegister(projectionCollector{s}, guardCollector{s.judge})
}

// projectionCollector reports each projection's lag, and whether it stands still.
type projectionCollector struct{ server *server }

var (
	lagMetric   = prometheus.NewDesc("chainmail_projection_lag_events", "Events that were appended and not applied yet.", []string{"projection"}, nil)
	stuckMetric = prometheus.NewDesc("chainmail_projection_stuck", "1 while the projection cannot go on.", []string{"projection"}, nil)
)

func (c projectionCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- lagMetric
	ch <- stuckMetric
}

func (c projectionCollector) Collect(ch chan<- prometheus.Metric) {
	for _, p := range c.server.runner.Status() {
		stuck := 0.0
		if p.Stuck != "" {
			stuck = 1
		}
		ch <- prometheus.MustNewConstMetric(lagMetric, prometheus.GaugeValue, float64(p.Lag), p.Projection)
		ch <- prometheus.MustNewConstMetric(stuckMetric, prometheus.GaugeValue, stuck, p.Projection)
	}
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
