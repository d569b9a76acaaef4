package domain

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what a person may write, in bytes of UTF-8.
const (
	MaxContent         = 10_240
	MaxName            = 100
	MaxTitle           = 200
	MaxClientMessageID = 64 // and of an idempotency_key
	MaxParticipants    = 1_000
)

// CheckContent refuses what may not be a message: nothing but white space, more than MaxContent
// bytes, bytes that are no UTF-8, control characters other than tab, LF and CR.
func CheckContent(content string) *Refusal {
	return checkText("content", content, MaxContent, true)
}

// CheckName refuses what may not be a user's name.
func CheckName(name string) *Refusal { return checkText("name", name, MaxName, false) }

// CheckTitle refuses what may not be a title: of a conversation, a project, a task, a notification, an announcement.
func CheckTitle(title string) *Refusal { return checkText("title", title, MaxTitle, false) }

// checkRepeatKey refuses what could not be stored and read back as it is. U+0000 would make
// PostgreSQL refuse every query into the event's JSON.
func checkRepeatKey(field, key string) *Refusal {
	switch {
	case len(key) > MaxClientMessageID:
		return refuse(InvalidField, field, field+" is too long: use at most 64 bytes")
	case !utf8.ValidString(key) || strings.ContainsRune(key, 0):
		return refuse(InvalidField, field, field+" must be UTF-8 without U+0000")
	}
	return nil
}

func checkText(field, text string, limit int, lines bool) *Refusal {
	switch {
	case len(text) > limit:
		return refuse(TooLarge, field, field+" is too long: shorten it to "+strconv.Itoa(limit)+" bytes of UTF-8")
	case !utf8.ValidString(text):
		return refuse(InvalidField, field, field+" is not valid UTF-8")
	case strings.TrimFunc(text, unicode.IsSpace) == "":
		return refuse(InvalidField, field, field+" is empty: write something")
	}
	for _, r := range text {
		if unicode.IsControl(r) && (!lines || r != '\t' && r != '\n' && r != '\r') {
			return refuse(InvalidField, field, field+" has a control character: remove it")
		}
	}
	return nil
}
