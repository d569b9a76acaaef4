package guard

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bounds of what makes bare look closer.
const (
	minGlued   = 15 // letters of a word that may be several without blanks
	maxGlued   = 26 // letters of several pieces that may be one word or two
	maxPieces  = 5
	minRunning = 2 // words in a row that end in the same sign
)

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
	s, words := b.text, 0
	var ends []int
	var sign byte
	for at := i; at < b.end; words++ {
		end := at
		for end < b.end && isLetter(s[end]) {
			end++
		}
		if end == at || end+1 >= b.end || s[end+1] != ' ' || strings.IndexByte(",.;!|/-", s[end]) < 0 || words > 0 && s[end] != sign {
			break
		}
		sign = s[end]
		ends = append(ends, end)
		at = end + 2
	}
	if words < minRunning {
		return i
	}
	for _, end := range ends {
		b.put(end, end+1, " ")
	}
	return ends[len(ends)-1] + 1
}

// stretch drops the marks of one stretch without blanks.
func (b *barer) stretch(i, end int) {
	s := b.text
	word := s[i:end]
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

// squeezed maps the words of the vocabulary, their double letters single, to themselves.
var squeezed = sync.OnceValue(func() map[string]string {
	words := make(map[string]string, len(vocabulary()))
	for word := range vocabulary() {
		if len(word) > 1 {
			words[squeeze(word)] = word
		}
	}
	return words
})

// squeeze returns the word with one letter for several equal ones.
func squeeze(word string) string {
	out := make([]byte, 0, len(word))
	for i := range len(word) {
		if i == 0 || word[i] != word[i-1] {
			out = append(out, word[i])
		}
	}
	return string(out)
}

// respell returns s with words of the vocabulary that were glued together or cut into pieces as words again, and those with letters doubled too, as far as shapes says that there are such.
func respell(s string, shapes wordShapes) string {
	var out []byte
	last := 0
	for i := 0; i < len(s); {
		if !isLetter(s[i]) {
			i++
			continue
		}
		end := lettersEnd(s, i)
		to, words := respelt(s, i, end, shapes)
		if words != "" {
			out = append(append(out, s[last:i]...), words...)
			last = to
		}
		i = max(to, end)
	}
	if last == 0 {
		return s
	}
	return string(append(out, s[last:]...))
}

func lettersEnd(s string, i int) int {
	for i < len(s) && isLetter(s[i]) {
		i++
	}
	return i
}

// respelt returns what the word s[i:end] stands for, perhaps with the pieces after it, and where that ends; "" for itself.
func respelt(s string, i, end int, shapes wordShapes) (to int, words string) {
	word := s[i:end]
	known := vocabulary()
	if len(word) >= minGlued && !known[word] {
		if split := string(appendWords(nil, []byte(word))); split != word {
			return end, split
		}
	}
	if shapes&doubledWords != 0 && len(word) > 2 && !known[word] {
		if plain := squeezed()[squeeze(word)]; plain != "" {
			return end, plain
		}
	}
	if shapes&pieceWords == 0 {
		return end, ""
	}
	return pieces(s, i, end)
}

// pieces puts a word and the few after it together when that makes words of the vocabulary, and one of them is a letter that is no word.
func pieces(s string, i, end int) (to int, words string) {
	if end-i > maxKnown/2 {
		return end, ""
	}
	var letters []byte
	letters = append(letters, s[i:end]...)
	strange := end-i == 1 && pieceOf(s[i]) != 0
	for n := 1; n < maxPieces && end+1 < len(s) && s[end] == ' ' && isLetter(s[end+1]); n++ {
		next := lettersEnd(s, end+1)
		letters = append(letters, s[end+1:next]...)
		strange = strange || next-end == 2 && pieceOf(s[end+1]) != 0
		end = next
		if len(letters) > maxGlued {
			break
		}
		if strange && len(letters) >= minStretch-1 {
			if split := string(appendWords(nil, letters)); split != string(letters) || vocabulary()[split] {
				to, words = end, split
			}
		}
	}
	return to, words
}
