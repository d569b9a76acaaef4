package tracing

import (
	"context"
	"encoding/binary"
	"math/rand/v2"

	"go.opentelemetry.io/otel/trace"

	"chainmail/domain"
)

// traceOf is the id of an event's trace: the event's own. It is not zero, as no event's is.
func traceOf(event domain.ID) trace.TraceID { return trace.TraceID(event) }

// rootOf is the id of the first span of an event's trace. It is not zero: the variant of a UUID is in it (RFC 9562 §4.1).
func rootOf(event domain.ID) trace.SpanID { return trace.SpanID(event[8:]) }

// contextOf is what a link to an event's trace leads to.
func contextOf(event domain.ID) trace.SpanContext {
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceOf(event), SpanID: rootOf(event), TraceFlags: trace.FlagsSampled, Remote: true,
	})
}

// given are the ids that a span is to get, in the context in which it starts.
type given struct {
	trace trace.TraceID
	span  trace.SpanID // zero: any
}

type givenKey struct{}

// ids makes the ids that spans get, those that are given included. It implements sdktrace.IDGenerator.
type ids struct{}

// NewIDs implements sdktrace.IDGenerator.
func (ids) NewIDs(ctx context.Context) (trace.TraceID, trace.SpanID) {
	g, _ := ctx.Value(givenKey{}).(given)
	if !g.trace.IsValid() {
		binary.BigEndian.PutUint64(g.trace[:8], rand.Uint64())
		binary.BigEndian.PutUint64(g.trace[8:], nonZero())
	}
	return g.trace, orAny(g.span)
}

// NewSpanID implements sdktrace.IDGenerator.
func (ids) NewSpanID(ctx context.Context, _ trace.TraceID) trace.SpanID {
	g, _ := ctx.Value(givenKey{}).(given)
	return orAny(g.span)
}

func orAny(id trace.SpanID) trace.SpanID {
	if !id.IsValid() {
		binary.BigEndian.PutUint64(id[:], nonZero())
	}
	return id
}

func nonZero() uint64 { return max(1, rand.Uint64()) }
