package guard

import (
	_ "embed" // for the words
	"strings"
	"sync"
)

//go:embed vocabulary.txt
var vocabularyText string

// vocabulary are the words of vocabulary.txt: what swindlers disguise, and what stands between.
var vocabulary = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(vocabularyText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for word := range strings.FieldsSeq(line) {
			words[word] = true
		}
	}
	return words
})

// Bounds of a stretch of letters that is looked through for words, in bytes.
const (
	minStretch = 7
	maxStretch = 200
	maxKnown   = 14 // longest word of the vocabulary
)

// appendWords appends letters that were written apart, with blanks between the words if they are nothing but words of the vocabulary: sendmeyourseed.
func appendWords(out, letters []byte) []byte {
	n := len(letters)
	known := vocabulary()
	if n < minStretch || n > maxStretch || known[string(letters)] {
		return append(out, letters...)
	}
	var word [maxStretch + 1]uint8 // length of the word to take at a place so that nothing is left over, 0 for none
	for i := n - 1; i >= 0; i-- {
		for size := min(maxKnown, n-i); size > 0 && word[i] == 0; size-- {
			if (i+size == n || word[i+size] > 0) && known[string(letters[i:i+size])] {
				word[i] = uint8(size)
			}
		}
	}
	if word[0] == 0 {
		return append(out, letters...)
	}
	for i := 0; i < n; i += int(word[i]) {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, letters[i:i+int(word[i])]...)
	}
	return out
}
