package llm_test

import (
	"bufio"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/guard/llm"
)

// status is a server that answers so, and says what it must not be quoted with.
func status(code int) model {
	return func(w http.ResponseWriter, _ *http.Request, q question) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"error":{"message":"%s %s"}}`, secret, q.text)
	}
}

// writes is a server that answers with this, {id} replaced by the question's.
func writes(body string) model {
	return func(w http.ResponseWriter, _ *http.Request, q question) {
		io.WriteString(w, strings.ReplaceAll(body, "{id}", q.id))
	}
}

func TestNoOpinion(t *testing.T) {
	t.Parallel()
	right := completion(`{"id":"{id}","label":"benign","score":0}`)
	tests := []struct {
		name  string
		model model
		want  llm.Failure
	}{
		{"HTML", writes("<html>" + secret + "</html>"), llm.Malformed},
		{"nothing", writes(""), llm.Malformed},
		{"other JSON", writes(`{"` + secret + `":1}`), llm.Malformed},
		{"a list", writes(`[]`), llm.Malformed},
		{"wrong types", writes(`{"choices":{"message":"` + secret + `"}}`), llm.Malformed},
		{"two answers", writes(right + right), llm.Malformed},
		{"prose before it", writes(completion(secret + ` {"id":"{id}","label":"benign","score":0}`)), llm.Malformed},
		{"prose after it", writes(completion(`{"id":"{id}","label":"benign","score":0} ` + secret)), llm.Malformed},
		{"another id", writes(completion(`{"id":"` + secret + `","label":"benign","score":0}`)), llm.Malformed},
		{"another label", writes(completion(`{"id":"{id}","label":"` + secret + `","score":0}`)), llm.Malformed},
		{"too high a score", writes(completion(`{"id":"{id}","label":"benign","score":95}`)), llm.Malformed},
		{"compressed", compressed, llm.Malformed},
		{"huge", huge, llm.Malformed},
		{"endless", endless, llm.Malformed},
		{"no content", status(http.StatusNoContent), llm.Malformed},
		{"accepted", status(http.StatusAccepted), llm.Malformed},
		{"bad request", status(http.StatusBadRequest), llm.Refused},
		{"wrong key", status(http.StatusUnauthorized), llm.Refused},
		{"forbidden", status(http.StatusForbidden), llm.Refused},
		{"no such model", status(http.StatusNotFound), llm.Refused},
		{"not modified", status(http.StatusNotModified), llm.Refused},
		{"request timeout", status(http.StatusRequestTimeout), llm.Unavailable},
		{"overloaded", status(http.StatusTooManyRequests), llm.Overloaded},
		{"broken", status(http.StatusInternalServerError), llm.Unavailable},
		{"closed for now", status(http.StatusServiceUnavailable), llm.Unavailable},
		{"half an answer", half, llm.Unavailable},
		{"hangs up", func(http.ResponseWriter, *http.Request, question) { panic(http.ErrAbortHandler) }, llm.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := client(t, tt.model)
			_, err := c.Ask(t.Context(), secret)
			wantFailure(t, err, tt.want)
			s := c.Stats()
			if s.Failures[tt.want] != 1 || s.Opinions != 0 {
				t.Errorf("counts: got %+v", s)
			}
		})
	}
}

// compressed is a right answer, but compressed.
func compressed(w http.ResponseWriter, r *http.Request, q question) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	defer z.Close()
	fmt.Fprint(z, completion(judgement(q.id, llm.Benign, 0)))
}

// huge is a right answer, if only one reads far enough.
func huge(w http.ResponseWriter, _ *http.Request, q question) {
	io.WriteString(w, strings.Repeat(" ", llm.MaxAnswer))
	io.WriteString(w, completion(judgement(q.id, llm.Benign, 0)))
}

// endless has no end, as long as anybody reads.
func endless(w http.ResponseWriter, _ *http.Request, _ question) {
	for err := error(nil); err == nil; {
		_, err = io.WriteString(w, strings.Repeat(" ", 1<<10))
	}
}

// half promises an answer and breaks off in it.
func half(w http.ResponseWriter, _ *http.Request, q question) {
	body := completion(judgement(q.id, llm.Benign, 0))
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	io.WriteString(w, body[:len(body)/2])
	http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	var followed atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed.Store(true) }))
	t.Cleanup(other.Close)
	for _, code := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		c := client(t, func(w http.ResponseWriter, r *http.Request, _ question) {
			http.Redirect(w, r, other.URL+"/v1/chat/completions?"+secret, code)
		})
		_, err := c.Ask(t.Context(), secret)
		wantFailure(t, err, llm.Refused)
	}
	if followed.Load() {
		t.Error("text and key went to another address")
	}
}

func TestRefusedConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	c := clientOf(t, llm.Settings{URL: "http://" + address + "/v1", Model: modelName, Key: key})
	_, err = c.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Unavailable)
	if !strings.Contains(err.Error(), address) {
		t.Errorf("got %q, want it to name %s", err, address)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(handler(t, says(llm.Scam, 1)))
	server.Config.ErrorLog = quiet()
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	settings := llm.Settings{URL: server.URL + "/v1", Model: modelName, Key: key}

	stranger := clientOf(t, settings)
	_, err := stranger.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Unavailable)
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %q, want it to say what is wrong", err)
	}

	friend := clientOf(t, settings)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	friend.Transport().TLSClientConfig = &tls.Config{RootCAs: roots}
	if got, err := friend.Ask(t.Context(), secret); err != nil || got.Label != llm.Scam {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNotTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(handler(t, says(llm.Scam, 1)))
	server.Config.ErrorLog = quiet()
	server.Start()
	t.Cleanup(server.Close)
	c := clientOf(t, llm.Settings{URL: strings.Replace(server.URL, "http:", "https:", 1) + "/v1", Model: modelName, Key: key})
	_, err := c.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Unavailable)
}

// Go's own error quotes an answer that is not HTTP.
func TestNotHTTP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			http.ReadRequest(bufio.NewReader(conn))
			io.WriteString(conn, secret+" "+key+"\r\n\r\n")
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	c := clientOf(t, llm.Settings{URL: "http://" + listener.Addr().String() + "/v1", Model: modelName, Key: key})
	_, err = c.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Unavailable)
}

// A server that says nothing is left alone before it lets go.
func TestSilentServerOverTheNetwork(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	server := httptest.NewServer(handler(t, func(http.ResponseWriter, *http.Request, question) { <-release }))
	t.Cleanup(server.Close)
	c := clientOf(t, llm.Settings{URL: server.URL + "/v1", Model: modelName, Key: key, Timeout: 50 * time.Millisecond})
	_, err := c.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Timeout)
	close(release)
}

func TestFailureIsNotKept(t *testing.T) {
	t.Parallel()
	answers := []model{status(http.StatusUnauthorized), says(llm.Spam, 0.6)}
	c := client(t, func(w http.ResponseWriter, r *http.Request, q question) {
		answers[0](w, r, q)
		answers = answers[1:]
	})
	_, err := c.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Refused)
	if got, err := c.Ask(t.Context(), secret); err != nil || got.Label != llm.Spam {
		t.Errorf("got %+v, %v", got, err)
	}
}
