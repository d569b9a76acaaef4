package guard

import "strings"

// maxLeetWord bounds a word in which digits are taken for letters: what is longer is an address, a hash, a number.
const maxLeetWord = 26

// undoLeet replaces digits and signs that stand for letters inside words: p4ssw0rd, fr33, c!aim. Numbers, prices, "2nd", "mp3",
// names of accounts (@…), of coins ($…) and addresses stay. In a text that has several such words, whatever may be one is: m3, y0u, 4nd.
func (t *Text) undoLeet(s string) string {
	u := leetUndoer{text: s}
	u.chunks(leetWord)
	if u.resolved >= manyLeet || u.mixed > manyLeet && 2*u.mixed >= u.stretches {
		u.many = true
		u.chunks(leetLoosely)
	}
	if u.out == nil {
		return s
	}
	t.Disguise |= Leet
	return string(u.out)
}

// manyLeet is how many words in leetspeak make it the way in which a text is written. Where half of the words mix digits and letters, one more of these does.
const manyLeet = 2

// leetUndoer reads text, and writes a copy where something is replaced.
type leetUndoer struct {
	text      string
	out       []byte
	stretches int  // without blanks
	mixed     int  // of these, with letters and what stands for letters
	resolved  int  // words
	many      bool // so many that the rest is read as leetspeak too
}

// chunks replaces the words that are accepted in all stretches without blanks that may have some.
func (u *leetUndoer) chunks(accept func(word string) bool) {
	s := u.text
	for i := 0; i < len(s); {
		if s[i] <= ' ' {
			i++
			continue
		}
		end := i + 1
		for end < len(s) && s[end] > ' ' {
			end++
		}
		u.stretches++
		if isLeetChunk(s[i:end], u.many) {
			u.mixed++
			u.words(i, end, accept)
		}
		i = end
	}
}

// words replaces the words that are accepted, or known, in one stretch.
func (u *leetUndoer) words(i, end int, accept func(word string) bool) {
	for j := i; j < end; {
		k := j
		for k < end && isLeetByte(u.text[k]) {
			k++
		}
		word := u.text[j:k]
		known := leetKnown(word)
		if known != "" || accept(word) && !twoWords(word) {
			if u.out == nil {
				u.out = []byte(u.text)
			}
			resolveLeet(u.out[j:k], u.many)
			copy(u.out[j:k], known)
			u.resolved++
		}
		j = max(k, j+1)
	}
}

// twoWords says whether the sign in a word stands between two of the vocabulary: seed!phrase.
func twoWords(word string) bool {
	i := strings.IndexAny(word, "!|")
	return i > 0 && vocabulary()[word[:i]] && vocabulary()[word[i+1:]]
}

// isLeetChunk says whether a stretch without blanks has a sign or digit next to a letter and is no address, account or coin. An account may be a word where there are many.
func isLeetChunk(chunk string, many bool) bool {
	if chunk[0] == '#' || chunk[0] == '/' || chunk[0] == '@' && !many {
		return false
	}
	leet, letters := false, false
	for i := range len(chunk) {
		c := chunk[i]
		switch {
		case c == '/' || c == '=' || c == '_' || c == '%' || c == '\\':
			return false
		case c == '.' && i+1 < len(chunk) && isAlnum(chunk[i+1]):
			return false // a host, a decimal, an abbreviation
		case isLetter(c):
			letters = true
		case leetLetter(c) != 0:
			leet = true
		}
	}
	return leet && (letters || many)
}

// isLeetByte says whether c can be part of a word with leetspeak. Bytes of other scripts count, so that a word of theirs is not taken for two.
func isLeetByte(c byte) bool {
	return isAlnum(c) || c == '@' || c == '$' || c == '!' || c == '|' || c >= 0x80
}

// leetWord says whether digits and signs of the word stand for letters.
func leetWord(word string) bool {
	for len(word) > 0 && (word[len(word)-1] == '!' || word[len(word)-1] == '$' || word[len(word)-1] == '@' || word[len(word)-1] == '|') {
		word = word[:len(word)-1] // a word's end, or a price
	}
	if len(word) < 4 || len(word) > maxLeetWord || word[0] == '$' || word[0] == '!' || word[0] == '0' && word[1] == 'x' {
		return false
	}
	letters, leet, run, runs := 0, 0, 0, 0
	for i := range len(word) {
		c := word[i]
		switch {
		case isLetter(c):
			letters++
			run = 0
		case leetLetter(c) != 0:
			if run++; run == 1 {
				runs++
			}
			if run > 2 {
				return false
			}
			leet++
		default:
			return false // 2, 6, 8, 9: a code, or "gr8"
		}
	}
	if leet == 0 || letters < 2 || leet > letters || word[0] == 'v' && isDigit(word[1]) {
		return false
	}
	return leetEnds(word, letters, runs)
}

// leetEnds says whether the digits at the ends of a word, where most are numbers ("covid19", "3rd"), speak for leetspeak.
func leetEnds(word string, letters, runs int) bool {
	n := len(word)
	first, last := !isLetter(word[0]), !isLetter(word[n-1])
	if first && (word[0] != '0' && word[0] != '@' || letters < 4 && runs < 2) {
		return false
	}
	if last && runs < 2 { // fr33, but not web3, win10, mp3
		return !first && word[n-1] == word[n-2] && (word[n-1] == '3' || word[n-1] == '0' && letters > 2)
	}
	return true
}

// leetKnown returns the word of the vocabulary that a word in leetspeak is, though it may begin with a digit or have more of them than letters: $eed, 1nvest, 533d.
// It is empty for none, and for short words.
func leetKnown(word string) string {
	if len(word) < 4 {
		return ""
	}
	return inVocabulary(word)
}

// leetLoosely says whether a word in a text that is full of leetspeak may be another: letters and what stands for letters. Of those that are but a name with a sign before it, only the vocabulary is.
func leetLoosely(word string) bool {
	if len(word) > maxLeetWord {
		return false
	}
	letters, inside := 0, 0 // inside: but for a sign at the beginning
	for i := range len(word) {
		switch c := word[i]; {
		case isLetter(c):
			letters++
		case leetLetter(c) == 0:
			return false
		default:
			if i > 0 || isDigit(c) {
				inside++
			}
		}
	}
	return letters > 0 && inside > 0 || inVocabulary(word) != ""
}

// inVocabulary returns the word of the vocabulary that word stands for, if it has digits or signs and is not too long.
func inVocabulary(word string) string {
	if len(word) > maxLeetWord {
		return ""
	}
	var buffer [maxLeetWord]byte
	plain := append(buffer[:0], word...)
	letters, signs := 0, 0
	for i, c := range plain {
		if !isAlnum(c) {
			signs++
		}
		switch {
		case isLetter(c):
			letters++
		case c == '$' && i == len(plain)-1:
			plain[i] = 's' // thi$, and not only a price
		}
	}
	if letters == len(word) || letters+signs == 0 {
		return "" // a word as it is, or a number
	}
	resolveLeet(plain, false)
	if vocabulary()[string(plain)] {
		return string(plain)
	}
	return ""
}

// leetLetter returns the letter that a digit or sign stands for, 0 for none. 1 and | are seen by resolveLeet.
func leetLetter(c byte) byte {
	switch c {
	case '0':
		return 'o'
	case '1', '!', '|':
		return 'i'
	case '3':
		return 'e'
	case '4', '@':
		return 'a'
	case '5', '$':
		return 's'
	case '7':
		return 't'
	}
	return 0
}

// resolveLeet replaces the digits and signs of a word in place. Signs at its end stay, unless dollars are letters.
func resolveLeet(word []byte, dollars bool) {
	end := len(word)
	for end > 0 && !isAlnum(word[end-1]) && !(dollars && (word[end-1] == '$' || word[end-1] == '@')) {
		end--
	}
	for i := range word[:end] {
		switch c := word[i]; {
		case c == '1' || c == '|' || c == '!':
			word[i] = iOrL(word[:end], i)
		case leetLetter(c) != 0 && !isLetter(c):
			word[i] = leetLetter(c)
		}
	}
}

// iOrL decides what a stroke stands for: wa11et, wal1et and c1aim have an l, g1ft, k1ll and val1d an i.
func iOrL(word []byte, i int) byte {
	at := func(j int) byte {
		if j < 0 || j >= len(word) {
			return 0
		}
		return word[j]
	}
	before, after := at(i-1), at(i+1)
	switch {
	case before == '1' || before == '|' || after == '1' || after == '|':
		return 'l'
	case (after == 'o' || after == '0') && at(i+2) == 'n':
		return 'i' // -tion, -cion
	case before == 'l' && isVowel(after), after == 'l' && isVowel(before):
		return 'l'
	case strings.IndexByte("bcfgp", before) >= 0 && before != 0 && isVowel(after):
		return 'l'
	}
	return 'i'
}

// isVowel says whether c is a vowel, or a sign for one.
func isVowel(c byte) bool { return c != 0 && strings.IndexByte("aeiou034@", c) >= 0 }
