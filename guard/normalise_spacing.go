package guard

import (
	"unicode"
	"unicode/utf8"
)

// minSpaced is how many single letters in a row are a word written apart: "u r a" is not.
const minSpaced = 4

// join returns s with words put together whose letters were written apart by one and the same separator each: "s e e d", "s.e.e.d", "s-e-e-d".
// A wider gap ends a word. It returns s itself where there is none.
func (t *Text) join(s string) string {
	var out []byte
	last := 0
	for i := 0; i < len(s); {
		end, word := spacedWord(s, i)
		if word == nil {
			i = max(end, nextStart(s, i))
			continue
		}
		if len(word) > 3 && leetWord(string(word)) {
			resolveLeet(word)
		}
		out = append(out, s[last:i]...)
		out = append(out, word...)
		t.Disguise |= Spaced
		i, last = end, end
	}
	if last == 0 {
		return s
	}
	return string(append(out, s[last:]...))
}

// nextStart returns the next place after i where a word begins.
func nextStart(s string, i int) int {
	for i < len(s) && (isAlnum(s[i]) || s[i] >= 0x80) {
		i++
	}
	for i < len(s) && !isAlnum(s[i]) && s[i] < 0x80 {
		i++
	}
	return i
}

// spacedWord returns the word of single letters that begins at i, and where it ends. Without one the word is nil, and none begins before end.
func spacedWord(s string, i int) (end int, word []byte) {
	size := single(s, i)
	if size == 0 {
		return i, nil
	}
	separator, width := utf8.DecodeRuneInString(s[i+size:])
	if width == 0 || isWordRune(separator) || separator == '\n' || separator == ',' {
		return i, nil
	}
	units, letters := 0, 0
	at, last := i, i
	for size > 0 {
		units++
		last = at
		if !isDigit(s[at]) {
			letters++
		}
		word = append(word, s[at:at+size]...)
		end = at + size
		next, n := utf8.DecodeRuneInString(s[end:])
		if n == 0 || next != separator {
			break
		}
		at = end + n
		size = single(s, at)
	}
	if units < minSpaced || 2*letters < units {
		return last, nil
	}
	return end, word
}

// single returns the length of the letter or digit at i if it stands alone, else 0.
func single(s string, i int) int {
	r, size := utf8.DecodeRuneInString(s[i:])
	if size == 0 || !isWordRune(r) || r >= 0x80 && scriptOf(r) == none {
		return 0
	}
	if next, n := utf8.DecodeRuneInString(s[i+size:]); n > 0 && isWordRune(next) {
		return 0
	}
	return size
}

func isWordRune(r rune) bool {
	if r < 0x80 {
		return isAlnum(byte(r)) || r == '$' || r == '@'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}
