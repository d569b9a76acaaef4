package guard

import "sync"

// Bounds of words that are written together or in pieces.
const (
	minGlued  = 15 // letters of a word that may be several without blanks
	maxGlued  = 26 // letters of several pieces that may be one word or two
	maxPieces = 5
)

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
