package httpapi

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"chainmail/transport/frame"
	"chainmail/transport/login"
	"chainmail/transport/session"
)

// metrics counts requests by route, never by path, which has ids, and what became of logins.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	logins   *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chainmail_http_requests_total",
			Help: "HTTP requests by method, route and status.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "chainmail_http_request_duration_seconds",
			Help:    "How long HTTP requests took, by method and route.",
			Buckets: []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
		}, []string{"method", "route"}),
		logins: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chainmail_logins_total",
			Help: "Calls of a login: nonce, login, refresh or logout, by what became of them.",
		}, []string{"call", "outcome"}),
	}
	r.MustRegister(m.requests, m.seconds, m.logins)
	for _, call := range loginCalls {
		for _, outcome := range []string{"done", "refused", "reused", "limited", "invalid", "failed"} {
			m.logins.WithLabelValues(call, outcome) // there from the start, so that the first one is seen to be an increase
		}
	}
	return m
}

// otherMethod and noRoute stand where a request has a method or a path that nothing here takes: the values of a label must
// not be a client's to choose.
const (
	otherMethod = "other"
	noRoute     = "none"
)

func (m *metrics) observe(r *http.Request, status int, took time.Duration) {
	method, route := routeOf(r)
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}

// routeOf is the pattern that a request was answered by.
func routeOf(r *http.Request) (method, route string) {
	method, route, found := strings.Cut(r.Pattern, " ")
	switch {
	case r.Pattern == "":
		method, route = otherMethod, noRoute
	case !found: // a pattern for all methods
		method, route = otherMethod, r.Pattern
	}
	return method, route
}

// loginCalls are the calls of a login by the names that their metric has for them.
var loginCalls = map[string]string{
	"make-nonce": "nonce", "log-in": "login", "refresh-tokens": "refresh", "log-out": "logout",
}

// loggedIn counts a call of a login.
func (m *metrics) loggedIn(operation string, err error) {
	m.logins.WithLabelValues(loginCalls[operation], loginOutcome(err)).Inc()
}

// loginOutcome is done; refused; reused, for a refresh token that was used before; limited, for an address that asks too often; invalid,
// for what is no such request; or failed, which is our fault.
func loginOutcome(err error) string {
	var refused *login.Refused
	var known *Problem
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, session.ErrReused):
		return "reused"
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &known) && known.Code == frame.RateLimited:
		return "limited"
	case errors.As(err, &known) && known.Status < http.StatusInternalServerError:
		return "invalid"
	}
	return "failed"
}

func (a *api) serveMetrics() {
	if a.Gatherer == nil {
		return
	}
	a.mux.Handle("GET /metrics", promhttp.HandlerFor(a.Gatherer, promhttp.HandlerOpts{}))
}
