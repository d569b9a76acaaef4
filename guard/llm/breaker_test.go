package llm_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/guard/llm"
)

// asks puts n questions that were never asked before, and returns the last one's error.
func asks(t *testing.T, c *llm.Client, n int) error {
	t.Helper()
	var err error
	for i := range n {
		_, err = c.Ask(t.Context(), fmt.Sprint(secret, i, time.Now(), c.Stats().Requests))
	}
	return err
}

func TestBreakerOpensAndCloses(t *testing.T) {
	t.Parallel()
	failing := map[string]model{
		"500":  status(500),
		"429":  status(429),
		"408":  status(408),
		"gone": func(http.ResponseWriter, *http.Request, question) { panic(http.ErrAbortHandler) },
		"mute": func(_ http.ResponseWriter, r *http.Request, _ question) { <-r.Context().Done() },
	}
	for name, m := range failing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { openAndClose(t, m) })
		})
	}
}

func openAndClose(t *testing.T, failing model) {
	answers, requests := failing, 0
	c := bubbled(t, llm.Settings{}, func(w http.ResponseWriter, r *http.Request, q question) {
		requests++
		answers(w, r, q)
	})
	expect := func(breaker string, want int) {
		t.Helper()
		synctest.Wait() // the server may still be about it
		if got := c.Stats().Breaker; got != breaker || requests != want {
			t.Fatalf("got breaker %s after %d requests, want %s after %d", got, requests, breaker, want)
		}
	}
	expect("closed", 0)
	if err := asks(t, c, llm.BreakerRun); err == nil {
		t.Fatal("the server fails, and yet there is an opinion")
	}
	expect("open", llm.BreakerRun)

	start := time.Now()
	wantFailure(t, asks(t, c, 20), llm.Unavailable)
	if took := time.Since(start); took != 0 {
		t.Errorf("20 questions that could not be asked took %v", took)
	}
	expect("open", llm.BreakerRun)

	time.Sleep(llm.BreakerRest + time.Millisecond)
	expect("half-open", llm.BreakerRun)
	asks(t, c, 1)
	expect("open", llm.BreakerRun+1)

	time.Sleep(llm.BreakerRest + time.Millisecond)
	synctest.Wait()
	answers = says(llm.Benign, 0)
	if err := asks(t, c, 1); err != nil {
		t.Fatal(err)
	}
	expect("closed", llm.BreakerRun+2)
}

// The failure that opens the breaker is not followed by a retry that would be refused.
func TestNoRetryOnceOpen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbled(t, llm.Settings{}, status(500))
		for _, want := range []uint64{2, 4, 5} {
			asks(t, c, 1)
			if s := c.Stats(); s.Requests != want {
				t.Errorf("got %d requests, want %d", s.Requests, want)
			}
		}
	})
}

// While one question tries whether the model is back, the others don't wait for it.
func TestOneProbe(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		answers := status(500)
		c := bubbled(t, llm.Settings{}, func(w http.ResponseWriter, r *http.Request, q question) { answers(w, r, q) })
		asks(t, c, llm.BreakerRun)
		time.Sleep(llm.BreakerRest + time.Millisecond)
		answers = func(w http.ResponseWriter, r *http.Request, q question) {
			time.Sleep(time.Second)
			says(llm.Benign, 0)(w, r, q)
		}
		probe := make(chan error)
		go func() {
			_, err := c.Ask(t.Context(), "probe")
			probe <- err
		}()
		synctest.Wait()
		start := time.Now()
		wantFailure(t, asks(t, c, 5), llm.Unavailable)
		if took := time.Since(start); took != 0 {
			t.Errorf("the others waited %v", took)
		}
		if err := <-probe; err != nil {
			t.Error(err)
		}
		if err := asks(t, c, 1); err != nil {
			t.Error(err)
		}
	})
}

// What a text can bring about must not keep others from being judged.
func TestBreakerStaysClosed(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]model{"malformed": writes("{}"), "400": status(400), "401": status(401), "403": status(403), "404": status(404)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := bubbled(t, llm.Settings{}, m)
				asks(t, c, 10*llm.BreakerRun)
				if s := c.Stats(); s.Breaker != "closed" || s.Requests != 10*llm.BreakerRun {
					t.Errorf("got %+v", s)
				}
			})
		})
	}
}

// A crowd makes questions wait, and a model that takes its time has too little of it for them. That is not the model's fault: the next one is asked as if nothing had been.
func TestACrowdDoesNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbled(t, llm.Settings{}, func(w http.ResponseWriter, r *http.Request, q question) {
			select {
			case <-time.After(llm.DefaultTimeout * 6 / 10):
				says(llm.Scam, 1)(w, r, q)
			case <-r.Context().Done():
			}
		})
		var crowd sync.WaitGroup
		ask := func(name string) {
			for i := range llm.DefaultConcurrent {
				crowd.Go(func() { c.Ask(t.Context(), fmt.Sprint(name, i)) })
			}
		}
		ask("has a place at once")
		time.Sleep(llm.DefaultTimeout * 3 / 20)
		ask("waits for one")
		crowd.Wait()
		if s := c.Stats(); s.Breaker != "closed" || s.Opinions != llm.DefaultConcurrent || s.Failures[llm.Timeout] != llm.DefaultConcurrent {
			t.Errorf("got %+v", s)
		}
		if got, err := c.Ask(t.Context(), "somebody else's"); err != nil || got.Label != llm.Scam {
			t.Errorf("somebody else's text: got %+v, %v", got, err)
		}
	})
}

// A request with too little time says nothing, neither that the model is away nor that it is back: those that had the time decide.
func TestARequestWithLittleTimeSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbled(t, llm.Settings{Concurrent: 1}, func(_ http.ResponseWriter, r *http.Request, _ question) { <-r.Context().Done() })
		asks(t, c, llm.BreakerRun-2)
		failures := make(chan error)
		for i := range 2 { // the second one waits
			go func() {
				_, err := c.Ask(t.Context(), fmt.Sprint("crowd", i))
				failures <- err
			}()
			time.Sleep(llm.DefaultTimeout * 6 / 10)
		}
		wantFailure(t, <-failures, llm.Timeout)
		wantFailure(t, <-failures, llm.Timeout)
		if s := c.Stats(); s.Breaker != "closed" || s.Requests != llm.BreakerRun {
			t.Errorf("before: got %+v", s)
		}
		asks(t, c, 1)
		if s := c.Stats(); s.Breaker != "open" || s.Requests != llm.BreakerRun+1 {
			t.Errorf("after: got %+v", s)
		}
	})
}

func TestCallersWhoLeaveDoNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := bubbled(t, llm.Settings{}, func(w http.ResponseWriter, r *http.Request, q question) {
			time.Sleep(time.Second)
			says(llm.Benign, 0)(w, r, q)
		})
		for i := range 2 * llm.BreakerRun {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_, err := c.Ask(ctx, fmt.Sprint(i))
			cancel()
			wantFailure(t, err, llm.Timeout)
		}
		time.Sleep(2 * time.Second)
		if s := c.Stats(); s.Breaker != "closed" || s.Opinions != 2*llm.BreakerRun || s.Failures[llm.Timeout] != 0 {
			t.Errorf("got %+v", s)
		}
	})
}
