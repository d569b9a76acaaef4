package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// foldWords returns s in lower case, Latin letters without accents, and letters of other scripts replaced where they pose as Latin ones. Russian or Greek
// text stays what it is, and Latin letters that pose as Cyrillic in a Russian word become Cyrillic.
func (t *Text) foldWords(s string) string {
	f := folder{text: t, tables: confusables(), whole: s, out: make([]byte, 0, len(s)+8)}
	for i := 0; i < len(s); {
		if s[i] < 0x80 && !isAlnum(s[i]) {
			f.out = append(f.out, s[i])
			i++
			continue
		}
		end := f.wordEnd(s, i)
		if end == i { // a character that is no part of a word
			_, size := utf8.DecodeRuneInString(s[i:])
			f.out = append(f.out, s[i:i+size]...)
			i += size
			continue
		}
		f.word(s[i:end])
		i = end
	}
	return string(f.out)
}

type folder struct {
	text   *Text
	tables *lookalikes
	out    []byte
	whole  string
	native uint8 // set of scripts in use: see inUse
	met    uint8 // of these, the scripts that have a word of their own
	known  bool  // native has been found out
}

// wordEnd returns the end of the word that begins at i: letters, digits, marks, and signs that look like letters between letters.
func (f *folder) wordEnd(s string, i int) int {
	for i < len(s) {
		c := s[i]
		if c < 0x80 {
			if !isAlnum(c) {
				return i
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !isWord(r) && f.tables.look[r] == "" {
			return i
		}
		i += size
	}
	return i
}

// inUse says whether one of the scripts (a set of 1<<script) has a word in the text that can't be a Latin word in disguise. In a text without a
// Latin word all are in use: there is nothing to pose as.
func (f *folder) inUse(scripts uint8) bool {
	if !f.known {
		f.native, f.known = f.nativeScripts(f.whole), true
	}
	return f.native&scripts != 0
}

func (f *folder) nativeScripts(s string) (native uint8) {
	sawLatin := false
	for i := 0; i < len(s); {
		end := f.wordEnd(s, i)
		if end == i {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
			continue
		}
		w := f.survey(s[i:end])
		switch {
		case w.letters[latin] > 0:
			sawLatin = sawLatin || w.others == 0 || w.letters[latin] > w.posing+w.nearly
		case w.strict < w.others && w.others > 1:
			native |= w.scripts
		}
		i = end
	}
	f.met = native
	if !sawLatin {
		return ^uint8(0)
	}
	return native
}

// survey is what a word consists of.
type survey struct {
	letters  [5]int
	others   int   // letters that are not Latin
	strict   int   // of these, how many look like a Latin letter
	foldable int   // of these, how many look or nearly look like one
	scripts  uint8 // of the others, as a set
	switches int   // how often the word goes from Latin to another script or back
	posing   int   // Latin and Greek letters that look like Cyrillic ones
	nearly   int   // Latin letters that a reader takes for Cyrillic ones among such
	digits   int
	ascii    bool
	small    bool // there are small letters
}

func (f *folder) survey(word string) survey {
	w := survey{ascii: true}
	last := none
	for _, r := range word {
		w.ascii = w.ascii && r < 0x80
		w.small = w.small || unicode.IsLower(r)
		script := scriptOf(r)
		if script == none {
			if r < 0x80 && isDigit(byte(r)) {
				w.digits++
				continue
			}
			if unicode.Is(unicode.M, r) {
				continue
			}
			script = otherScript
		}
		w.letters[script]++
		switch {
		case asCyrillic(r) != 0:
			w.posing++
		case nearlyCyrillic(r) != 0:
			w.nearly++
		}
		if script != latin {
			w.others++
			w.scripts |= 1 << script
			switch f.tables.likeness(r) {
			case strictly:
				w.strict++
				w.foldable++
			case loosely:
				w.foldable++
			}
		}
		if last != none && (last == latin) != (script == latin) {
			w.switches++
		}
		last = script
	}
	return w
}

// posesAsCyrillic says whether a word that has Cyrillic letters is a Cyrillic one, all the others being look-alikes.
func (f *folder) posesAsCyrillic(w *survey) bool {
	own, foreign := w.letters[cyrillic], w.letters[latin]+w.letters[greek]
	if own == 0 || own+w.letters[greek] != w.others {
		return false
	}
	if w.posing == foreign {
		return w.foldable < w.others || f.inUse(1<<cyrillic)
	}
	return w.posing+w.nearly == foreign && own >= foreign && (w.foldable < w.others || f.inUse(1<<cyrillic) && f.met&(1<<cyrillic) != 0)
}

// word appends one word, folded.
func (f *folder) word(word string) {
	w := f.survey(word)
	switch {
	case w.ascii:
		for i := range len(word) {
			f.out = append(f.out, lowerByte(word[i]))
		}
	case w.others == 0:
		f.replace(word, false, false)
	case f.posesAsCyrillic(&w):
		f.cyrillicWord(word, w)
	case w.letters[latin] == 0 && w.strict == w.others && !f.inUse(w.scripts),
		w.letters[latin] > 0 && (w.strict == w.others || w.foldable == w.others && w.switches > 1):
		f.text.Disguise |= Homoglyphs
		f.replace(word, true, w.small)
	default:
		f.out = append(f.out, strings.ToLower(word)...)
	}
}

// replace appends a word with Latin letters made plain, and with those of other scripts replaced when foreign is true. Small says whether it has small letters.
func (f *folder) replace(word string, foreign, small bool) {
	for _, r := range word {
		to := ""
		switch {
		case r < 0x80:
			f.out = append(f.out, lowerByte(byte(r)))
			continue
		case f.tables.latin[r] != "":
			to = f.tables.latin[r]
		case foreign && !small && (r == 'І' || r == 'Ι'):
			to = "i" // among capitals; among small letters it passes for an l
		case foreign && f.tables.look[r] != "":
			to = f.tables.look[r]
		case foreign:
			to = f.tables.loose[r]
		}
		if to == "" {
			to = string(unicode.ToLower(r))
		}
		f.out = append(f.out, to...)
	}
}

// cyrillicWord appends a Cyrillic word in lower case, in which Latin letters and digits that pose as Cyrillic letters are replaced.
func (f *folder) cyrillicWord(word string, w survey) {
	if w.letters[latin]+w.letters[greek] > 0 {
		f.text.Disguise |= Homoglyphs
	}
	before := none
	for i, r := range word {
		if c := max(asCyrillic(r), nearlyCyrillic(r)); c != 0 {
			r = c
		} else if r < 0x80 {
			if c := digitAsCyrillic(r); c != 0 && w.digits == 1 && w.others > 2 && f.insideCyrillic(word[i:], before) {
				f.text.Disguise |= Leet
				r = c
			}
		}
		before = scriptOf(r)
		f.out = utf8.AppendRune(f.out, unicode.ToLower(r))
	}
}

// insideCyrillic says whether the digit at the start of rest stands for a letter: between two letters, or as the 0 or 3 of 0плата, 3аработок.
func (f *folder) insideCyrillic(rest string, before byte) bool {
	next, _ := utf8.DecodeRuneInString(rest[1:])
	if scriptOf(next) != cyrillic {
		return false
	}
	return before == cyrillic || rest[0] == '0' || rest[0] == '3' && next == 'а'
}

func digitAsCyrillic(r rune) rune {
	switch r {
	case '0':
		return 'о'
	case '3':
		return 'з'
	case '4':
		return 'ч'
	case '6':
		return 'б'
	}
	return 0
}

// posing pairs letters of other scripts that look like Cyrillic ones with these; nearlyPosing those that do in the company of Cyrillic letters.
const (
	posing, posed             = "aceopxykABCEHKMOPTXYαορεκτυχνΑΒΕΗΚΜΟΡΤΧ", "асеорхукАВСЕНКМОРТХУаоректухиАВЕНКМОРТХ"
	nearlyPosing, nearlyPosed = "umnrbthg", "импгьтнд"
)

func pairs(from, to string) (table [quickRunes]rune) {
	letters := []rune(to)
	for i, r := range []rune(from) {
		table[r] = letters[i]
	}
	return table
}

var cyrillicOf, nearlyCyrillicOf = pairs(posing, posed), pairs(nearlyPosing, nearlyPosed)

// asCyrillic returns the Cyrillic letter that r looks like, 0 for none.
func asCyrillic(r rune) rune {
	if r >= quickRunes {
		return 0
	}
	return cyrillicOf[r]
}

// nearlyCyrillic returns the Cyrillic letter for which r passes, 0 for none.
func nearlyCyrillic(r rune) rune {
	if r >= quickRunes {
		return 0
	}
	return nearlyCyrillicOf[r]
}
