package llm_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/guard/llm"
)

// inTurn answers the first request as the first model does and so on; the last one answers the rest.
func inTurn(models ...model) (m model, asked func() int) {
	n := 0
	return func(w http.ResponseWriter, r *http.Request, q question) {
		turn := min(n, len(models)-1)
		n++
		models[turn](w, r, q)
	}, func() int { return n }
}

// later is a server that asks to be left alone for so long.
func later(code int, after string) model {
	return func(w http.ResponseWriter, _ *http.Request, _ question) {
		w.Header().Set("Retry-After", after)
		w.WriteHeader(code)
	}
}

func TestOneRetry(t *testing.T) {
	t.Parallel()
	hangUp := func(http.ResponseWriter, *http.Request, question) { panic(http.ErrAbortHandler) }
	slow := func(code int) model {
		return func(w http.ResponseWriter, r *http.Request, q question) {
			time.Sleep(llm.DefaultTimeout * 3 / 4)
			status(code)(w, r, q)
		}
	}
	fine := says(llm.Spam, 0.5)
	const soon = 100 * time.Millisecond
	tests := []struct {
		name     string
		models   []model
		want     llm.Failure // "" for an opinion
		asked    int
		earliest time.Duration
		latest   time.Duration
	}{
		{"500", []model{status(500), fine}, "", 2, soon / 2, soon},
		{"503", []model{status(503), fine}, "", 2, soon / 2, soon},
		{"408", []model{status(408), fine}, "", 2, soon / 2, soon},
		{"429", []model{status(429), fine}, "", 2, soon / 2, soon},
		{"connection breaks", []model{hangUp, fine}, "", 2, soon / 2, soon},
		{"answer breaks off", []model{half, fine}, "", 2, soon / 2, soon},
		{"not twice", []model{status(500), status(503), fine}, llm.Unavailable, 2, soon / 2, soon},
		{"429, then refused", []model{status(429), status(401), fine}, llm.Refused, 2, soon / 2, soon},
		{"429 in a second", []model{later(429, "1"), fine}, "", 2, time.Second, time.Second},
		{"503 in a second", []model{later(503, "1"), fine}, "", 2, time.Second, time.Second},
		{"429 at once", []model{later(429, "0"), fine}, "", 2, soon / 2, soon},
		{"429 too late", []model{later(429, "2"), fine}, llm.Overloaded, 1, 0, 0},
		{"429 much too late", []model{later(429, "99999999999999999999"), fine}, "", 2, soon / 2, soon},
		{"429 in an hour", []model{later(429, "3600"), fine}, llm.Overloaded, 1, 0, 0},
		{"no time left", []model{slow(500), fine}, llm.Unavailable, 1, llm.DefaultTimeout * 3 / 4, llm.DefaultTimeout * 3 / 4},
		{"400", []model{status(400), fine}, llm.Refused, 1, 0, 0},
		{"malformed", []model{writes("{}"), fine}, llm.Malformed, 1, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				m, asked := inTurn(tt.models...)
				c := bubbled(t, llm.Settings{}, m)
				start := time.Now()
				_, err := c.Ask(t.Context(), secret)
				took := time.Since(start)
				if tt.want != "" {
					wantFailure(t, err, tt.want)
				} else if err != nil {
					t.Error(err)
				}
				if asked() != tt.asked || took < tt.earliest || took > tt.latest {
					t.Errorf("got %d requests in %v, want %d in %v to %v", asked(), took, tt.asked, tt.earliest, tt.latest)
				}
				if s := c.Stats(); int(s.Requests) != tt.asked {
					t.Errorf("counts: got %+v", s)
				}
			})
		})
	}
}

// Every other request fails, and yet only a tenth of the questions, and the reserve, is asked again.
func TestRetryBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := bubbled(t, llm.Settings{}, func(w http.ResponseWriter, r *http.Request, q question) {
			if n++; n%2 == 0 {
				status(500)(w, r, q)
				return
			}
			says(llm.Benign, 0)(w, r, q)
		})
		const questions = 500
		for i := range questions {
			c.Ask(t.Context(), fmt.Sprint(i))
		}
		requests := int(c.Stats().Requests)
		if got, most := requests-questions, questions/10+llm.RetryReserve; got > most || got < questions/10 {
			t.Errorf("retries: got %d, want %d to %d", got, questions/10, most)
		}
		if requests != n {
			t.Errorf("requests: got %d, the server had %d", requests, n)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"1":                             time.Second,
		"-1":                            0,
		"1.5":                           0,
		"soon":                          0,
		"86400":                         time.Hour,
		"99999999999999999999":          0,
		"Sun, 01 Jun 2025 12:00:03 GMT": 3 * time.Second,
		"Sun, 01 Jun 2025 11:00:00 GMT": 0,
		"Sun, 01 Jun 2225 11:00:00 GMT": time.Hour,
	}
	for value, want := range tests {
		if got := llm.RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}
