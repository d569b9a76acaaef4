package wallet

import (
	"strings"
	"time"
)

// Timestamp is a date-time of RFC 3339 §5.6 as it is written in a message: the instant and its text,
// since one instant can be written in many ways and the signature covers one. The zero value
// stands for a time that is not in the message.
type Timestamp struct {
	text string
	at   time.Time // UTC
}

// NewTimestamp writes an instant as JavaScript does: UTC, with three digits of the second, further
// ones cut.
func NewTimestamp(t time.Time) Timestamp {
	t = t.UTC().Truncate(time.Millisecond)
	return Timestamp{text: t.Format("2006-01-02T15:04:05.000Z"), at: t}
}

// IsZero says that the message has no such time.
func (t Timestamp) IsZero() bool { return t.text == "" }

// Time gives the instant, in UTC, to the nanosecond.
func (t Timestamp) Time() time.Time { return t.at }

// String gives the text as it stands in the message.
func (t Timestamp) String() string { return t.text }

// parseTimestamp takes the grammar from RFC 3339 §5.6, since time.Parse also takes a comma, hours
// of one digit and offsets past 23:59; time.Parse then knows the calendar.
func parseTimestamp(text string) (Timestamp, bool) {
	const fixed = len("0000-00-00T00:00:00")
	// ABNF strings have no case (RFC 5234 §2.3), so "t" and "z" are good too.
	upper := strings.ToUpper(text)
	if len(upper) <= fixed || !shaped(upper[:fixed], "0000-00-00T00:00:00") {
		return Timestamp{}, false
	}
	rest := upper[fixed:]
	if rest[0] == '.' { // time.Parse knows that a digit must follow
		rest = strings.TrimLeft(rest[1:], digit)
	}
	if rest != "Z" && !offset(rest) {
		return Timestamp{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, upper)
	if err != nil {
		return Timestamp{}, false
	}
	return Timestamp{text: text, at: at.UTC()}, true
}

// offset says whether text is a time-numoffset of at most 23:59.
func offset(text string) bool {
	return len(text) > 0 && (text[0] == '+' || text[0] == '-') && shaped(text[1:], "00:00") &&
		text[1:3] <= "23" && text[4:6] <= "59"
}

// shaped says whether text is like the pattern, where each 0 stands for any digit.
func shaped(text, pattern string) bool {
	if len(text) != len(pattern) {
		return false
	}
	for i := range len(text) {
		if pattern[i] == '0' && (text[i] < '0' || text[i] > '9') || pattern[i] != '0' && text[i] != pattern[i] {
			return false
		}
	}
	return true
}
