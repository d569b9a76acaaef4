package load

import "strings"

// codeLength is how many characters of a content name its message.
const codeLength = 8

// minSize is the least size of a content: its code, a space and something to read.
const minSize = codeLength + 2

// filler is what contents are made of: plain words, in which a filter finds nothing to object to.
const filler = "thanks for the draft, the second part reads well now and we can talk about the rest of it tomorrow after lunch. "

// padding is the part of a content of the given size that stands behind its code.
func padding(size int) string {
	rest := size - codeLength - 1
	// A space at the end would be easy to lose; a full stop is not.
	return " " + strings.Repeat(filler, rest/len(filler)+1)[:rest-1] + "."
}

// code spells a number in letters, so that no part of a content looks like a number of anything.
func code(n uint32) string {
	var letters [codeLength]byte
	for i := codeLength - 1; i >= 0; i-- {
		letters[i] = 'a' + byte(n&15)
		n >>= 4
	}
	return string(letters[:])
}

// decode undoes code on the beginning of a content. It returns false for the contents of others.
func decode(content []byte) (uint32, bool) {
	if len(content) < codeLength {
		return 0, false
	}
	var n uint32
	for _, letter := range content[:codeLength] {
		if letter < 'a' || letter > 'p' {
			return 0, false
		}
		n = n<<4 | uint32(letter-'a')
	}
	return n, true
}
