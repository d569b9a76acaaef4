package main

import (
	"log/slog"
	"os"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/eventstore"
	"chainmail/transport/tracing"
)

// traceHeadersVariable is the standard's, and may hold a collector's key.
const traceHeadersVariable = "OTEL_EXPORTER_OTLP_HEADERS"

// traceFlag says where traces go.
type traceFlag struct {
	TraceEndpoint string `placeholder:"URL" help:"Where spans go: a collector of OpenTelemetry's (OTLP over HTTP, JSON), such as http://collector:4318/v1/traces. The standard variables OTEL_… work too (default: nowhere, nothing is traced)."`
}

// tracer returns nil where nothing is to be traced.
func (f *traceFlag) tracer(logger *slog.Logger) (*tracing.Tracer, error) {
	settings, err := tracing.FromEnvironment(f.TraceEndpoint, os.Getenv)
	if err != nil {
		return nil, err
	}
	return tracing.New(settings, logger), nil
}

// observeLog has metrics and traces told of what is appended.
func (s *server) observeLog() {
	if s.traces == nil {
		s.open.log.Observe(s.observed.appended)
		return
	}
	s.open.log.Observe(func(a eventstore.Appended) {
		s.observed.appended(a)
		s.traces.Appended(a)
	})
}

// tail follows the log from the view's position on.
func (s *server) tail() *eventstore.Tail {
	tail := s.open.log.Tail(s.open.view.Position())
	if s.traces != nil {
		tail.Observe(s.traces.Read)
	}
	return tail
}

// traceCollector reports what has become of spans.
type traceCollector struct{ traces *tracing.Tracer }

var spansMetric = prometheus.NewDesc("chainmail_trace_spans_total", "Spans of traces, by what has become of them.", []string{"outcome"}, nil)

func (c traceCollector) Describe(ch chan<- *prometheus.Desc) { describe(ch, spansMetric) }

func (c traceCollector) Collect(ch chan<- prometheus.Metric) {
	counts := c.traces.Counters()
	sample(ch, spansMetric, prometheus.CounterValue, float64(counts.Sent), "sent")
	sample(ch, spansMetric, prometheus.CounterValue, float64(counts.Dropped), "dropped")
	sample(ch, spansMetric, prometheus.CounterValue, float64(counts.Failed), "failed")
}
