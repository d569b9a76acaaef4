package domain_test

import (
	"errors"
	"strings"
	"testing"

	"chainmail/domain"
)

func TestCheckText(t *testing.T) {
	t.Parallel()
	const fine = domain.Code("")
	for _, tc := range []struct {
		name, text        string
		content, personal domain.Code // as a message; as a name or title
	}{
		{"words", "See you at six?", fine, fine},
		{"any script", "שלום, 世界 🙂", fine, fine},
		{"what looks like HTML", "<b>&amp;</b>", fine, fine},
		{"white space around", "  x  ", fine, fine},
		{"several lines", "a\tb\r\nc", fine, domain.InvalidField},
		{"line separators of Unicode", "a\u2028b\u2029c", fine, fine},
		{"empty", "", domain.InvalidField, domain.InvalidField},
		{"blanks", "   ", domain.InvalidField, domain.InvalidField},
		{"blanks of Unicode", "\u00a0\u2003\u3000\u2028", domain.InvalidField, domain.InvalidField},
		{"empty lines", "\n\n", domain.InvalidField, domain.InvalidField},
		{"U+0000", "a\x00b", domain.InvalidField, domain.InvalidField},
		{"escape", "a\x1b[31mb", domain.InvalidField, domain.InvalidField},
		{"vertical tab", "a\vb", domain.InvalidField, domain.InvalidField},
		{"DEL", "a\x7fb", domain.InvalidField, domain.InvalidField},
		{"a control of Latin-1", "a\u0085b", domain.InvalidField, domain.InvalidField},
		{"no UTF-8", "a\xffb", domain.InvalidField, domain.InvalidField},
		{"a surrogate in UTF-8's clothes", "a\xed\xa0\x80b", domain.InvalidField, domain.InvalidField},
		{"half a character", "a\xc3", domain.InvalidField, domain.InvalidField},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			checkCode(t, "content", domain.CheckContent(tc.text), tc.content)
			checkCode(t, "name", domain.CheckName(tc.text), tc.personal)
			checkCode(t, "title", domain.CheckTitle(tc.text), tc.personal)
		})
	}
}

func TestCheckTextLength(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		field string
		check func(string) *domain.Refusal
		limit int
	}{
		{"content", domain.CheckContent, 10_240},
		{"name", domain.CheckName, 100},
		{"title", domain.CheckTitle, 200},
	} {
		checkCode(t, tc.field, tc.check(strings.Repeat("é", tc.limit/2)), "")
		checkCode(t, tc.field, tc.check(strings.Repeat("é", tc.limit/2)+"x"), domain.TooLarge)
		checkCode(t, tc.field, tc.check(strings.Repeat(" ", tc.limit+1)), domain.TooLarge)
	}
}

func checkCode(t *testing.T, field string, got *domain.Refusal, want domain.Code) {
	t.Helper()
	switch {
	case got == nil && want == "":
	case got == nil:
		t.Errorf("%s: got it accepted, want %s", field, want)
	case got.Code != want || got.Field != field:
		t.Errorf("%s: got %s %q, want %s", field, got.Code, got.Field, want)
	}
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	var err error = &domain.Refusal{Code: domain.TooLarge, Field: "content", Message: "content is too long"}
	if got, want := err.Error(), "too_large: content is too long"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, tc := range []struct {
		name   string
		target error
		want   bool
	}{
		{"its code", refusal(domain.TooLarge, ""), true},
		{"its code and field", refusal(domain.TooLarge, "content"), true},
		{"its code of another field", refusal(domain.TooLarge, "title"), false},
		{"another code", refusal(domain.InvalidField, "content"), false},
		{"another error", errors.New("too_large"), false},
	} {
		if got := errors.Is(err, tc.target); got != tc.want {
			t.Errorf("%s: got %t, want %t", tc.name, got, tc.want)
		}
	}
}

// What is missing may only be missing yet; what is wrong stays wrong.
func TestRefusalFromMissing(t *testing.T) {
	t.Parallel()
	for code, want := range map[domain.Code]bool{
		domain.NotAParticipant:      true,
		domain.ReceiverNotFound:     true,
		domain.ConversationNotFound: true,
		domain.MessageNotFound:      true,
		domain.UserNotFound:         true,
		domain.Forbidden:            true,
		domain.InvalidField:         false,
		domain.TooLarge:             false,
		domain.Conflict:             true,
		domain.NotFound:             true,
	} {
		if got := refusal(code, "").FromMissing(); got != want {
			t.Errorf("%s: got %t, want %t", code, got, want)
		}
	}
}
