package tracing

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Settings say where spans go, which, and under which name. Those without an endpoint are off.
type Settings struct {
	// Endpoint takes OTLP over HTTP in JSON: a URL such as http://collector:4318/v1/traces.
	Endpoint string
	// Service is the name of what is traced.
	Service string

	headers map[string]string // secret
	timeout time.Duration     // of one request
	sampler sampler
}

// defaultTimeout is how long the standard has a request to a collector take.
const defaultTimeout = 10 * time.Second

// FromEnvironment reads the variables of the OpenTelemetry specification (Environment Variable Specification; OTLP Exporter):
// OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG, OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER and, each also with TRACES_ after
// OTLP_, OTEL_EXPORTER_OTLP_ENDPOINT, …_HEADERS, …_TIMEOUT and …_PROTOCOL. An endpoint that is given counts before theirs. An error names the
// variable and shows no header.
func FromEnvironment(endpoint string, getenv func(string) string) (Settings, error) {
	s := Settings{Endpoint: endpoint, Service: getenv("OTEL_SERVICE_NAME"), timeout: defaultTimeout}
	if s.Service == "" {
		s.Service = "chainmail"
	}
	if s.Endpoint == "" {
		s.Endpoint = getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	}
	if base := getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); s.Endpoint == "" && base != "" {
		s.Endpoint = strings.TrimSuffix(base, "/") + "/v1/traces"
	}
	exporter := getenv("OTEL_TRACES_EXPORTER")
	if s.Endpoint == "" || strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || exporter == "none" {
		return Settings{}, nil
	}
	if exporter != "" && exporter != "otlp" {
		return Settings{}, fmt.Errorf("OTEL_TRACES_EXPORTER is %q: it must be otlp or none", exporter)
	}
	if u, err := url.Parse(s.Endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return Settings{}, errors.New("the address for traces must be a URL such as http://collector:4318/v1/traces")
	}
	return s, s.read(func(name string) (string, string) {
		if value := getenv("OTEL_EXPORTER_OTLP_TRACES_" + name); value != "" {
			return "OTEL_EXPORTER_OTLP_TRACES_" + name, value
		}
		return "OTEL_EXPORTER_OTLP_" + name, getenv("OTEL_EXPORTER_OTLP_" + name)
	}, getenv)
}

func (s *Settings) read(otlp func(string) (name, value string), getenv func(string) string) (err error) {
	if name, value := otlp("PROTOCOL"); value != "" && value != "http/json" {
		return fmt.Errorf("%s is %q: this program speaks http/json", name, value)
	}
	if name, value := otlp("TIMEOUT"); value != "" {
		ms, err := strconv.Atoi(value)
		if err != nil || ms < 1 {
			return fmt.Errorf("%s is %q: it must be milliseconds, 1 or more", name, value)
		}
		s.timeout = time.Duration(ms) * time.Millisecond
	}
	name, value := otlp("HEADERS")
	if s.headers, err = parseHeaders(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s.sampler, err = parseSampler(getenv("OTEL_TRACES_SAMPLER"), getenv("OTEL_TRACES_SAMPLER_ARG"))
	return err
}

// parseHeaders reads key=value pairs with commas between them, encoded as in W3C Baggage.
func parseHeaders(list string) (map[string]string, error) {
	headers := make(map[string]string)
	for pair := range strings.SplitSeq(list, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		name, value, found := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !found || name == "" || err != nil {
			return nil, errors.New("it must be name=value pairs with commas between them")
		}
		headers[name] = value
	}
	return headers, nil
}
