package httpapi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"chainmail/domain"
	"chainmail/transport/command"
	"chainmail/transport/limit"
)

// keyHeader makes a repeat of a POST harmless.
const keyHeader = "Idempotency-Key"

// Keyed is what calls take that make something.
type Keyed struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"64" doc:"a text of one's choosing: a repeat with the same key stores nothing, and is answered with 200 and what was made then"`
}

// checkKey refuses an Idempotency-Key that could not be kept.
func checkKey(key string) error {
	switch {
	case len(key) > domain.MaxClientMessageID:
		return invalid(keyHeader, "is longer than 64 bytes")
	case !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl):
		return invalid(keyHeader, "is not UTF-8, or has a control character")
	}
	return nil
}

// making is a request for something that is made once.
type making[B any] struct {
	Keyed
	Body payload[B]
}

// once answers with what a request makes: 201 when it was made now, 200 when that was before. Only a request that can be
// understood counts towards the limit.
func once[B any, D domain.Data, T any](
	a *api, c *call, in *making[B], limit *limit.Limiter, weight int,
	act func(body B) (command.Made[D], error), describe func(command.Made[D]) T,
) (*answer[T], error) {
	body, err := in.Body.decode()
	if err != nil {
		return nil, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	if err := a.allow(limit, c, weight); err != nil {
		return nil, err
	}
	made, err := act(body)
	if err != nil {
		return nil, err
	}
	c.at(made.Last)
	if made.Duplicate {
		return ok(describe(made)), nil
	}
	return created(describe(made)), nil
}
