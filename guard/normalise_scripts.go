package guard

import "unicode"

// Scripts in which letters of one are passed off as letters of another.
const (
	none byte = iota // no letter, or a script without look-alikes that matter
	latin
	cyrillic
	greek
	otherScript // Armenian, Cherokee, Lisu, Coptic and whatever else has an entry in the tables
)

// scriptOf returns the script of a letter.
func scriptOf(r rune) byte {
	if r < quickRunes {
		return quick[r] & quickScript
	}
	return slowScript(r)
}

// quick has what is asked most about the characters of the common alphabets.
var quick = func() (table [quickRunes]uint8) {
	for r := range rune(quickRunes) {
		table[r] = slowScript(r)
		if slowIsWord(r) {
			table[r] |= quickWord
		}
	}
	return table
}()

// Bits of quick.
const (
	quickRunes  = 0x700
	quickScript = 0x07
	quickWord   = 0x08
)

// isWord says whether r is a letter, a digit or a mark.
func isWord(r rune) bool {
	if r < quickRunes && r >= 0 {
		return quick[r]&quickWord != 0
	}
	return slowIsWord(r)
}

func slowIsWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

func slowScript(r rune) byte {
	switch {
	case r < 0x80:
		if isLetter(lowerByte(byte(r))) {
			return latin
		}
		return none
	case r < 0xAA:
		return none
	case r <= 0x24F, r >= 0x1E00 && r <= 0x1EFF:
		if r == 0xD7 || r == 0xF7 || !unicode.IsLetter(r) {
			return none
		}
		return latin
	case r >= 0x370 && r <= 0x3FF, r >= 0x1F00 && r <= 0x1FFF:
		return greek
	case r >= 0x400 && r <= 0x52F, r >= 0x1C80 && r <= 0x1C8F, r >= 0x2DE0 && r <= 0x2DFF, r >= 0xA640 && r <= 0xA69F:
		return cyrillic
	case r >= 0x530 && r <= 0x58F, r >= 0x13A0 && r <= 0x13FF, r >= 0xAB70 && r <= 0xABBF, r >= 0x2C80 && r <= 0x2CFF, r >= 0xA4D0 && r <= 0xA4FF:
		return otherScript
	case r >= 0x250 && r <= 0x2AF, r >= 0x2C60 && r <= 0x2C7F, r >= 0xA720 && r <= 0xA7FF, r >= 0xAB30 && r <= 0xAB6F, r >= 0x1D00 && r <= 0x1DBF:
		return latin
	}
	return none
}
