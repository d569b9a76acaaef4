package httpapi

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/frame"
)

// problem turns whatever went wrong into what the client is told. What is our fault is logged.
func (a *api) problem(ctx context.Context, err error) *Problem {
	var (
		known   *Problem
		refusal *domain.Refusal
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refusal):
		return refused(refusal)
	case errors.Is(err, eventstore.ErrUnknown): // before unavailable, which promises that nothing was stored: the cause is a lost connection
		a.Logger.LogAttrs(ctx, slog.LevelError, "it is not known whether a request was stored",
			slog.String("request_id", requestID(ctx)), slog.Any("error", err))
		p := unavailable("it is not known whether this was stored: look, or send it again with the same Idempotency-Key")
		p.Code = frame.Internal
		return p
	case errors.Is(err, errBehind): // before unreachable: what ended the wait is a deadline
		return unavailable("the server has not caught up yet: try again")
	case errors.Is(err, eventstore.ErrUnavailable), unreachable(err):
		a.Logger.LogAttrs(ctx, slog.LevelWarn, "a request found the database away",
			slog.String("request_id", requestID(ctx)), slog.Any("error", err))
		return unavailable("the server cannot reach its database: nothing was stored, try again")
	case errors.Is(err, context.Canceled): // the client is gone: nobody reads this
		return unavailable("the request was given up")
	}
	a.Logger.LogAttrs(ctx, slog.LevelError, "a request failed",
		slog.String("request_id", requestID(ctx)), slog.Any("error", err))
	return newProblem(frame.Internal, "", "something went wrong on the server")
}

func unavailable(detail string) *Problem {
	p := newProblem(frame.Unavailable, "", detail)
	p.retryAfter(time.Second)
	return p
}

// refused is the problem of a refusal. Codes have the same text in domain and frames, but for users.
func refused(r *domain.Refusal) *Problem {
	code := frame.Code(r.Code)
	switch {
	case r.Code == domain.UserNotFound:
		code = codeNotFound
	case code == frame.Unavailable:
		return unavailable(r.Message)
	}
	field, message := r.Field, r.Message
	if field == "idempotency_key" || field == "client_message_id" { // here both are the header
		field, message = keyHeader, strings.Replace(message, field, keyHeader, 1)
	}
	return newProblem(code, field, message)
}

// unreachable reports whether an error says that the database is away, as opposed to a statement that is wrong.
func unreachable(err error) bool {
	var server *pq.Error
	if errors.As(err, &server) {
		switch server.Code.Class() {
		case "08", "53", "57", "58": // connection, resources, an operator's doing, the system
			return true
		}
		return server.Fatal() || server.Code == "25006" || server.Code == "55P03" // read-only, lock not available
	}
	var network net.Error
	return errors.As(err, &network) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, context.DeadlineExceeded)
}

// translate makes problems of the errors that huma finds itself: parameters that do not parse.
func translate(_ huma.Context, _ string, v any) (any, error) {
	m, isError := v.(*huma.ErrorModel)
	if !isError {
		return v, nil
	}
	var p *Problem
	switch {
	case m.Status == http.StatusBadRequest:
		p = newProblem(frame.InvalidJSON, "", "the body is empty: send a JSON object")
	case m.Status == http.StatusUnprocessableEntity && len(m.Errors) > 0:
		_, field, _ := strings.Cut(m.Errors[0].Location, ".")
		p = invalid(field, "is not valid: "+m.Errors[0].Message)
	default:
		p = newProblem(frame.Internal, "", "something went wrong on the server")
	}
	return p.as(m.Status), nil
}
