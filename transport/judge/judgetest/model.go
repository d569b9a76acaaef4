package judgetest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"chainmail/guard/llm"
)

// Name is the model's name, Key the key that it wants.
const (
	Name = "test-model"
	Key  = "sk-0123456789-the-key-of-the-tests"
)

// Model is a server that speaks the chat-completions protocol. Its methods may be called concurrently.
type Model struct {
	URL string // for llm.Settings

	t      testing.TB
	answer func(Question) Answer

	mu    sync.Mutex
	texts []string // guarded by mu: what it was asked about, in order
}

// Question is what a model was asked.
type Question struct {
	ID   string // comes back in a good answer
	Text string // what to judge
}

// Answer is what a model does with a request.
type Answer func(w http.ResponseWriter, r *http.Request, q Question)

// Start starts a model that answers each question as answer says, and ends it with the test.
func Start(t testing.TB, answer func(Question) Answer) *Model {
	t.Helper()
	m := &Model{t: t, answer: answer}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.URL = server.URL + "/v1"
	return m
}

// Client returns a client of the model, closed with the test. A timeout of 0 is a minute, so that no answer of the
// model is late.
func (m *Model) Client(timeout time.Duration) *llm.Client {
	m.t.Helper()
	if timeout == 0 {
		timeout = time.Minute
	}
	c, err := llm.New(llm.Settings{URL: m.URL, Model: Name, Key: Key, Timeout: timeout, Concurrent: 1000})
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(c.Close)
	return c
}

// Texts returns what the model was asked about so far, in the order of the requests.
func (m *Model) Texts() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.texts)
}

// ServeHTTP implements http.Handler.
func (m *Model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := read(r)
	if err != nil {
		m.t.Errorf("the model was asked wrongly: %v", err)
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	m.texts = append(m.texts, q.Text)
	m.mu.Unlock()
	m.answer(q)(w, r, q)
}

// envelope is the user's message of a request: JSON between two lines with the question's id.
var envelope = regexp.MustCompile(`^BEGIN ([0-9a-f]{16})\n([^\n]*)\nEND ([0-9a-f]{16})$`)

func read(r *http.Request) (q Question, err error) {
	if r.Method != http.MethodPost || r.URL.Path != "/v1/chat/completions" {
		return q, fmt.Errorf("%s %s", r.Method, r.URL.Path)
	}
	if got := r.Header.Get("Authorization"); got != "Bearer "+Key {
		return q, fmt.Errorf("authorization %q", got)
	}
	var request struct {
		Model    string
		Messages []struct{ Role, Content string }
	}
	body, err := io.ReadAll(r.Body) // to its end, so that r's context ends when the client leaves
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	if err != nil {
		return q, err
	}
	if request.Model != Name || len(request.Messages) != 2 {
		return q, fmt.Errorf("%d messages to %q", len(request.Messages), request.Model)
	}
	parts := envelope.FindStringSubmatch(request.Messages[1].Content)
	if parts == nil || parts[1] != parts[3] {
		return q, fmt.Errorf("the text is not in its envelope")
	}
	q.ID = parts[1]
	return q, json.Unmarshal([]byte(parts[2]), &q)
}
