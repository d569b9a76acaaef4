package tracing

import "go.opentelemetry.io/otel/trace"

// Keeps reports whether a trace is kept.
func (s Settings) Keeps(id trace.TraceID) bool { return s.sampler.keeps(id) }

// Queued is how many spans wait.
func (t *Tracer) Queued() int { return len(t.queue.spans) }

// MaxQueued is how many spans may wait.
const MaxQueued = maxQueued
