package tracing

import (
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// These are the messages of opentelemetry-proto, trace/v1/trace.proto, in the JSON mapping of the OTLP specification ("JSON Protobuf
// Encoding"): ids in hexadecimal, enumerations as numbers, 64-bit integers as strings, names in lowerCamelCase.

type exportRequest struct {
	ResourceSpans []resourceSpans `json:"resourceSpans"`
}

type resourceSpans struct {
	Resource   resourceOf   `json:"resource"`
	ScopeSpans []scopeSpans `json:"scopeSpans"`
}

type resourceOf struct {
	Attributes []keyValue `json:"attributes"`
}

type scopeSpans struct {
	Scope instrumentationScope `json:"scope"`
	Spans []otlpSpan           `json:"spans"`
}

type instrumentationScope struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type otlpSpan struct {
	TraceID                string     `json:"traceId"`
	SpanID                 string     `json:"spanId"`
	TraceState             string     `json:"traceState,omitempty"`
	ParentSpanID           string     `json:"parentSpanId,omitempty"`
	Flags                  uint32     `json:"flags"`
	Name                   string     `json:"name"`
	Kind                   int        `json:"kind"`
	StartTimeUnixNano      string     `json:"startTimeUnixNano"`
	EndTimeUnixNano        string     `json:"endTimeUnixNano"`
	Attributes             []keyValue `json:"attributes,omitempty"`
	DroppedAttributesCount int        `json:"droppedAttributesCount,omitempty"`
	Links                  []otlpLink `json:"links,omitempty"`
	DroppedLinksCount      int        `json:"droppedLinksCount,omitempty"`
	Status                 otlpStatus `json:"status"`
}

type otlpLink struct {
	TraceID string `json:"traceId"`
	SpanID  string `json:"spanId"`
	Flags   uint32 `json:"flags"`
}

type otlpStatus struct {
	Code int `json:"code,omitempty"` // STATUS_CODE_ERROR is 2
}

type keyValue struct {
	Key   string   `json:"key"`
	Value anyValue `json:"value"`
}

// anyValue has one field that is not nil.
type anyValue struct {
	StringValue *string `json:"stringValue,omitempty"`
	BoolValue   *bool   `json:"boolValue,omitempty"`
	IntValue    *string `json:"intValue,omitempty"`
}

// encode makes one request of spans that have the tracer's resource and scope.
func encode(spans []sdktrace.ReadOnlySpan) exportRequest {
	list := make([]otlpSpan, 0, len(spans))
	for _, s := range spans {
		list = append(list, encodeSpan(s))
	}
	of := spans[0].InstrumentationScope()
	return exportRequest{[]resourceSpans{{
		Resource:   resourceOf{encodeAttributes(spans[0].Resource().Attributes())},
		ScopeSpans: []scopeSpans{{Scope: instrumentationScope{of.Name, of.Version}, Spans: list}},
	}}}
}

func encodeSpan(s sdktrace.ReadOnlySpan) otlpSpan {
	id, parent := s.SpanContext(), s.Parent()
	o := otlpSpan{
		TraceID: id.TraceID().String(), SpanID: id.SpanID().String(), TraceState: id.TraceState().String(), Flags: flags(id, parent.IsRemote()),
		Name: s.Name(), Kind: int(s.SpanKind()), // SPAN_KIND_INTERNAL is 1, as the SDK has it; so are the others
		StartTimeUnixNano: nanoseconds(s.StartTime()), EndTimeUnixNano: nanoseconds(s.EndTime()),
		Attributes: encodeAttributes(s.Attributes()), DroppedAttributesCount: s.DroppedAttributes(), DroppedLinksCount: s.DroppedLinks(),
	}
	if parent.SpanID().IsValid() {
		o.ParentSpanID = parent.SpanID().String()
	}
	for _, l := range s.Links() {
		to := l.SpanContext
		o.Links = append(o.Links, otlpLink{to.TraceID().String(), to.SpanID().String(), flags(to, to.IsRemote())})
	}
	if s.Status().Code == codes.Error {
		o.Status.Code = 2
	}
	return o
}

// flags are those of W3C Trace Context, and in the two bits above whether a context came from elsewhere (SpanFlags of trace.proto).
func flags(c trace.SpanContext, remote bool) uint32 {
	const known, isRemote = 0x100, 0x200
	f := uint32(c.TraceFlags()) | known
	if remote {
		f |= isRemote
	}
	return f
}

func nanoseconds(t time.Time) string { return strconv.FormatInt(t.UnixNano(), 10) }

// encodeAttributes knows the kinds of values that this package's attributes have. Others, from OTEL_RESOURCE_ATTRIBUTES, are texts.
func encodeAttributes(list []attribute.KeyValue) []keyValue {
	encoded := make([]keyValue, 0, len(list))
	for _, a := range list {
		kv := keyValue{Key: string(a.Key)}
		switch a.Value.Type() {
		case attribute.BOOL:
			b := a.Value.AsBool()
			kv.Value.BoolValue = &b
		case attribute.INT64:
			n := strconv.FormatInt(a.Value.AsInt64(), 10)
			kv.Value.IntValue = &n
		default:
			text := a.Value.String()
			kv.Value.StringValue = &text
		}
		encoded = append(encoded, kv)
	}
	return encoded
}
