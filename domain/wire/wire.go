// Package wire writes the values that every frame and answer of Chainmail shares, as JSON text
// appended to a buffer.
//
// It promises text that any JSON reader takes (RFC 8259), the same bytes for the same value, and no
// allocation beyond the growth of the buffer. Escaping for HTML is left to whoever makes HTML.
// Commas, braces and field names are left to the caller, who knows its frame.
package wire

import (
	"math"
	"strconv"
	"time"
)

const timeLayout = "2006-01-02T15:04:05.000000Z"

// AppendTime appends t as a quoted RFC 3339 time in UTC with six fraction digits. What is finer
// than a microsecond is cut, not rounded, so that a time never runs ahead of what it names.
func AppendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, timeLayout)
	return append(dst, '"')
}

// AppendTimeOrNull is AppendTime, with null for the zero time.
func AppendTimeOrNull(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, "null"...)
	}
	return AppendTime(dst, t)
}

// AppendScore appends a risk score as a number from 0 to 1 with at most two decimals, rounded to
// the nearest. What lies outside, and what is no number, counts as the nearer end: 0 for NaN.
func AppendScore(dst []byte, score float64) []byte {
	switch {
	case !(score > 0):
		score = 0
	case score > 1:
		score = 1
	}
	return strconv.AppendFloat(dst, math.Round(score*100)/100, 'f', -1, 64)
}
