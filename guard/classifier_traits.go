package guard

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// trait is a property with a few grades.
type trait struct {
	names []string
	ids   []featureID
}

func newTrait(name string, grades int) trait {
	t := trait{}
	for grade := range grades {
		full := name + "=" + strconv.Itoa(grade)
		t.names = append(t.names, full)
		t.ids = append(t.ids, hashStart.byte(traitFeature).string(full))
	}
	return t
}

// The traits. A grade is a count, the highest also stands for all above it; of those marked log2 it is the number of binary digits.
var (
	traitLength   = newTrait("length", 12) // log2 of the bytes
	traitLinks    = newTrait("links", 4)
	traitPaths    = newTrait("link with path", 3)
	traitMails    = newTrait("mail address", 2)
	traitDigits   = newTrait("digits", 6)      // log2
	traitNumber   = newTrait("long number", 3) // seven digits or more, as a telephone has
	traitMoney    = newTrait("amount of money", 3)
	traitCapitals = newTrait("capitals", 6) // in fifths of the letters
	traitShouts   = newTrait("exclamation marks", 4)
	traitAsks     = newTrait("question marks", 3)
	traitMentions = newTrait("mentions", 4)
	traitTags     = newTrait("hashtags", 5)
	traitCoins    = newTrait("coin tags", 4)
	traitEmoji    = newTrait("emoji", 5)
	traitAddress  = newTrait("wallet address", 3)
	traitLines    = newTrait("line breaks", 5) // log2
)

func (x *extractor) trait(t trait, grade int) {
	grade = min(grade, len(t.names)-1)
	x.kind, x.a, x.b, x.word, x.head, x.tail = traitFeature, t.names[grade], "", "", false, false
	x.found(x, t.ids[grade])
}

// traits finds the properties of the whole text, and the hosts of its links as words with a dot.
func (x *extractor) traits(t *Text) {
	text := t.Original
	if t.Disguise != 0 {
		text = t.Joined // the letters of &#104;&#105; are no digits
	}
	x.trait(traitLength, bits.Len(uint(len(text))))
	links, paths, mails := 0, 0, 0
	for i := range t.Links {
		link := &t.Links[i]
		switch {
		case link.Mail:
			mails++
		case !link.Loose:
			links++
			if len(link.URL) > len(link.Host)+1 {
				paths++
			}
		}
		if !link.Loose && len(link.Host) <= 3*maxWord {
			x.kind, x.a, x.b, x.word = wordFeature, link.Host, "", link.Host
			x.found(x, hashStart.byte(wordFeature).string(link.Host))
			if dot := strings.LastIndexByte(link.Host, '.'); dot >= 0 {
				x.a = link.Host[dot:]
				x.found(x, hashStart.byte(wordFeature).string(x.a))
			}
		}
	}
	x.trait(traitLinks, links)
	x.trait(traitPaths, paths)
	x.trait(traitMails, mails)
	x.counts(count(text))
}

// tally is what the characters of a text add up to.
type tally struct {
	letters, capitals, digits, numbers, shouts, asks, mentions, tags, coins, money, emoji, addresses, lines int
}

func (x *extractor) counts(n tally) {
	x.trait(traitDigits, bits.Len(uint(n.digits)))
	x.trait(traitNumber, n.numbers)
	x.trait(traitMoney, n.money)
	if n.letters > 0 {
		x.trait(traitCapitals, (5*n.capitals+n.letters-1)/n.letters)
	}
	x.trait(traitShouts, n.shouts)
	x.trait(traitAsks, n.asks)
	x.trait(traitMentions, n.mentions)
	x.trait(traitTags, n.tags)
	x.trait(traitCoins, n.coins)
	x.trait(traitEmoji, n.emoji)
	x.trait(traitAddress, n.addresses)
	x.trait(traitLines, bits.Len(uint(n.lines)))
}

// count adds up the characters of a text as written.
func count(s string) (n tally) {
	run, digits := 0, 0 // of letters and digits
	for i := 0; i <= len(s); i++ {
		c := byte(' ')
		if i < len(s) {
			c = s[i]
		}
		switch {
		case isDigit(c):
			digits++
			run++
			n.digits++
			continue
		case 'A' <= c && c <= 'Z':
			n.capitals++
			n.letters++
			run++
			continue
		case isLetter(c):
			n.letters++
			run++
			continue
		}
		if run >= 7 && digits == run {
			n.numbers++
		}
		if run >= 30 && run <= 66 && digits > 1 && digits < run { // a hexadecimal or base-58 address
			n.addresses++
		}
		run, digits = 0, 0
		next := byte(' ')
		if i+1 < len(s) {
			next = s[i+1]
		}
		i += n.sign(s, i, c, next)
	}
	return n
}

// sign counts a character that is no letter or digit, and returns how many further bytes it has.
func (n *tally) sign(s string, i int, c, next byte) int {
	word := isAlnum(next)
	switch c {
	case '!':
		n.shouts++
	case '?':
		n.asks++
	case '\n':
		n.lines++
	case '@':
		if word && (i == 0 || !isAlnum(s[i-1])) {
			n.mentions++
		}
	case '#':
		if word || next >= 0x80 {
			n.tags++
		}
	case '$':
		switch {
		case isDigit(next):
			n.money++
		case word:
			n.coins++
		}
	}
	if c < 0xC0 {
		return 0
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	switch {
	case r == '£' || r == '€' || r == '₹' || r == '₽':
		n.money++
	case r >= 0x1F000 && r < 0x1FB00 || r >= 0x2600 && r < 0x27C0:
		n.emoji++
	}
	return size - 1
}
