package guard

// maxLeetWord bounds a word in which digits are taken for letters: what is longer is an address, a hash, a number.
const maxLeetWord = 20

// undoLeet replaces digits and signs that stand for letters inside words: p4ssw0rd, fr33, c!aim. Numbers, prices, "2nd", "mp3",
// names of accounts (@…), of coins ($…) and addresses stay.
func (t *Text) undoLeet(s string) string {
	var out []byte
	for i := 0; i < len(s); {
		if s[i] <= ' ' {
			i++
			continue
		}
		end := i + 1
		for end < len(s) && s[end] > ' ' {
			end++
		}
		chunk := s[i:end]
		if isLeetChunk(chunk) {
			for j := i; j < end; {
				k := j
				for k < end && isLeetByte(s[k]) {
					k++
				}
				if leetWord(s[j:k]) {
					if out == nil {
						out = []byte(s)
					}
					resolveLeet(out[j:k])
					t.Disguise |= Leet
				}
				j = max(k, j+1)
			}
		}
		i = end
	}
	if out == nil {
		return s
	}
	return string(out)
}

// isLeetChunk says whether a stretch without blanks has a sign or digit next to a letter and is no address, account or coin.
func isLeetChunk(chunk string) bool {
	if chunk[0] == '@' || chunk[0] == '#' || chunk[0] == '/' {
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
	return leet && letters
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

// resolveLeet replaces the digits and signs of a word in place; signs at its end stay.
func resolveLeet(word []byte) {
	end := len(word)
	for end > 0 && !isAlnum(word[end-1]) {
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

// iOrL decides what a stroke stands for: wa11et and c1aim have an l, g1ft and l0g1n an i.
func iOrL(word []byte, i int) byte {
	stroke := func(j int) bool {
		return j >= 0 && j < len(word) && (word[j] == '1' || word[j] == '|' || word[j] == 'l')
	}
	if stroke(i-1) || stroke(i+1) {
		return 'l'
	}
	if i > 0 && i+1 < len(word) {
		switch word[i-1] {
		case 'b', 'c', 'f', 'g', 'p':
			switch word[i+1] {
			case 'a', 'e', 'i', 'o', 'u', '0', '3', '4', '@':
				return 'l'
			}
		}
	}
	return 'i'
}
