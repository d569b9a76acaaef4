package httpapi

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"

	"chainmail/transport/frame"
)

// The codes that HTTP has besides those of the frames.
const (
	codeNotFound frame.Code = "not_found"
	codeConflict frame.Code = "conflict"
	codeBlocked  frame.Code = "message_blocked" // of a title too
)

// Problem is an error as clients get it (RFC 9457). It is a huma.StatusError with headers, and
// so is what embeds it.
type Problem struct {
	Type       string     `json:"type" example:"about:blank" doc:"about:blank: code says what it is"`
	Title      string     `json:"title" example:"Not Found" doc:"the status in words"`
	Status     int        `json:"status" example:"404" doc:"the answer's status"`
	Code       frame.Code `json:"code" example:"message_not_found" enum:"invalid_json,missing_field,invalid_field,too_large,not_a_participant,receiver_not_found,conversation_not_found,message_not_found,forbidden,unauthenticated,rate_limited,unavailable,internal,not_found,conflict,message_blocked" doc:"what went wrong, for programs"`
	Detail     string     `json:"detail" doc:"what went wrong and what to do, for people"`
	Field      string     `json:"field,omitempty" doc:"the field, parameter or header at fault"`
	RetryAfter float64    `json:"retry_after,omitempty" doc:"seconds until it may work"`

	headers http.Header
}

func newProblem(code frame.Code, field, detail string) *Problem {
	status := statusOf(code)
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Code: code, Detail: detail, Field: field, headers: http.Header{},
	}
}

// statusOf is the table from codes to statuses.
func statusOf(code frame.Code) int {
	switch code {
	case frame.InvalidJSON:
		return http.StatusBadRequest
	case frame.Unauthenticated:
		return http.StatusUnauthorized
	case frame.Forbidden:
		return http.StatusForbidden
	case frame.NotAParticipant, frame.ReceiverNotFound, frame.ConversationNotFound, frame.MessageNotFound, codeNotFound:
		return http.StatusNotFound
	case codeConflict:
		return http.StatusConflict
	case frame.RateLimited:
		return http.StatusTooManyRequests
	case frame.Unavailable:
		return http.StatusServiceUnavailable
	case frame.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusUnprocessableEntity
}

// as gives the problem another status than its code has.
func (p *Problem) as(status int) *Problem {
	p.Status, p.Title = status, http.StatusText(status)
	return p
}

func missing(field string) *Problem {
	return newProblem(frame.MissingField, field, field+" is missing")
}

func invalid(field, what string) *Problem {
	return newProblem(frame.InvalidField, field, field+" "+what)
}

// limited is the answer to one request too many.
func limited(after time.Duration) *Problem {
	p := newProblem(frame.RateLimited, "", "too many requests: wait and try again")
	milliseconds := math.Ceil(float64(after) / float64(time.Millisecond))
	p.RetryAfter = milliseconds / 1000
	p.retryAfter(after)
	return p
}

// retryAfter sets the header, in whole seconds (RFC 9110 §10.2.3), at least one.
func (p *Problem) retryAfter(after time.Duration) {
	seconds := max(1, int64(math.Ceil(after.Seconds())))
	p.headers.Set("Retry-After", strconv.FormatInt(seconds, 10))
}

// Error implements error.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus implements huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders implements huma.HeadersError.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType implements huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// write sends the problem where huma is not involved.
func (p *Problem) write(w http.ResponseWriter) {
	for name, values := range p.headers {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_, _ = w.Write(encode(p)) // the client may be gone
}

// encode is json.Marshal without the escaping meant for HTML.
func encode(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // our own types always marshal
	}
	return buf.Bytes()
}
