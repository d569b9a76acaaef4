package llm_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/guard/llm"
)

// Whatever a server does, the answer is there in time. The clock is the bubble's.
func TestDeadline(t *testing.T) {
	t.Parallel()
	tests := map[string]model{
		"slow": func(w http.ResponseWriter, r *http.Request, q question) {
			time.Sleep(llm.DefaultTimeout + time.Millisecond)
			says(llm.Benign, 0)(w, r, q)
		},
		"silent": func(_ http.ResponseWriter, r *http.Request, _ question) { <-r.Context().Done() },
		"headers alone": func(w http.ResponseWriter, r *http.Request, _ question) {
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"half an answer": func(w http.ResponseWriter, r *http.Request, q question) {
			body := completion(judgement(q.id, llm.Benign, 0))
			io.WriteString(w, body[:len(body)/2])
			http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
		"a body that drips": func(w http.ResponseWriter, r *http.Request, _ question) {
			for r.Context().Err() == nil {
				io.WriteString(w, " ")
				http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
		"interim answers": func(w http.ResponseWriter, r *http.Request, _ question) {
			for range 4 {
				w.WriteHeader(http.StatusEarlyHints)
			}
			<-r.Context().Done()
		},
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := bubbled(t, llm.Settings{}, m)
				wantTimeout(t, c, llm.DefaultTimeout)
			})
		})
	}
}

// wantTimeout asks, and checks that the answer is a timeout after just so long.
func wantTimeout(t *testing.T, c *llm.Client, after time.Duration) {
	t.Helper()
	start := time.Now()
	_, err := c.Ask(t.Context(), secret)
	wantFailure(t, err, llm.Timeout)
	if got := time.Since(start); got != after {
		t.Errorf("answered after %v, want %v", got, after)
	}
}

// peer serves connections without HTTP.
func peer(t *testing.T, serve func(net.Conn)) *llm.Client {
	listener := newMemory()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	c := dialling(t, llm.Settings{}, listener)
	t.Cleanup(func() {
		c.Close()
		listener.Close()
		<-done
	})
	return c
}

func TestDeadlineBelowHTTP(t *testing.T) {
	t.Parallel()
	tests := map[string]func(net.Conn){
		"reads and never answers": func(c net.Conn) { io.Copy(io.Discard, c) },
		"never reads":             func(net.Conn) { time.Sleep(time.Hour) },
		"a header that drips": func(c net.Conn) {
			http.ReadRequest(bufio.NewReader(c))
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for i := 0; err == nil; i++ {
				_, err = fmt.Fprintf(c, "X-%d: x\r\n", i)
				time.Sleep(10 * time.Millisecond)
			}
		},
	}
	for name, serve := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				wantTimeout(t, peer(t, serve), llm.DefaultTimeout)
			})
		})
	}
}

func TestEndlessHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := peer(t, func(c net.Conn) {
			http.ReadRequest(bufio.NewReader(c))
			_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\n")
			for n := 0; err == nil; n++ {
				if _, err = fmt.Fprintf(c, "X: %s\r\n", secret); n == llm.MaxAnswer {
					t.Error("the header is read on and on")
					return
				}
			}
		})
		_, err := c.Ask(t.Context(), secret)
		wantFailure(t, err, llm.Unavailable)
	})
}

func TestNobodyAccepts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := dialling(t, llm.Settings{Timeout: time.Second}, newMemory())
		defer c.Close()
		wantTimeout(t, c, time.Second)
	})
}

func TestCallersContextEndsHisWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &counting{takes: time.Second}
		c := bubbled(t, llm.Settings{}, s.answer)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Ask(ctx, secret)
		wantFailure(t, err, llm.Timeout)
		if got := time.Since(start); got != 100*time.Millisecond || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v after %v", err, got)
		}
		// The request went on, and its answer is kept.
		time.Sleep(time.Second)
		synctest.Wait()
		if got, err := c.Ask(t.Context(), secret); err != nil || got.Label != llm.Scam || s.asked.Load() != 1 {
			t.Errorf("got %+v, %v after %d requests, want the answer that he did not wait for", got, err, s.asked.Load())
		}
	})
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbled(t, llm.Settings{Concurrent: 1}, func(_ http.ResponseWriter, r *http.Request, _ question) { <-r.Context().Done() })
		start := time.Now()
		errs := make(chan error, 2)
		for i := range 2 { // one has a place, the other waits for it
			go func() {
				_, err := c.Ask(t.Context(), fmt.Sprint(secret, i))
				errs <- err
			}()
		}
		synctest.Wait()
		c.Close()
		for range 2 {
			wantFailure(t, <-errs, llm.Unavailable)
		}
		_, err := c.Ask(t.Context(), secret)
		wantFailure(t, err, llm.Unavailable)
		if got := time.Since(start); got != 0 {
			t.Errorf("closed after %v", got)
		}
	})
}
