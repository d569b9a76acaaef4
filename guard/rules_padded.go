package guard

// padded is a text in lower case with zeros after it, so that a literal's length of bytes can be read anywhere.
type padded struct {
	bytes  []byte
	length int
}

// set makes p the text, in the room of the one before.
func (p *padded) set(text string, lower bool) {
	p.length = len(text)
	p.bytes = append(p.bytes[:0], text...)
	if !lower {
		for i, c := range p.bytes {
			p.bytes[i] = lowerByte(c)
		}
	}
	p.bytes = append(p.bytes, make([]byte, maxLiteral)...)
}

// edgeAt says whether a word begins or ends before the byte at i, as \b has it.
func (p *padded) edgeAt(i int) bool {
	return (i > 0 && wordBytes[p.bytes[i-1]]) != wordBytes[p.bytes[i]] // a zero is no part of a word
}

// wordBytes are those that belong to a word as \b has it.
var wordBytes = func() (table [256]bool) {
	for b := range table {
		table[b] = isAlnum(byte(b)) || b == '_'
	}
	return table
}()
