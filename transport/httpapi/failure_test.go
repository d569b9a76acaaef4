package httpapi

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/lib/pq"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/frame"
)

// TestFailures is the table of errors and what clients see of them.
func TestFailures(t *testing.T) {
	t.Parallel()
	a := &api{Config: Config{Logger: slog.New(slog.DiscardHandler)}}
	lost := &pq.Error{Code: "57P01", Message: "secret detail"}
	for name, test := range map[string]struct {
		err    error
		code   frame.Code
		status int
		detail string // a part of it
	}{
		"a refusal": {&domain.Refusal{Code: domain.NotAParticipant, Message: "m"}, frame.NotAParticipant, http.StatusNotFound, "m"},
		"a key": {
			&domain.Refusal{Code: domain.InvalidField, Field: "client_message_id", Message: "this client_message_id was used"},
			frame.InvalidField, http.StatusUnprocessableEntity, "this Idempotency-Key was used",
		},
		"away":        {fmt.Errorf("x: %w: %w", eventstore.ErrUnavailable, lost), frame.Unavailable, http.StatusServiceUnavailable, "nothing was stored"},
		"a lost read": {fmt.Errorf("read: %w", driver.ErrBadConn), frame.Unavailable, http.StatusServiceUnavailable, "nothing was stored"},
		"a lost answer": {
			fmt.Errorf("%w: %w", eventstore.ErrUnknown, driver.ErrBadConn), frame.Internal, http.StatusServiceUnavailable, "it is not known",
		},
		"a lost answer, and it stays away": {
			fmt.Errorf("%w: %w: %w", eventstore.ErrUnknown, eventstore.ErrUnavailable, lost),
			frame.Internal, http.StatusServiceUnavailable, "it is not known",
		},
		"behind":        {fmt.Errorf("x: %w: %w", errBehind, context.DeadlineExceeded), frame.Unavailable, http.StatusServiceUnavailable, "not caught up"},
		"our own fault": {errors.New("secret detail"), frame.Internal, http.StatusInternalServerError, "something went wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			p := a.problem(t.Context(), test.err)
			if p.Code != test.code || p.Status != test.status || !strings.Contains(p.Detail, test.detail) || strings.Contains(p.Detail, "secret") {
				t.Errorf("got %d %s %q, want %d %s %q", p.Status, p.Code, p.Detail, test.status, test.code, test.detail)
			}
		})
	}
}
