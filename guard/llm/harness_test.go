package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/guard/llm"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

const (
	key       = "sk-0123456789-the-key"
	modelName = "test-model"
	// secret is in texts and answers, and must be in no error.
	secret = "xylophone"
)

// question is what a server makes of a request.
type question struct {
	id      string
	text    string
	leftOut int
	ending  string
	header  http.Header
	request struct {
		Model    string `json:"model"`
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Temperature    *float64        `json:"temperature"`
		MaxTokens      int             `json:"max_tokens"`
		ResponseFormat json.RawMessage `json:"response_format"`
	}
}

// envelopePattern is the user's message: one line of JSON between two lines with one id.
var envelopePattern = regexp.MustCompile(`^BEGIN ([0-9a-f]{16})\n([^\n]*)\nEND ([0-9a-f]{16})$`)

// read takes a request apart as a model's server does.
func read(r *http.Request) (question, error) {
	var q question
	q.header = r.Header
	if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" {
		return q, fmt.Errorf("%s %s", r.Method, r.URL.Path)
	}
	if err := json.NewDecoder(r.Body).Decode(&q.request); err != nil {
		return q, err
	}
	if m := q.request.Messages; len(m) != 2 || m[0].Role != "system" || m[1].Role != "user" {
		return q, fmt.Errorf("messages: %v", m)
	}
	parts := envelopePattern.FindStringSubmatch(q.request.Messages[1].Content)
	if parts == nil || parts[1] != parts[3] {
		return q, errors.New("the text is not in its envelope")
	}
	q.id = parts[1]
	var envelope struct {
		Text    string `json:"text"`
		LeftOut int    `json:"left_out"`
		Ending  string `json:"ending"`
	}
	err := json.Unmarshal([]byte(parts[2]), &envelope)
	q.text, q.leftOut, q.ending = envelope.Text, envelope.LeftOut, envelope.Ending
	return q, err
}

// model answers questions.
type model func(w http.ResponseWriter, r *http.Request, q question)

// handler makes a server of a model. A request that is not as it should be fails the test.
func handler(t testing.TB, m model) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, err := read(r)
		if err != nil {
			t.Errorf("request: %v", err)
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		m(w, r, q)
	})
}

// completion is a chat completion with this text.
func completion(content string) string {
	b, err := json.Marshal(map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "model": modelName,
		"choices": []any{map[string]any{
			"index": 0, "finish_reason": "stop",
			"message": map[string]any{"role": "assistant", "content": content, "refusal": nil},
		}},
		"usage": map[string]any{"total_tokens": 500},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// judgement is what a model writes that does as it is told.
func judgement(id string, label llm.Label, score float64) string {
	return fmt.Sprintf(`{"id":%q,"label":%q,"score":%v}`, id, label, score)
}

// says is a model that always has the same opinion.
func says(label llm.Label, score float64) model {
	return func(w http.ResponseWriter, _ *http.Request, q question) {
		fmt.Fprint(w, completion(judgement(q.id, label, score)))
	}
}

// client returns a client of a model on a port of this machine.
func client(t testing.TB, m model) *llm.Client {
	t.Helper()
	server := httptest.NewServer(handler(t, m))
	t.Cleanup(server.Close)
	return clientOf(t, llm.Settings{URL: server.URL + "/v1", Model: modelName, Key: key})
}

// clientOf returns a client that is closed with the test. Unless the test says otherwise no answer is late, however busy the machine is.
func clientOf(t testing.TB, s llm.Settings) *llm.Client {
	t.Helper()
	if s.Timeout == 0 {
		s.Timeout = time.Minute
	}
	c, err := llm.New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// memory is a listener without a network, so that a bubble's clock runs on while its connections wait.
type memory struct {
	conns  chan net.Conn // unbuffered: a dial waits until it is accepted
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory {
	return &memory{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case m.conns <- far:
		return near, nil
	case <-m.closed:
		return nil, &net.OpError{Op: "dial", Net: "memory", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// bubbled returns a client of a model for a test inside a synctest bubble, where time is not real. The server is a real one.
func bubbled(t *testing.T, s llm.Settings, m model) *llm.Client {
	t.Helper()
	listener := newMemory()
	server := &http.Server{Handler: handler(t, m)}
	served := make(chan struct{})
	go func() {
		defer close(served)
		server.Serve(listener)
	}()
	c := dialling(t, s, listener)
	t.Cleanup(func() {
		c.Close()
		// It waits for its handlers: a bubble ends with its last goroutine.
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		<-served
	})
	return c
}

// dialling returns a client that reaches this listener and no other.
func dialling(t *testing.T, s llm.Settings, listener *memory) *llm.Client {
	t.Helper()
	s.URL, s.Model = "http://model.test/v1", modelName
	c, err := llm.New(s)
	if err != nil {
		t.Fatal(err)
	}
	c.Transport().Proxy = nil
	c.Transport().DialContext = listener.dial
	return c
}

// wantFailure checks that an Ask failed so, and that its error keeps to itself what is nobody's business.
func wantFailure(t testing.TB, err error, want llm.Failure) {
	t.Helper()
	var e *llm.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *llm.Error", err)
	}
	if e.Failure != want {
		t.Fatalf("got failure %q (%v), want %q", e.Failure, err, want)
	}
	for err := error(e); err != nil; err = errors.Unwrap(err) {
		for _, private := range []string{secret, key} {
			if strings.Contains(err.Error(), private) {
				t.Errorf("the error holds %q: %v", private, err)
			}
		}
	}
}

// quiet is for servers that have something to complain about.
func quiet() *log.Logger {
	return log.New(io.Discard, "", 0)
}
