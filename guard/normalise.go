package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normalise returns how s looks to the guard. It takes any bytes and needs time and memory in proportion to their number.
func Normalise(s string) *Text {
	t := new(Text)
	t.normalise(s)
	return t
}

// normalise makes t the text s. What t was before is gone, but for the room that its links took.
func (t *Text) normalise(s string) {
	*t = Text{Original: s, Links: t.Links[:0]}
	met := bytesMet(s)
	if met&(metPercent|metAmpersand|metBackslash) != 0 {
		s = t.decode(s)
		met = bytesMet(s)
	}
	if met&metHigh == 0 {
		s = lowerASCII(s, met)
		t.findLinks(s, met)
	} else {
		s = t.plain(s)
		if met = bytesMet(s); mayHaveLinks(s, met) {
			t.findLinks(strings.ToLower(s), met)
		}
		s = t.foldWords(s)
		met = bytesMet(s)
	}
	if met&(metDigit|metSign) != 0 {
		s = t.undoLeet(s)
	}
	t.Folded = singleBlanks(s)
	t.Joined = t.Folded
	shapes := shapesOf(s)
	if joined := unbreak(t.join(s, shapes)); joined != s {
		t.Joined = singleBlanks(joined)
	}
	t.Bare = t.Folded
	if plain := bare(s, met, shapes); plain != s {
		t.Bare = singleBlanks(t.join(plain, shapesOf(plain)))
	}
}

// lowerASCII returns s in lower case, carriage returns as line breaks, other white space as blanks, other control characters left out.
func lowerASCII(s string, met uint16) string {
	if met&(metUpper|metControl) == 0 {
		return s
	}
	if met&metControl == 0 {
		return strings.ToLower(s)
	}
	var out strings.Builder
	out.Grow(len(s))
	for i := range len(s) {
		c := s[i]
		if byteKinds[c]&metControl == 0 {
			out.WriteByte(lowerByte(c))
			continue
		}
		if c = plainControl(s, i); c != 0 {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// plainControl returns what takes the place of the control character at i, 0 for nothing.
func plainControl(s string, i int) byte {
	switch s[i] {
	case '\t', '\v', '\f':
		return ' '
	case '\n':
		return '\n'
	case '\r':
		if i+1 < len(s) && s[i+1] == '\n' {
			return 0 // the line feed follows
		}
		return '\n'
	}
	return 0
}

// plain returns s in NFKC without invisible characters, piled marks and reversed stretches; upper case, accents and letters of other
// scripts are still there.
func (t *Text) plain(s string) string {
	s = norm.NFKC.String(t.unstyle(s))
	c := cleaner{text: t, out: make([]byte, 0, len(s)), override: -1}
	for i, r := range s {
		switch {
		case r >= 0x80:
			c.add(r, s[i:])
		case byteKinds[byte(r)]&metControl != 0 || r == '\n':
			c.endOverride()
			if b := plainControl(s, i); b != 0 {
				c.write(rune(b))
			}
		default:
			c.write(r)
		}
	}
	c.endOverride()
	return string(c.out)
}

// unstyle replaces letters in boxes and circles, which NFKC leaves or turns into "(a)", and notes that there were some, or some that NFKC
// replaces.
func (t *Text) unstyle(s string) string {
	tables := confusables()
	var b strings.Builder
	last := 0
	regional := 0 // regional indicators in a row: two are a flag
	for i, r := range s {
		if r < 0x2000 && (r < 0x1D00 || r > 0x1DBF) && r != 0x262 && r != 0x26A && (r < 0x274 || r > 0x29F) {
			regional = 0
			continue
		}
		to := tables.styled[r]
		if r >= 0x1F1E6 && r <= 0x1F1FF {
			regional++
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
			if regional%2 == 1 && (next < 0x1F1E6 || next > 0x1F1FF) {
				to = string('a' + r - 0x1F1E6)
			}
		} else {
			regional = 0
		}
		if to != "" {
			b.WriteString(s[last:i])
			b.WriteString(to)
			last = i + utf8.RuneLen(r)
		}
		if to != "" || styledByNFKC(r) {
			t.Disguise |= Styled
		}
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

// styledByNFKC says whether r is a letter in a dress that NFKC takes off: mathematical, full-width, circled, superscript.
func styledByNFKC(r rune) bool {
	return r >= 0x1D400 && r <= 0x1D7CB || r >= 0xFF21 && r <= 0xFF5A || r >= 0x24B6 && r <= 0x24E9 || r >= 0x1D2C && r <= 0x1D61
}

// cleaner writes the characters of a text that are to stay.
type cleaner struct {
	text     *Text
	out      []byte
	marks    int  // marks in a row
	script   byte // of the last letter
	hidden   bool // something invisible came after the last character
	override int  // where in out a right-to-left override began, -1: nowhere
}

// add takes r, which is not ASCII; rest begins with it.
func (c *cleaner) add(r rune, rest string) {
	switch {
	case r >= 0xC0 && r < 0x300 || r >= 0x370 && r < 0x483: // letters and their like
		c.write(r)
	case r == 0x202E, r == 0x202D:
		c.text.Disguise |= Bidi
		c.endOverride()
		if r == 0x202E {
			c.override = len(c.out)
		}
	case r == 0x202C || r == 0x2069:
		c.endOverride()
	case dropped(r):
		c.hidden = c.hidden || invisible(r)
	case unicode.Is(unicode.M, r):
		c.mark(r)
	case r == 0x2028 || r == 0x2029 || r == 0x85:
		c.endOverride()
		c.write('\n')
	case unicode.Is(unicode.Zs, r) || r == 0x2800: // an empty Braille cell is a blank
		c.write(' ')
	case r == 0x3002 && c.betweenHosts(rest): // browsers take the ideographic full stop for a dot
		c.write('.')
		c.text.Disguise |= Hidden
	case (r == '€' || r == '£') && c.insideWord(r, rest):
		c.write('e')
		c.text.Disguise |= Leet
	default:
		c.write(r)
	}
}

// insideWord says whether the sign r at the start of rest, perhaps repeated, stands for a letter: s€€d. Beside a number it is a price.
func (c *cleaner) insideWord(r rune, rest string) bool {
	after := strings.TrimLeft(rest, string(r))
	if len(c.out) == 0 || after != "" && isDigit(after[0]) {
		return false
	}
	before := c.out[len(c.out)-1]
	return isLetter(lowerByte(before)) || isDigit(before) && len(rest)-len(after) > utf8.RuneLen(r) && after != "" && isLetter(lowerByte(after[0]))
}

func (c *cleaner) betweenHosts(rest string) bool {
	next := len("。")
	return len(c.out) > 0 && isAlnum(c.out[len(c.out)-1]) && len(rest) > next && isAlnum(rest[next])
}

func (c *cleaner) write(r rune) {
	script := scriptOf(r)
	if c.hidden && script != none && c.script != none {
		c.text.Disguise |= Invisible
	}
	c.hidden, c.marks, c.script = false, 0, script
	c.out = utf8.AppendRune(c.out, r)
}

// mark drops marks on letters that have a composed form for every good use, and piles of marks anywhere.
func (c *cleaner) mark(r rune) {
	c.marks++
	if c.script != none {
		if c.marks >= 2 {
			c.text.Disguise |= Stacked
		}
		return
	}
	if c.marks > 4 {
		c.text.Disguise |= Stacked
		return
	}
	if len(c.out) > 0 && c.out[len(c.out)-1] >= 0x80 { // Arabic, Thai, Devanagari: marks are part of the word
		c.out = utf8.AppendRune(c.out, r)
	}
}

// endOverride turns what followed a right-to-left override into the order in which it is seen.
func (c *cleaner) endOverride() {
	if c.override < 0 {
		return
	}
	part := []rune(string(c.out[c.override:]))
	for i, j := 0, len(part)-1; i < j; i, j = i+1, j-1 {
		part[i], part[j] = part[j], part[i]
	}
	c.out = append(c.out[:c.override], string(part)...)
	c.override = -1
}

// invisible says whether r takes no room and has no use between the letters of a word in Latin, Cyrillic or Greek.
func invisible(r rune) bool {
	switch r {
	case 0xAD, 0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0:
		return true
	}
	return r >= 0x200B && r <= 0x200D || r >= 0x2060 && r <= 0x2064 || r >= 0xE0000 && r <= 0xE007F
}

// dropped says whether r is left out: invisible, a direction mark, a variation selector.
func dropped(r rune) bool {
	return invisible(r) || r >= 0x200E && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x206F ||
		r >= 0xFE00 && r <= 0xFE0F || r >= 0x180B && r <= 0x180D || r >= 0xE0100 && r <= 0xE01EF || r >= 0x80 && r < 0xA0 && r != 0x85 ||
		r == 0x61C || r >= 0xFFF9 && r <= 0xFFFB
}
