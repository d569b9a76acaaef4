package guard

import "strings"

// The kinds of bytes that the steps of Normalise look for: a step is skipped for a text that has none of its.
const (
	metUpper     = 1 << iota // A to Z
	metDigit                 // 0 to 9
	metSign                  // signs used as letters: @ $ ! |
	metPercent               // %
	metAmpersand             // &
	metBackslash             // \
	metPoint                 // . or : , without which there is no address
	metControl               // below blank, but for the line feed, and DEL
	metBracket               // [ ( {
	metLetter                // a letter, a digit, $ or @: see isWordRune
	metMark                  // signs that may stand for blanks: see bare
	metHigh                  // not ASCII
)

// highShift moves metHigh to the lowest bit.
const highShift = 11

var byteKinds = func() (kinds [256]uint16) {
	for b := range kinds {
		switch {
		case b >= 0x80:
			kinds[b] = metHigh
		case 'A' <= b && b <= 'Z':
			kinds[b] = metUpper
		case '0' <= b && b <= '9':
			kinds[b] = metDigit
		case b == '@' || b == '$' || b == '!' || b == '|':
			kinds[b] = metSign
		case b == '%':
			kinds[b] = metPercent
		case b == '&':
			kinds[b] = metAmpersand
		case b == '\\':
			kinds[b] = metBackslash
		case b == '.' || b == ':':
			kinds[b] = metPoint
		case b == '[' || b == '(' || b == '{':
			kinds[b] = metBracket
		case b < ' ' && b != '\n' || b == 0x7F:
			kinds[b] = metControl
		}
		if strings.IndexByte("_*~`\"<[({|/!\n+=", byte(b)) >= 0 {
			kinds[b] |= metMark
		}
		if b < 0x80 && isWordRune(rune(b)) {
			kinds[b] |= metLetter
		}
	}
	return kinds
}()

func bytesMet(s string) (met uint16) {
	for i := range len(s) {
		met |= byteKinds[s[i]]
	}
	return met
}
