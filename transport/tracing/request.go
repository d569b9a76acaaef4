package tracing

import (
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// Request is the span of an HTTP request. A nil one does nothing.
type Request struct{ span trace.Span }

// Request begins the span of a request, in the trace of its caller if there is one (W3C Trace Context). The request that it returns is to be
// handled instead: what is appended for it finds the span in its context.
func (t *Tracer) Request(r *http.Request) (*http.Request, *Request) {
	if t == nil {
		return r, nil
	}
	ctx := propagation.TraceContext{}.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	ctx, s := t.tracer.Start(ctx, "HTTP", trace.WithSpanKind(trace.SpanKindServer))
	return r.WithContext(ctx), &Request{s}
}

// TraceID is the trace's id in hexadecimal if it is kept, else empty.
func (r *Request) TraceID() string {
	if r == nil || !r.span.IsRecording() {
		return ""
	}
	return r.span.SpanContext().TraceID().String()
}

// End ends the span of a request that had this id, was answered by this route, and so.
func (r *Request) End(id, method, route string, status int) {
	if r == nil {
		return
	}
	r.span.SetName(method + " " + route)
	r.span.SetAttributes(
		attribute.String("http.request.method", method), attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status), attribute.String("chainmail.request_id", id),
	)
	if status >= http.StatusInternalServerError {
		r.span.SetStatus(codes.Error, "")
	}
	r.span.End()
}
