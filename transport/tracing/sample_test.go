package tracing_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"chainmail/transport/tracing"
)

// Of events' ids the share that is asked for is kept, by every server the same.
func TestShareOfEvents(t *testing.T) {
	t.Parallel()
	const count = 20_000
	for share, argument := range map[float64]string{0: "0", 0.01: "0.01", 0.1: "0.1", 0.5: "0.5", 0.9: "0.9", 1: "1"} {
		one, other := keeper(t, argument), keeper(t, argument)
		kept := 0
		for range count {
			id := trace.TraceID(uuid.Must(uuid.NewV7()))
			if one(id) != other(id) {
				t.Fatalf("%g: two servers disagree on %s", share, id)
			}
			if one(id) {
				kept++
			}
		}
		bound := 6 * math.Sqrt(count*share*(1-share)) // six sigma
		if got := float64(kept); math.Abs(got-share*count) > bound {
			t.Errorf("%g: kept %d of %d", share, kept, count)
		}
	}
}

// Whoever is kept at a share is kept at a larger one too, so that servers of different shares have something in common.
func TestSharesAreNested(t *testing.T) {
	t.Parallel()
	few, many := keeper(t, "0.1"), keeper(t, "0.3")
	for range 10_000 {
		if id := trace.TraceID(uuid.Must(uuid.NewV7())); few(id) && !many(id) {
			t.Fatalf("%s is kept at 0.1 and not at 0.3", id)
		}
	}
}

// Why the SDK's own sampler will not do: of UUIDs it keeps none at all, or all.
func TestTheSDKsSamplerIsNoneForUUIDs(t *testing.T) {
	t.Parallel()
	for share, want := range map[float64]sdktrace.SamplingDecision{0.3: sdktrace.Drop, 0.8: sdktrace.RecordAndSample} {
		sampler := sdktrace.TraceIDRatioBased(share)
		for range 1_000 {
			id := trace.TraceID(uuid.Must(uuid.NewV7()))
			if got := sampler.ShouldSample(sdktrace.SamplingParameters{ParentContext: t.Context(), TraceID: id}).Decision; got != want {
				t.Fatalf("%g: it tells UUIDs apart now: the package can do without its own", share)
			}
		}
	}
}

// keeper returns which traces are kept at a share.
func keeper(t *testing.T, share string) func(trace.TraceID) bool {
	t.Helper()
	s := settings(t, map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": share})
	return s.Keeps
}

const endpoint = "http://127.0.0.1:1/v1/traces"

func settings(t *testing.T, env map[string]string) tracing.Settings {
	t.Helper()
	s, err := tracing.FromEnvironment(endpoint, func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flag string
		env  map[string]string
		want string // the endpoint
		bad  string // in the error
	}{
		"nothing":               {want: ""},
		"the flag":              {flag: endpoint, want: endpoint},
		"for traces, as it is":  {env: map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c/x"}, want: "https://c/x"},
		"for all signals":       {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318/"}, want: "http://c:4318/v1/traces"},
		"the flag counts first": {flag: endpoint, env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, want: endpoint},
		"disabled":              {flag: endpoint, env: map[string]string{"OTEL_SDK_DISABLED": "true"}},
		"no exporter":           {flag: endpoint, env: map[string]string{"OTEL_TRACES_EXPORTER": "none"}},
		"another exporter":      {flag: endpoint, env: map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, bad: "OTEL_TRACES_EXPORTER"},
		"another protocol":      {flag: endpoint, env: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, bad: "OTEL_EXPORTER_OTLP_PROTOCOL"},
		"no URL":                {flag: "collector:4317", bad: "must be a URL"},
		"no time":               {flag: endpoint, env: map[string]string{"OTEL_EXPORTER_OTLP_TIMEOUT": "10s"}, bad: "OTEL_EXPORTER_OTLP_TIMEOUT"},
		"no header":             {flag: endpoint, env: map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "s3cret"}, bad: "OTEL_EXPORTER_OTLP_HEADERS"},
		"no sampler":            {flag: endpoint, env: map[string]string{"OTEL_TRACES_SAMPLER": "jaeger_remote"}, bad: "OTEL_TRACES_SAMPLER"},
		"no share": {flag: endpoint, env: map[string]string{"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "NaN"},
			bad: "OTEL_TRACES_SAMPLER_ARG"},
	} {
		s, err := tracing.FromEnvironment(test.flag, func(name string) string { return test.env[name] })
		if (err != nil) != (test.bad != "") || err != nil && !strings.Contains(err.Error(), test.bad) || s.Endpoint != test.want && err == nil {
			t.Errorf("%s: got %q, %v", name, s.Endpoint, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error shows a header: %v", name, err)
		}
	}
}
