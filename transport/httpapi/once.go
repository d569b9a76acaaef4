package httpapi

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"chainmail/domain"
	"chainmail/transport/command"
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

// answerMade answers with what was made: 201 when it was now, 200 when that was before.
func answerMade[D domain.Data, T any](c *call, m command.Made[D], describe func(command.Made[D]) T) *answer[T] {
	c.at(m.Last)
	if m.Duplicate {
		return ok(describe(m))
	}
	return created(describe(m))
}
