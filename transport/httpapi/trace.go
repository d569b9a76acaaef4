package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/transport/auth"
	"chainmail/transport/frame"
	"chainmail/transport/tracing"
)

// trace is what the access log says of a request.
type trace struct {
	id   string
	user domain.ID        // zero until the token is known to be good
	span *tracing.Request // nil where it is not traced
}

type traceKey struct{}

// requestID is that of the request, which the client gets in X-Request-Id.
func requestID(ctx context.Context) string {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		return t.id
	}
	return ""
}

func noteUser(ctx context.Context, user domain.ID) {
	if t, ok := ctx.Value(traceKey{}).(*trace); ok {
		t.user = user
	}
}

// trace names, logs and counts requests, and turns panics into a problem without details.
func (a *api) trace(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := a.Now()
		t := &trace{id: uuid.Must(uuid.NewV7()).String()}
		if !isProbe(r.URL.Path) {
			r, t.span = a.Traces.Request(r)
		}
		r = r.WithContext(context.WithValue(r.Context(), traceKey{}, t))
		rec := &recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-Id", t.id)
		rec.Header().Set("X-Content-Type-Options", "nosniff")
		rec.Header().Set("Cache-Control", "no-store")
		defer func() {
			a.recovered(rec, r, recover())
			took := a.Now().Sub(began)
			a.counts.observe(r, rec.status, took)
			a.log(rec, r, t, took)
			method, route := routeOf(r)
			t.span.End(t.id, method, route, rec.status)
		}()
		next.ServeHTTP(rec, r)
		if rec.status == 0 { // nothing was written: net/http says 200
			rec.status = http.StatusOK
		}
	})
}

func (a *api) recovered(rec *recorder, r *http.Request, fault any) {
	if fault == nil {
		return
	}
	a.Logger.LogAttrs(r.Context(), slog.LevelError, "a request panicked",
		slog.String("request_id", requestID(r.Context())), slog.Any("panic", fault), slog.String("stack", string(debug.Stack())))
	if rec.status == 0 {
		newProblem(frame.Internal, "", "something went wrong on the server").write(rec)
	}
}

func (a *api) log(rec *recorder, r *http.Request, t *trace, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case rec.status >= http.StatusInternalServerError:
		level = slog.LevelWarn
	case isProbe(r.URL.Path):
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{
		slog.String("request_id", t.id),
		slog.String("method", r.Method),
		slog.String("url", auth.RedactURL(r.URL)),
		slog.Int("status", rec.status),
		slog.Int("bytes", rec.bytes),
		slog.Duration("took", took),
	}
	if id := t.span.TraceID(); id != "" {
		attrs = append(attrs, slog.String("trace_id", id))
	}
	if !t.user.IsZero() {
		attrs = append(attrs, slog.String("user", t.user.String()))
	}
	if position, err := strconv.ParseInt(rec.Header().Get(positionHeader), 10, 64); err == nil {
		attrs = append(attrs, slog.Int64("position", position))
	}
	a.Logger.LogAttrs(r.Context(), level, "request", attrs...)
}

// isProbe reports whether a path is what machines ask for all the time.
func isProbe(path string) bool { return path == "/healthz" || path == "/readyz" || path == "/metrics" }

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
