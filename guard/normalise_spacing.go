package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// minSpaced is how many single letters in a row are a word written apart: "u r a" is not.
const minSpaced = 4

// minFollowing is how many are enough beside a word that is written apart.
const minFollowing = 2

// maxLeading is how many words that are too short by themselves may come before it.
const maxLeading = 4

// minBreaks is how many line breaks make words below each other.
const minBreaks = 3

// maxGap is how many blanks may lie between two words that are both written apart.
const maxGap = 6

// join returns s with words put together whose letters were written apart by one and the same separator each: "s e e d", "s.e.e.d", "s-e-e-d".
// A wider gap ends a word; the next may be shorter ("m e"). Where there is no wider gap, words of the vocabulary are. It returns s itself where there is nothing to do. Words are shapesOf(s).
func (t *Text) join(s string, words wordShapes) string {
	if words&spacedWords == 0 {
		return s
	}
	var out []byte
	last, follows := 0, -1
	for i := 0; i < len(s); {
		least := minSpaced
		if i == follows || leadsWord(s, i) {
			least = minFollowing
		}
		end, word := spacedWord(s, i, least)
		if word == nil {
			i = max(end, nextStart(s, i))
			continue
		}
		if leetLoosely(string(word)) {
			resolveLeet(word, true)
		}
		out = append(out, s[last:i]...)
		out = appendWords(out, word)
		t.Disguise |= Spaced
		i, last = end, end
		if follows = afterGap(s, end); follows > end {
			i = follows
		}
	}
	if last == 0 {
		return s
	}
	return string(append(out, s[last:]...))
}

// wordShapes is what shapesOf has seen of the words of a text.
type wordShapes uint8

const (
	spacedWords  wordShapes = 1 << iota // so many single letters in a row that a word may be written apart, whatever keeps them apart
	longWords                           // a word that may be several
	doubledWords                        // a word that ends in the same letter twice, as few do
	pieceWords                          // a letter alone that is no word
	respeltWords = longWords | doubledWords | pieceWords
)

// shapesOf looks at all words in one pass, by which most texts are told. Of a text with other characters than ASCII it says that words may be written apart: they may be letters or what
// is between.
func shapesOf(s string) (shapes wordShapes) {
	length, singles := 0, 0
	for i := range len(s) {
		if kind := byteKinds[s[i]]; kind&(metLetter|metHigh) != 0 {
			length++
			shapes |= wordShapes(kind >> highShift) // spacedWords
			continue
		}
		switch {
		case length > 1:
			shapes |= shapeOf(s[i-length : i])
			length, singles = 0, 0
		case length == 1:
			shapes |= pieceOf(s[i-1])
			length = 0
			if singles++; singles == minSpaced {
				shapes |= spacedWords
			}
		}
	}
	switch {
	case length > 1:
		shapes |= shapeOf(s[len(s)-length:])
	case length == 1:
		shapes |= pieceOf(s[len(s)-1])
		if singles == minSpaced-1 {
			shapes |= spacedWords
		}
	}
	return shapes
}

// shapeOf is shapesOf for a word of two bytes or more.
func shapeOf(word string) wordShapes {
	n := len(word)
	switch last := word[n-1]; {
	case n >= minGlued:
		return longWords
	case n > 2 && last == word[n-2] && isLetter(last) && strings.IndexByte("eflostz", last) < 0:
		return doubledWords
	}
	return 0
}

// pieceOf is shapesOf for a letter alone.
func pieceOf(c byte) wordShapes {
	if strings.IndexByte("bdefghjlpqvwz", c) >= 0 {
		return pieceWords
	}
	return 0
}

// leadsWord says whether the few single letters at i are followed, perhaps after some more of the kind, by a whole word written apart: "w e   n e e d".
func leadsWord(s string, i int) bool {
	for range maxLeading {
		end, word := spacedWord(s, i, minFollowing)
		if word == nil {
			return false
		}
		if i = afterGap(s, end); i == end {
			return false
		}
		if _, word = spacedWord(s, i, minSpaced); word != nil {
			return true
		}
	}
	return false
}

// afterGap returns where the next word begins after one written apart that ends at end: past a sign or two and some blanks. It is end where there are no blanks.
func afterGap(s string, end int) int {
	i := end
	for i < len(s) && i-end < 2 && strings.IndexByte(".,!?;:'\"", s[i]) >= 0 {
		i++
	}
	blanks := i
	for i < len(s) && s[i] == ' ' && i-blanks < maxGap {
		i++
	}
	if i == blanks {
		return end
	}
	return i
}

// unbreak returns s with blanks for line breaks when hardly a line has two words, so that words below each other are read as a sentence.
func unbreak(s string) string {
	breaks := strings.Count(s, "\n")
	if breaks < minBreaks || breaks < strings.Count(s, " ") {
		return s
	}
	return strings.ReplaceAll(s, "\n", " ")
}

// singleBlanks returns s with one blank in place of several, and none at the ends.
func singleBlanks(s string) string {
	s = strings.Trim(s, " ")
	i := strings.Index(s, "  ")
	if i < 0 {
		return s
	}
	out := append(make([]byte, 0, len(s)), s[:i]...)
	for ; i < len(s); i++ {
		if s[i] != ' ' || i+1 == len(s) || s[i+1] != ' ' {
			out = append(out, s[i])
		}
	}
	return string(out)
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

// spacedWord returns the word of at least so many single letters that begins at i, and where it ends. Without one the word is nil, and none begins before end.
func spacedWord(s string, i, least int) (end int, word []byte) {
	size := single(s, i)
	if size == 0 {
		return i, nil
	}
	separator := separatorAt(s, i+size)
	if separator == "" {
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
		if !strings.HasPrefix(s[end:], separator) {
			break
		}
		at = end + len(separator)
		size = single(s, at)
	}
	if units < least || 2*letters < units {
		return last, nil
	}
	return end, word
}

// separatorAt returns what keeps two letters apart: a sign or blank, or up to three of a kind. It is empty where there is none.
func separatorAt(s string, at int) string {
	r, width := utf8.DecodeRuneInString(s[at:])
	if width == 0 || isWordRune(r) || r == '\n' || r == ',' {
		return ""
	}
	end := at + width
	for n := 1; n < 3 && strings.HasPrefix(s[end:], s[at:at+width]); n++ {
		end += width
	}
	return s[at:end]
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
