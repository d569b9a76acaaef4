package llm_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/guard/llm"
)

// counting takes a while for an answer, and keeps count of the requests it has at once.
type counting struct {
	takes                 time.Duration
	asked, underWay, most atomic.Int64
}

func (s *counting) answer(w http.ResponseWriter, r *http.Request, q question) {
	s.asked.Add(1)
	now := s.underWay.Add(1)
	for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
	}
	time.Sleep(s.takes)
	s.underWay.Add(-1)
	says(llm.Scam, 0.9)(w, r, q)
}

func TestConcurrencyBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &counting{takes: 100 * time.Millisecond}
		c := bubbled(t, llm.Settings{Concurrent: 3}, s.answer)
		const questions = 20
		errs := make(chan error, questions)
		for i := range questions {
			go func() {
				_, err := c.Ask(t.Context(), fmt.Sprint(i))
				errs <- err
			}()
		}
		synctest.Wait()
		if got := c.Stats().UnderWay; got != 3 {
			t.Errorf("under way: got %d, want 3", got)
		}
		for range questions {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		if got := s.most.Load(); got != 3 {
			t.Errorf("at once: got %d, want 3", got)
		}
	})
}

func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &counting{takes: llm.DefaultTimeout - time.Millisecond}
		c := bubbled(t, llm.Settings{Concurrent: 1}, s.answer)
		first := make(chan error)
		go func() {
			_, err := c.Ask(t.Context(), "first")
			first <- err
		}()
		synctest.Wait()
		start := time.Now()
		_, err := c.Ask(t.Context(), secret)
		wantFailure(t, err, llm.Busy)
		if took := time.Since(start); took != llm.DefaultTimeout/2 {
			t.Errorf("waited %v for a place, want half the time", took)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		if got := c.Stats(); s.asked.Load() != 1 || got.Failures[llm.Busy] != 1 {
			t.Errorf("requests: got %d, counts %+v", s.asked.Load(), got)
		}
	})
}

func TestEqualTextsShareARequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &counting{takes: time.Second}
		c := bubbled(t, llm.Settings{}, s.answer)
		left, leave := context.WithCancel(t.Context())
		const callers = 50
		first, rest := make(chan error, 1), make(chan error, callers)
		go func() {
			_, err := c.Ask(left, "text")
			first <- err
		}()
		synctest.Wait()
		for range callers {
			go func() {
				o, err := c.Ask(t.Context(), "text")
				if err == nil && o.Label != llm.Scam {
					err = fmt.Errorf("got %+v", o)
				}
				rest <- err
			}()
		}
		synctest.Wait()
		leave() // the one who began it
		wantFailure(t, <-first, llm.Timeout)
		for range callers {
			if err := <-rest; err != nil {
				t.Error(err)
			}
		}
		if got := c.Stats(); s.asked.Load() != 1 || got.Requests != 1 || got.Opinions != 1 {
			t.Errorf("requests: got %d, counts %+v", s.asked.Load(), got)
		}
	})
}

func TestCacheHitAndExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(counting)
		c := bubbled(t, llm.Settings{}, s.answer)
		steps := []struct {
			after time.Duration
			asked int64
		}{
			{0, 1},
			{time.Minute, 1},
			{llm.CacheLife - time.Minute - time.Millisecond, 1},
			{time.Millisecond, 2},
			{time.Millisecond, 2},
		}
		for i, step := range steps {
			time.Sleep(step.after)
			got, err := c.Ask(t.Context(), "text")
			if want := (llm.Opinion{Label: llm.Scam, Score: 0.9}); err != nil || got != want || s.asked.Load() != step.asked {
				t.Errorf("step %d: got %+v, %v after %d requests, want %+v after %d", i, got, err, s.asked.Load(), want, step.asked)
			}
		}
		if got := c.Stats(); got.Hits != 3 || got.Opinions != 2 {
			t.Errorf("counts: got %+v", got)
		}
	})
}

// A cached opinion needs neither a place nor the model.
func TestCacheServesWhileTheModelIsAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m, _ := inTurn(says(llm.Abuse, 0.8), status(500))
		c := bubbled(t, llm.Settings{}, m)
		if _, err := c.Ask(t.Context(), "text"); err != nil {
			t.Fatal(err)
		}
		wantFailure(t, asks(t, c, 2*llm.BreakerRun), llm.Unavailable)
		if got, err := c.Ask(t.Context(), "text"); err != nil || got.Label != llm.Abuse {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func BenchmarkAskCached(b *testing.B) {
	for _, size := range []int{100, 10_240} {
		b.Run(fmt.Sprintf("%dbytes", size), func(b *testing.B) {
			c := client(b, says(llm.Benign, 0))
			text := fmt.Sprintf("%*d", size, 1)
			if _, err := c.Ask(b.Context(), text); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if o, err := c.Ask(b.Context(), text); err != nil {
					b.Fatal(o, err)
				}
			}
			if got := c.Stats().Requests; got != 1 {
				b.Errorf("requests: got %d, want 1", got)
			}
		})
	}
}
