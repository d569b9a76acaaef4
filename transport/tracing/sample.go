package tracing

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// sampler decides which traces are kept, by their ids alone: every server that is set up alike decides alike.
//
// The SDK's TraceIDRatioBased will not do. It compares the low eight bytes of the id as a number, and of a UUID these begin with the
// variant, two bits that never change: a share below a half would keep nothing, one above three quarters everything. What is random in
// a UUIDv7, in W3C trace ids (Trace Context Level 2, random-trace-id) and in those made here are the low seven bytes.
type sampler struct {
	from     uint64 // the least of the low 56 bits that is kept; 1<<56: none is
	byParent bool   // a request whose caller says what he does is kept if the caller's trace is
}

// randomBits is how many bits at the end of a trace id are random.
const randomBits = 56

// keeps reports whether a trace is kept.
func (s sampler) keeps(id trace.TraceID) bool {
	return binary.BigEndian.Uint64(id[8:])&(1<<randomBits-1) >= s.from
}

// ShouldSample implements sdktrace.Sampler.
func (s sampler) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	parent := trace.SpanContextFromContext(p.ParentContext)
	keep := s.keeps(p.TraceID)
	if _, chosen := p.ParentContext.Value(givenKey{}).(given); chosen {
		keep = true // decided before the span was made
	} else if s.byParent && parent.IsValid() {
		keep = parent.IsSampled()
	}
	result := sdktrace.SamplingResult{Decision: sdktrace.Drop, Tracestate: parent.TraceState()}
	if keep {
		result.Decision = sdktrace.RecordAndSample
	}
	return result
}

// Description implements sdktrace.Sampler.
func (s sampler) Description() string { return fmt.Sprintf("chainmail{%d}", s.from) }

// parseSampler reads OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. Empty is parentbased_always_on.
func parseSampler(name, argument string) (sampler, error) {
	var s sampler
	if name == "" {
		name = "parentbased_always_on"
	}
	kind, byParent := strings.CutPrefix(name, "parentbased_")
	s.byParent = byParent
	switch kind {
	case "always_on":
	case "always_off":
		s.from = 1 << randomBits
	case "traceidratio":
		share := 1.0
		if argument != "" {
			var err error
			if share, err = strconv.ParseFloat(argument, 64); err != nil || !(share >= 0 && share <= 1) {
				return s, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q: it must be a share from 0 to 1", argument)
			}
		}
		s.from = uint64(math.Round((1 - share) * (1 << randomBits)))
	default:
		return s, fmt.Errorf("OTEL_TRACES_SAMPLER is %q: it must be always_on, always_off or traceidratio, parentbased_ before it or not", name)
	}
	return s, nil
}
