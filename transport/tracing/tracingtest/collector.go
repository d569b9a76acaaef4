// Package tracingtest is a collector of traces for tests. It takes OTLP over HTTP in JSON, as strictly as the specification has it.
package tracingtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// Span is one that was sent.
type Span struct {
	Service, Instance       string
	TraceID, SpanID, Parent string // hexadecimal; no Parent: empty
	Name                    string
	Kind                    int
	Start, End              int64             // nanoseconds since 1970
	Attributes              map[string]string // of any kind, as text
	Links                   []string          // trace ids
	Failed                  bool
}

// Collector is a running collector.
type Collector struct {
	// URL is where spans go.
	URL string

	t        testing.TB
	mu       sync.Mutex
	spans    []Span        // guarded by mu
	requests int           // guarded by mu
	headers  []http.Header // guarded by mu
	status   int           // guarded by mu; 0: all is well
	answer   string        // guarded by mu
}

// Start returns a collector that runs until the test ends. What it is sent against the specification is an error of the test.
func Start(t testing.TB) *Collector {
	t.Helper()
	c := &Collector{t: t, answer: `{"partialSuccess":{}}`}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL + "/v1/traces"
	return c
}

// Answer has it answer with a status, and for 200 with a body.
func (c *Collector) Answer(status int, body string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.status, c.answer = status, body
}

// Spans returns what was sent so far.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Requests counts them, and returns the headers of each.
func (c *Collector) Requests() (int, []http.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, slices.Clone(c.headers)
}

// ServeHTTP implements http.Handler.
func (c *Collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Errorf("collector: %v", err)
	}
	if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/json" {
		c.t.Errorf("collector: got %s %s of type %q", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
	}
	spans, err := Parse(raw)
	if err != nil {
		c.t.Errorf("collector: %v in %s", err, raw)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	c.headers = append(c.headers, r.Header)
	w.Header().Set("Content-Type", "application/json")
	if c.status != 0 && c.status != http.StatusOK {
		w.WriteHeader(c.status)
		return
	}
	c.spans = append(c.spans, spans...)
	fmt.Fprint(w, c.answer)
}

// The messages of opentelemetry-proto (collector/trace/v1, trace/v1, resource/v1, common/v1) by the names of the JSON mapping. What
// these do not name is an error.
type (
	request struct {
		ResourceSpans []struct {
			Resource struct {
				Attributes []attribute `json:"attributes"`
			} `json:"resource"`
			ScopeSpans []struct {
				Scope struct{ Name, Version string } `json:"scope"`
				Spans []span                         `json:"spans"`
			} `json:"scopeSpans"`
		} `json:"resourceSpans"`
	}
	span struct {
		TraceID                string      `json:"traceId"`
		SpanID                 string      `json:"spanId"`
		TraceState             string      `json:"traceState"`
		ParentSpanID           string      `json:"parentSpanId"`
		Flags                  uint32      `json:"flags"`
		Name                   string      `json:"name"`
		Kind                   int         `json:"kind"` // a number: names of enumerations are not allowed
		StartTimeUnixNano      string      `json:"startTimeUnixNano"`
		EndTimeUnixNano        string      `json:"endTimeUnixNano"`
		Attributes             []attribute `json:"attributes"`
		DroppedAttributesCount uint32      `json:"droppedAttributesCount"`
		Links                  []struct {
			TraceID string `json:"traceId"`
			SpanID  string `json:"spanId"`
			Flags   uint32 `json:"flags"`
		} `json:"links"`
		DroppedLinksCount uint32 `json:"droppedLinksCount"`
		Status            struct {
			Message string `json:"message"`
			Code    int    `json:"code"`
		} `json:"status"`
	}
	attribute struct {
		Key   string `json:"key"`
		Value struct {
			StringValue *string `json:"stringValue"`
			BoolValue   *bool   `json:"boolValue"`
			IntValue    *string `json:"intValue"` // 64 bits are a string
		} `json:"value"`
	}
)

var (
	traceIDPattern = regexp.MustCompile(`^[0-9a-f]{32}$`) // hexadecimal, where Protocol Buffers' JSON has base64
	spanIDPattern  = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// Parse reads a request, and returns an error for what the specification does not allow.
func Parse(raw []byte) ([]Span, error) {
	var all request
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return nil, err
	}
	var spans []Span
	for _, of := range all.ResourceSpans {
		who, err := texts(of.Resource.Attributes)
		if err != nil {
			return nil, err
		}
		for _, scope := range of.ScopeSpans {
			for _, s := range scope.Spans {
				read, err := s.read()
				if err != nil {
					return nil, err
				}
				read.Service, read.Instance = who["service.name"], who["service.instance.id"]
				if read.Service == "" || read.Instance == "" || scope.Scope.Name == "" {
					return nil, fmt.Errorf("nobody says who sends %s", read.Name)
				}
				spans = append(spans, read)
			}
		}
	}
	return spans, nil
}

func (s *span) read() (Span, error) {
	read := Span{TraceID: s.TraceID, SpanID: s.SpanID, Parent: s.ParentSpanID, Name: s.Name, Kind: s.Kind, Failed: s.Status.Code == 2}
	none := regexp.MustCompile(`^0*$`)
	switch {
	case !traceIDPattern.MatchString(s.TraceID) || none.MatchString(s.TraceID):
		return read, fmt.Errorf("the trace's id is %q", s.TraceID)
	case !spanIDPattern.MatchString(s.SpanID) || none.MatchString(s.SpanID):
		return read, fmt.Errorf("the span's id is %q", s.SpanID)
	case s.ParentSpanID != "" && !spanIDPattern.MatchString(s.ParentSpanID):
		return read, fmt.Errorf("the parent's id is %q", s.ParentSpanID)
	case s.Name == "" || s.Kind < 1 || s.Kind > 5 || s.Status.Code < 0 || s.Status.Code > 2:
		return read, fmt.Errorf("name %q, kind %d, status %d", s.Name, s.Kind, s.Status.Code)
	}
	var err, err2 error
	read.Start, err = strconv.ParseInt(s.StartTimeUnixNano, 10, 64)
	read.End, err2 = strconv.ParseInt(s.EndTimeUnixNano, 10, 64)
	if err != nil || err2 != nil || read.End < read.Start || read.Start <= 0 {
		return read, fmt.Errorf("%s is from %q to %q", s.Name, s.StartTimeUnixNano, s.EndTimeUnixNano)
	}
	for _, l := range s.Links {
		if !traceIDPattern.MatchString(l.TraceID) || !spanIDPattern.MatchString(l.SpanID) {
			return read, fmt.Errorf("%s has a link to %q %q", s.Name, l.TraceID, l.SpanID)
		}
		read.Links = append(read.Links, l.TraceID)
	}
	read.Attributes, err = texts(s.Attributes)
	return read, err
}

// texts reads attributes, each once and with one value.
func texts(list []attribute) (map[string]string, error) {
	all := make(map[string]string)
	for _, a := range list {
		var values []string
		if a.Value.StringValue != nil {
			values = append(values, *a.Value.StringValue)
		}
		if a.Value.BoolValue != nil {
			values = append(values, strconv.FormatBool(*a.Value.BoolValue))
		}
		if a.Value.IntValue != nil {
			if _, err := strconv.ParseInt(*a.Value.IntValue, 10, 64); err != nil {
				return nil, err
			}
			values = append(values, *a.Value.IntValue)
		}
		if _, twice := all[a.Key]; a.Key == "" || twice || len(values) != 1 {
			return nil, fmt.Errorf("the attribute %q has values %q", a.Key, values)
		}
		all[a.Key] = values[0]
	}
	return all, nil
}
