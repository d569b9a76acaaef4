package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// minRunning is how many words in a row end in the same sign when it means nothing.
const minRunning = 2

// bare returns s as it reads without what stands between the words but means nothing: marks of emphasis, quotes and brackets around one word, tags, emoji, the same
// sign after each word, a line break within a sentence, letters doubled at will, blanks at the wrong places. It is s itself where there is nothing of the kind. Laughter stays: it says how words are meant.
func bare(s string, met uint16, shapes wordShapes) string {
	if met&(metMark|metHigh) == 0 && shapes&respeltWords == 0 && !hasRuns(s) && !strings.Contains(s, " '") {
		return s
	}
	b := barer{text: s, end: trimSymbols(s)}
	b.marks()
	if shapes&respeltWords == 0 {
		return b.result()
	}
	return respell(b.result(), shapes)
}

// hasRuns says whether several words may end in the same sign.
func hasRuns(s string) bool {
	return strings.Count(s, ",") > minRunning || strings.Count(s, ".") > minRunning || strings.Count(s, "-") > minRunning
}

// trimSymbols returns where the emoji at the end of a text begin: they separate nothing.
func trimSymbols(s string) int {
	end := len(s)
	for end > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:end])
		if r != ' ' && r != '\n' && !isSymbol(r) {
			break
		}
		end -= size
	}
	return end
}

// isSymbol says whether r is a picture or sign that is no punctuation, and no laughter.
func isSymbol(r rune) bool {
	if r < 0x80 || r >= 0x1F1E6 && r <= 0x1F1FF || r == '😂' || r == '🤣' || r == '😜' {
		return false
	}
	return unicode.In(r, unicode.So, unicode.Sk)
}

// barer writes a text without marks.
type barer struct {
	text string
	end  int // what comes after is left out of it
	out  []byte
	last int // what of text is written
}

func (b *barer) result() string {
	if b.out == nil {
		return b.text
	}
	return string(append(b.out, b.text[b.last:]...))
}

// put writes with in the place of text[from:to].
func (b *barer) put(from, to int, with string) {
	b.out = append(append(b.out, b.text[b.last:from]...), with...)
	b.last = to
}

// marks goes through the stretches without blanks.
func (b *barer) marks() {
	s := b.text
	for i := 0; i < b.end; {
		if s[i] == ' ' {
			i++
			continue
		}
		if s[i] == '\n' {
			b.lineBreak(i)
			i++
			continue
		}
		if end := lettersEnd(s, i); end > i && end < b.end && s[end] == ' ' {
			i = end + 1
			continue
		}
		if end := b.running(i); end > i {
			i = end
			continue
		}
		end := stretchEnd(s, i, b.end)
		b.stretch(i, end)
		i = end
	}
}

func stretchEnd(s string, i, end int) int {
	for i < end && s[i] > ' ' {
		i++
	}
	return i
}

// lineBreak makes a blank of one within a sentence.
func (b *barer) lineBreak(i int) {
	s := b.text
	before, after := strings.TrimRight(s[:i], " "), strings.TrimLeft(s[i+1:b.end], " ")
	if before == "" || after == "" {
		return
	}
	if c := before[len(before)-1]; (isAlnum(c) || c == ',' || c >= 0x80) && (isAlnum(after[0]) || after[0] >= 0x80) {
		b.put(i, i+1, " ")
	}
}

// running drops the sign after each of several words: "send, me, your". It returns the end of the last, or i where there are fewer.
func (b *barer) running(i int) int {
	s := b.text
	first := lettersEnd(s, i)
	words := 0
	for at := i; b.endsInSign(at, first); words++ {
		at = lettersEnd(s, at) + 2
	}
	if words < minRunning {
		return i
	}
	for ; words > 0; words-- {
		end := lettersEnd(s, i)
		b.put(end, end+1, " ")
		i = end + 2
	}
	return i - 1
}

// endsInSign says whether a word begins at i that ends in the sign at first, and in nothing else.
func (b *barer) endsInSign(i, first int) bool {
	s := b.text
	end := lettersEnd(s, i)
	return end > i && end+1 < b.end && s[end+1] == ' ' && s[end] == s[first] && strings.IndexByte(",.;!|/-", s[end]) >= 0
}

// stretch drops the marks of one stretch without blanks.
func (b *barer) stretch(i, end int) {
	s := b.text
	word := s[i:end]
	if end-lettersEnd(s, i) <= 1 && strings.IndexByte(".,!?;:'", s[end-1]) >= 0 || lettersEnd(s, i) == end {
		return // a word, and perhaps a stop
	}
	if strings.Contains(word, "://") || strings.HasPrefix(word, "www.") || word[0] == '@' || word[0] == '/' {
		return
	}
	if !strings.ContainsFunc(word, isWordRune) {
		if strings.Trim(word, "|/-+=.~_*#^&,>") == "" {
			b.put(i, end, " ")
			return
		}
	}
	enclosed := isEnclosed(word)
	for j := i; j < end; {
		r, size := utf8.DecodeRuneInString(s[j:])
		switch {
		case r >= 0x1F1E6 && r <= 0x1F1FF: // two of them are a flag, and may be two letters
			b.put(j, j+size, string('a'+r-0x1F1E6))
		case isSymbol(r), enclosed && isEnclosing(r):
			b.put(j, j+size, " ")
		case r == '<':
			size = b.tag(j, end)
		case (r == '.' || r == '-') && j+1 < end && s[j+1] == s[j]:
			size = len(s[j:end]) - len(strings.TrimLeft(s[j:end], s[j:j+1]))
			b.put(j, j+size, " ")
		case r < 0x80 && (strings.IndexByte("_*~`", byte(r)) >= 0 || b.between(j, i, end)):
			b.put(j, j+size, " ")
		}
		j += size
	}
}

// isEnclosed says whether the stretch begins with a quote or bracket and ends with one: it is about one word.
func isEnclosed(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(word, ".,!?;:"))
	return isEnclosing(first) && isEnclosing(last) && len(word) > 2
}

func isEnclosing(r rune) bool {
	return strings.ContainsRune("\"'()[]{}“”„«»‘’", r)
}

// between says whether the sign at j stands between two words of the stretch s[i:end].
func (b *barer) between(j, i, end int) bool {
	s := b.text
	if strings.IndexByte("!|/,;:+=", s[j]) < 0 || j == i || j+1 == end {
		return false
	}
	return isLetter(s[j-1]) && isLetter(s[j+1])
}

// tag drops a tag of HTML that begins at j and returns its length, or that of one sign.
func (b *barer) tag(j, end int) int {
	s := b.text
	name := strings.TrimPrefix(s[j+1:end], "/")
	n := 0
	for n < len(name) && n < 10 && isAlnum(name[n]) {
		n++
	}
	closed := strings.IndexByte(s[j:end], '>')
	if n == 0 || closed < 0 {
		return 1
	}
	with := ""
	if name[:n] == "br" || name[:n] == "p" || name[:n] == "div" || name[:n] == "li" {
		with = " "
	}
	b.put(j, j+closed+1, with)
	return closed + 1
}
