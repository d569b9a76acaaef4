package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// maxAnswer bounds what is read of a collector's answer.
const maxAnswer = 64 << 10

// exporter sends spans as OTLP/HTTP with JSON (OTLP Specification 1.x, "OTLP/HTTP"). The exporters of the OpenTelemetry project
// bring gRPC and Protocol Buffers with them: docs/decisions/0022-traces.md.
type exporter struct {
	endpoint string
	headers  map[string]string
	timeout  time.Duration
	client   *http.Client
	body     bytes.Buffer // owned by the one who exports
}

func newExporter(s Settings) *exporter {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 1
	return &exporter{
		endpoint: s.Endpoint, headers: s.headers, timeout: s.timeout,
		client: &http.Client{
			Transport: transport,
			// Headers hold secrets, and are meant for the endpoint.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// export sends spans, once: who is away or overloaded misses them. It returns how many the collector has refused of those that it took.
func (e *exporter) export(ctx context.Context, spans []sdktrace.ReadOnlySpan) (rejected int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	e.body.Reset()
	if err := json.NewEncoder(&e.body).Encode(encode(spans)); err != nil {
		return 0, fmt.Errorf("encode %d spans: %w", len(spans), err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.endpoint, bytes.NewReader(e.body.Bytes()))
	if err != nil {
		return 0, fmt.Errorf("send %d spans: %w", len(spans), err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "chainmail/"+version())
	for name, value := range e.headers {
		request.Header.Set(name, value)
	}
	response, err := e.client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("send %d spans: %w", len(spans), err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("send %d spans: the collector answers %s", len(spans), response.Status)
	}
	var answer struct {
		PartialSuccess struct {
			RejectedSpans json.Number `json:"rejectedSpans"` // a string, as 64 bits are; some send a number
		} `json:"partialSuccess"`
	}
	if err != nil || json.Unmarshal(raw, &answer) != nil {
		return 0, nil // it has taken them, whatever it says
	}
	rejected, _ = answer.PartialSuccess.RejectedSpans.Int64() // empty: none
	return min(max(0, rejected), int64(len(spans))), nil
}

func (e *exporter) close() { e.client.CloseIdleConnections() }
