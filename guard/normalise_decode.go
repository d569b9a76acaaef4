package guard

import (
	"html"
	"strings"
	"unicode/utf8"
)

// decodeRounds bounds how often an encoding inside an encoding is undone.
const decodeRounds = 3

// decode undoes percent-, HTML- and \u-encoding. It is a disguise where what was encoded are letters of ASCII, which need no encoding.
func (t *Text) decode(s string) string {
	for range decodeRounds {
		before := s
		if strings.IndexByte(s, '%') >= 0 {
			s = t.decodePercent(s)
		}
		if strings.IndexByte(s, '\\') >= 0 {
			s = t.decodeBackslash(s)
		}
		if strings.IndexByte(s, '&') >= 0 {
			t.noteEntities(s)
			s = html.UnescapeString(s)
		}
		if s == before {
			break
		}
	}
	return s
}

// decodePercent replaces %XX where the bytes are printable ASCII or make up valid UTF-8: "100%fab" stays.
func (t *Text) decodePercent(s string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(s); {
		if s[i] != '%' {
			i++
			continue
		}
		raw, end := percentRun(s, i)
		if end == i || !printable(raw) {
			i = max(end, i+1)
			continue
		}
		if hasLetter(raw) {
			t.Disguise |= Encoded
		}
		b.WriteString(s[last:i])
		b.WriteString(raw)
		i, last = end, end
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

// percentRun returns the bytes of the %XX in a row that begin at i, and where they end.
func percentRun(s string, i int) (raw string, end int) {
	var bytes []byte
	for i+2 < len(s) && s[i] == '%' && isHex(s[i+1]) && isHex(s[i+2]) {
		bytes = append(bytes, unhex(s[i+1])<<4|unhex(s[i+2]))
		i += 3
	}
	return string(bytes), i
}

func printable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7F {
			return false
		}
	}
	return true
}

func hasLetter(s string) bool {
	for i := range len(s) {
		if isLetter(lowerByte(s[i])) {
			return true
		}
	}
	return false
}

// decodeBackslash replaces \uXXXX and \xXX of printable characters.
func (t *Text) decodeBackslash(s string) string {
	var b strings.Builder
	last := 0
	for i := 0; i+3 < len(s); i++ {
		digits := map[byte]int{'u': 4, 'x': 2}[s[i+1]]
		if s[i] != '\\' || digits == 0 || i+2+digits > len(s) {
			continue
		}
		r := rune(0)
		for _, c := range []byte(s[i+2 : i+2+digits]) {
			if !isHex(c) {
				r = -1
				break
			}
			r = r<<4 | rune(unhex(c))
		}
		if r < ' ' || r == 0x7F || !utf8.ValidRune(r) {
			continue
		}
		if r < 0x80 && isLetter(lowerByte(byte(r))) {
			t.Disguise |= Encoded
		}
		b.WriteString(s[last:i])
		b.WriteRune(r)
		last = i + 2 + digits
		i = last - 1
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

// noteEntities looks for numeric HTML entities that stand for ASCII letters.
func (t *Text) noteEntities(s string) {
	for i := strings.Index(s, "&#"); i >= 0 && i+4 < len(s); {
		n, base, j := 0, 10, i+2
		if lowerByte(s[j]) == 'x' {
			base, j = 16, j+1
		}
		for ; j < len(s) && n < 0x80 && isHex(s[j]) && (base == 16 || s[j] <= '9'); j++ {
			n = n*base + int(unhex(s[j]))
		}
		if n < 0x80 && isLetter(lowerByte(byte(n))) {
			t.Disguise |= Encoded
			return
		}
		next := strings.Index(s[i+2:], "&#")
		if next < 0 {
			return
		}
		i += 2 + next
	}
}

func isHex(c byte) bool {
	c = lowerByte(c)
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return lowerByte(c) - 'a' + 10
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool { return isLetter(lowerByte(c)) || isDigit(c) }
