package guard

import (
	"math/bits"
	"strconv"
	"strings"
	"unicode/utf8"
)

// trait is a property with a few grades.
type trait struct{ names []string }

// maxGrades is how many grades a trait has at most.
const maxGrades = 12

func newTrait(name string, grades int) trait {
	t := trait{}
	for grade := range grades {
		t.names = append(t.names, name+"="+strconv.Itoa(grade))
	}
	return t
}

// traits are the properties in the order in which they are found. A grade is a count, the highest also stands for all above it; of those marked log2 it is the
// number of binary digits.
var traits = [...]trait{
	traitLength:   newTrait("length", maxGrades), // log2 of the bytes
	traitLinks:    newTrait("links", 4),
	traitPaths:    newTrait("link with path", 3),
	traitMails:    newTrait("mail address", 2),
	traitDigits:   newTrait("digits", 6),      // log2
	traitNumber:   newTrait("long number", 3), // seven digits or more, as a telephone has
	traitMoney:    newTrait("amount of money", 3),
	traitCapitals: newTrait("capitals", 6), // in fifths of the letters
	traitShouts:   newTrait("exclamation marks", 4),
	traitAsks:     newTrait("question marks", 3),
	traitMentions: newTrait("mentions", 4),
	traitTags:     newTrait("hashtags", 5),
	traitCoins:    newTrait("coin tags", 4),
	traitEmoji:    newTrait("emoji", 5),
	traitAddress:  newTrait("wallet address", 3),
	traitLines:    newTrait("line breaks", 5), // log2
}

const (
	traitLength = iota
	traitLinks
	traitPaths
	traitMails
	traitDigits
	traitNumber
	traitMoney
	traitCapitals
	traitShouts
	traitAsks
	traitMentions
	traitTags
	traitCoins
	traitEmoji
	traitAddress
	traitLines
)

// traits finds the properties of the whole text and, after its length, the hosts of its links as words with a dot.
func (x *extractor) traits(t *Text) {
	x.head, x.tail = false, false
	for i, grade := range gradesOf(t) {
		if i == traitLinks {
			x.hosts(t.Links)
		}
		if grade >= 0 {
			x.kind, x.a, x.b, x.word = traitFeature, traits[i].names[grade], "", ""
			x.found(x)
		}
	}
}

func (x *extractor) hosts(links []Link) {
	for i := range links {
		host, top := hostFeatures(&links[i])
		for _, name := range []string{host, top} {
			if name != "" {
				x.kind, x.a, x.b, x.word = wordFeature, name, "", host
				x.found(x)
			}
		}
	}
}

// hostFeatures returns the words that a link adds: its host, and the last label with its dot. They are empty where there are none.
func hostFeatures(link *Link) (host, top string) {
	if link.Loose || len(link.Host) > 3*maxWord {
		return "", ""
	}
	if dot := strings.LastIndexByte(link.Host, '.'); dot >= 0 {
		top = link.Host[dot:]
	}
	return link.Host, top
}

// gradesOf returns each trait's grade, -1 for one that the text cannot have.
func gradesOf(t *Text) (grades [len(traits)]int) {
	text := t.Original
	if t.Disguise != 0 {
		text = t.Joined // the letters of &#104;&#105; are no digits
	}
	grades[traitLength] = bits.Len(uint(len(text)))
	for i := range t.Links {
		link := &t.Links[i]
		switch {
		case link.Mail:
			grades[traitMails]++
		case !link.Loose:
			grades[traitLinks]++
			if len(link.URL) > len(link.Host)+1 {
				grades[traitPaths]++
			}
		}
	}
	n := count(text)
	grades[traitDigits] = bits.Len(uint(n.digits))
	grades[traitNumber] = n.numbers
	grades[traitMoney] = n.money
	grades[traitCapitals] = -1
	if n.letters > 0 {
		grades[traitCapitals] = (5*n.capitals + n.letters - 1) / n.letters
	}
	grades[traitShouts] = n.shouts
	grades[traitAsks] = n.asks
	grades[traitMentions] = n.mentions
	grades[traitTags] = n.tags
	grades[traitCoins] = n.coins
	grades[traitEmoji] = n.emoji
	grades[traitAddress] = n.addresses
	grades[traitLines] = bits.Len(uint(n.lines))
	for i := range grades {
		grades[i] = min(grades[i], len(traits[i].names)-1)
	}
	return grades
}

// tally is what the characters of a text add up to.
type tally struct {
	letters, capitals, digits, numbers, shouts, asks, mentions, tags, coins, money, emoji, addresses, lines int
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
