package audit

import (
	"strconv"
	"strings"
	"time"

	"chainmail/domain"
)

// Printable returns a text in which nothing moves a terminal's cursor or changes the order of its letters:
// what cannot be printed, as Go's unicode.IsPrint says, stands as an escape.
func Printable(text string) string {
	quoted := strconv.Quote(text)
	if len(quoted) == len(text)+2 {
		return text
	}
	quoted = quoted[1 : len(quoted)-1]
	return strings.ReplaceAll(quoted, `\"`, `"`)
}

// Count writes a number for people: 1,234,567.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	end := 0
	if n < 0 {
		end = 1
	}
	for i := len(digits) - 3; i > end; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// positionOf writes a position as it stands in lines: #1234.
func positionOf(p domain.Position) string { return "#" + strconv.FormatInt(int64(p), 10) }

// span writes how long something took, in one or two units.
func span(d time.Duration) string {
	two := func(n, m time.Duration, big, small string) string {
		if m == 0 {
			return strconv.FormatInt(int64(n), 10) + " " + big
		}
		return strconv.FormatInt(int64(n), 10) + " " + big + " " + strconv.FormatInt(int64(m), 10) + " " + small
	}
	const day = 24 * time.Hour
	switch {
	case d < 10*time.Millisecond:
		return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64) + " ms"
	case d < time.Second:
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	case d < time.Minute:
		return strconv.FormatFloat(d.Truncate(100*time.Millisecond).Seconds(), 'f', 1, 64) + " s"
	case d < time.Hour:
		return two(d/time.Minute, d%time.Minute/time.Second, "min", "s")
	case d < day:
		return two(d/time.Hour, d%time.Hour/time.Minute, "h", "min")
	default:
		return two(d/day, d%day/time.Hour, "days", "h")
	}
}
