package tracing

import (
	"context"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"chainmail/domain"
)

// Tracer makes spans. A nil one is off: each of its methods returns at once and allocates nothing. All may be called concurrently.
type Tracer struct {
	sampler sampler
	tracer  trace.Tracer
	queue   *queue
}

// scope names the instrumentation.
const scope = "chainmail"

// maxLinks bounds the links of a span: a batch leads to each of its events.
const maxLinks = 500

// New returns a tracer that sends nothing until Run; nil when the settings are those of none.
func New(s Settings, logger *slog.Logger) *Tracer {
	if s.Endpoint == "" {
		return nil
	}
	t := &Tracer{sampler: s.sampler, queue: newQueue(newExporter(s), logger)}
	limits := sdktrace.NewSpanLimits()
	limits.LinkCountLimit = maxLinks
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithSampler(s.sampler), sdktrace.WithIDGenerator(ids{}), sdktrace.WithSpanProcessor(t.queue),
		sdktrace.WithResource(describe(s.Service)), sdktrace.WithRawSpanLimits(limits),
	)
	t.tracer = provider.Tracer(scope, trace.WithInstrumentationVersion(version()))
	return t
}

// describe says who traces. OTEL_RESOURCE_ATTRIBUTES adds to it.
func describe(service string) *resource.Resource {
	own := resource.NewSchemaless(
		attribute.String("service.name", service), attribute.String("service.version", version()),
		attribute.String("service.instance.id", uuid.NewString()),
		attribute.String("telemetry.sdk.name", "opentelemetry"), attribute.String("telemetry.sdk.language", "go"),
	)
	merged, err := resource.Merge(resource.NewSchemaless(resource.Environment().Attributes()...), own)
	if err != nil { // schemas that differ; these have none
		return own
	}
	return merged
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info.Main.Version
	}
	return "unknown"
}

// Run sends spans until ctx ends; then what is queued, within two seconds.
func (t *Tracer) Run(ctx context.Context) error { return t.queue.run(ctx) }

// Counters are what has become of spans.
type Counters struct {
	Sent    int64 // the collector has taken them
	Dropped int64 // the queue was full
	Failed  int64 // the collector was away, or refused them
}

// Counters returns what has become of spans; zeros when off.
func (t *Tracer) Counters() Counters {
	if t == nil {
		return Counters{}
	}
	return Counters{Sent: t.queue.sent.Load(), Dropped: t.queue.dropped.Load(), Failed: t.queue.failed.Load()}
}

// keeps reports whether an event's trace is kept. The log's own events have none.
func (t *Tracer) keeps(e *domain.Event) bool {
	switch e.Type {
	case domain.TypeLogCreated, domain.TypeLogKeyRotated, domain.TypeMerkleBatchSealed:
		return false
	}
	return t.sampler.keeps(traceOf(e.ID))
}

// span is one that is over.
type span struct {
	name     string
	kind     trace.SpanKind
	ids      given
	parent   trace.SpanID // in the same trace; zero for none
	from, to time.Time
	about    []attribute.KeyValue
	links    []trace.Link
}

// child is a span in an event's trace, below the first.
func child(e *domain.Event, name string, kind trace.SpanKind, from, to time.Time, about ...attribute.KeyValue) span {
	return span{
		name: name, kind: kind, ids: given{trace: traceOf(e.ID)}, parent: rootOf(e.ID), from: from, to: to,
		about: append(about, attribute.String("chainmail.type", string(e.Type)), attribute.Int64("chainmail.position", int64(e.Position))),
	}
}

// emit makes a span that is over.
func (t *Tracer) emit(s span) {
	ctx := context.WithValue(context.Background(), givenKey{}, s.ids)
	if s.parent.IsValid() {
		ctx = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
			TraceID: s.ids.trace, SpanID: s.parent, TraceFlags: trace.FlagsSampled,
		}))
	}
	_, made := t.tracer.Start(ctx, s.name, trace.WithTimestamp(s.from), trace.WithSpanKind(s.kind),
		trace.WithAttributes(s.about...), trace.WithLinks(s.links...))
	made.End(trace.WithTimestamp(s.to))
}
