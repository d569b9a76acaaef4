package frame

import (
	"strconv"
	"time"
	"unicode/utf8"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// Error is an error frame: what was wrong with a request, and what to do about it. Ref is JSON.
type Error struct {
	Code            Code          `json:"code" enum:"invalid_json,missing_field,unknown_type,invalid_field,unknown_field,too_large,not_a_participant,receiver_not_found,conversation_not_found,message_not_found,forbidden,unauthenticated,rate_limited,unavailable,internal"`
	Message         string        `json:"message" doc:"a sentence for a person: what to do"`
	Field           string        `json:"field,omitempty" doc:"the field at fault, where one is"`
	Hint            string        `json:"hint,omitempty" doc:"what was meant or would do, where that is known"`
	Ref             string        `json:"ref,omitempty" type:"any" doc:"that of the request"`
	ClientMessageID string        `json:"client_message_id,omitempty" doc:"that of the request, where it had a usable one"`
	RetryAfter      time.Duration `json:"retry_after,omitempty" type:"number" minimum:"0" doc:"seconds to wait; always there with rate_limited"`
}

// ErrNotUTF8 is what Parse returns for data that is no UTF-8. It is not sent: the connection ends
// with 1007 (RFC 6455 §8.1). It is compared by address and never changed.
var ErrNotUTF8 = &Error{Code: InvalidJSON, Message: "the frame is not UTF-8"}

// maxEchoed bounds how much of a name that the client made up comes back in an error, in bytes.
const maxEchoed = 64

func (e *Error) Error() string {
	if e.Field == "" {
		return string(e.Code) + ": " + e.Message
	}
	return string(e.Code) + " " + e.Field + ": " + e.Message
}

// AppendJSON appends the frame. Fields that are empty are left out; a RateLimited error always has
// retry_after, in seconds, rounded up to milliseconds.
func (e *Error) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"error","code":`...)
	dst = wire.AppendString(dst, string(e.Code))
	dst = append(dst, `,"message":`...)
	dst = wire.AppendString(dst, e.Message)
	if e.Field != "" {
		dst = append(dst, `,"field":`...)
		dst = wire.AppendString(dst, e.Field)
	}
	if e.Hint != "" {
		dst = append(dst, `,"hint":`...)
		dst = wire.AppendString(dst, e.Hint)
	}
	dst = appendRef(dst, e.Ref)
	if e.ClientMessageID != "" {
		dst = append(dst, `,"client_message_id":`...)
		dst = wire.AppendString(dst, e.ClientMessageID)
	}
	if e.Code == RateLimited || e.RetryAfter > 0 {
		dst = append(dst, `,"retry_after":`...)
		milliseconds := (e.RetryAfter + time.Millisecond - 1) / time.Millisecond
		dst = strconv.AppendFloat(dst, float64(max(0, milliseconds))/1000, 'f', -1, 64)
	}
	return append(dst, '}')
}

// MarshalJSON is AppendJSON for encoding/json.
func (e *Error) MarshalJSON() ([]byte, error) { return e.AppendJSON(nil), nil }

func missingField(f field, hint string) *Error {
	return &Error{Code: MissingField, Field: f.String(), Hint: hint, Message: "the frame lacks " + f.String()}
}

func invalidField(f field, message string) *Error {
	return &Error{Code: InvalidField, Field: f.String(), Message: f.String() + " " + message}
}

// refused turns the domain's refusal of a value into an error.
func refused(r *domain.Refusal) *Error {
	return &Error{Code: Code(r.Code), Field: r.Field, Message: r.Message}
}

// echo shortens a name of the client's, at a character's end.
func echo(name string) string {
	if len(name) <= maxEchoed {
		return name
	}
	end := maxEchoed
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end]
}
