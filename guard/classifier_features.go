package guard

import (
	"unicode"
	"unicode/utf8"
)

// A feature is something that a text has or has not. Its name is a letter for the kind and what it is:
//
//	wseed         a word; a number is as many # as it has digits
//	pseed phrase  two words in a row
//	gphra         three to five characters of a word, with a blank for its ends
//	tlinks=2      a property of the whole text: see traits
//
// Training and scoring use the same extraction, so that a model means the same in both.
const (
	wordFeature  = 'w'
	pairFeature  = 'p'
	gramFeature  = 'g'
	traitFeature = 't'
)

const (
	maxWord      = 24  // longest word, in bytes, that is a feature; of longer ones only the grams are
	maxGramRunes = 256 // characters of a word whose grams are looked at
	minGram      = 3
	maxGram      = 5
	numbers      = "############" // names of numbers
)

// extractor walks over a text and calls found for each feature; one that occurs twice is found twice.
type extractor struct {
	found func(x *extractor)
	text  string

	// What has been found, for those who want its name: blanks, a, blank, b. Word is the word or words that it belongs to.
	kind       byte
	a, b       string
	head, tail bool // a gram begins or ends with a blank
	word       string

	before string // the word before
}

// name returns the name of what was found last.
func (x *extractor) name() string {
	name := string(x.kind)
	if x.head {
		name += " "
	}
	name += x.a
	if x.kind == pairFeature {
		name += " " + x.b
	}
	if x.tail {
		name += " "
	}
	return name
}

func (x *extractor) run(t *Text) {
	x.text, x.before = t.Joined, ""
	for i := 0; i < len(x.text); {
		if c := x.text[i]; c < 0x80 {
			if isAlnum(c) {
				i = x.addWord(i)
			} else {
				i++
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(x.text[i:])
		switch {
		case isWord(r):
			i = x.addWord(i)
			continue
		case unicode.IsSymbol(r): // an emoji is a word
			x.addPair(x.text[i : i+size])
		}
		i += size
	}
	x.traits(t)
}

// addWord finds the features of the word that begins at i and returns its end.
func (x *extractor) addWord(i int) int {
	end, digits := wordEnd(x.text, i)
	word := x.text[i:end]
	if digits == len(word) {
		x.addPair(numbers[:min(digits, len(numbers))])
		return end
	}
	x.addPair(word)
	x.addGrams(word)
	return end
}

// wordEnd returns the end of the word that begins at i, and how many digits it has; i itself where none begins.
func wordEnd(text string, i int) (end, digits int) {
	for end = i; end < len(text); {
		c := text[end]
		if c < 0x80 {
			if !isAlnum(c) && (c != '\'' || end == i || end+1 == len(text) || !isLetter(text[end+1])) {
				break
			}
			if isDigit(c) {
				digits++
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[end:])
		if !isWord(r) {
			break
		}
		end += size
	}
	return end, digits
}

// addPair finds a word and the pair that it makes with the one before.
func (x *extractor) addPair(word string) {
	x.head, x.tail = false, false
	if len(word) > maxWord {
		x.before = ""
		return
	}
	x.kind, x.a, x.b, x.word = wordFeature, word, "", word
	x.found(x)
	if x.before != "" {
		x.kind, x.a, x.b = pairFeature, x.before, word
		x.found(x)
	}
	x.before = word
}

// addGrams finds the runs of characters of " word ".
func (x *extractor) addGrams(word string) {
	x.kind, x.b, x.word = gramFeature, "", word
	x.gramsAt(0, true)
	for at, runes := 0, 0; at < len(word) && runes < maxGramRunes; runes++ {
		x.gramsAt(at, false)
		at += runeSize(word[at])
	}
	x.head, x.tail = false, false
}

// gramsAt finds the runs that begin at one character of the word, or with the blank before it.
func (x *extractor) gramsAt(start int, head bool) {
	word, n := x.word, 0
	if head {
		n = 1
	}
	x.head, x.tail = head, false
	at := start
	for at < len(word) && n < maxGram {
		at = min(at+runeSize(word[at]), len(word))
		if n++; n >= minGram {
			x.a = word[start:at]
			x.found(x)
		}
	}
	if at == len(word) && n < maxGram && n+1 >= minGram {
		x.a, x.tail = word[start:], true
		x.found(x)
	}
}

// runeSize returns the length of the character that begins with c in valid UTF-8.
func runeSize(c byte) int {
	switch {
	case c < 0xC0:
		return 1
	case c < 0xE0:
		return 2
	case c < 0xF0:
		return 3
	}
	return 4
}

// Features returns the names of the features of t in the order in which they are met; one that occurs twice is there twice.
func Features(t *Text) []string {
	var names []string
	x := extractor{found: func(x *extractor) { names = append(names, x.name()) }}
	x.run(t)
	return names
}
