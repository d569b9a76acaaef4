package guard

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// scanner finds, in one pass over a text, which patterns may match in it, by their literals. At each place it asks a sieve whether a literal may begin there, and only
// then compares. An automaton that knows all literals at once reads each byte once, but its tables take megabytes: in a server, where other work empties the caches, it waits for
// memory at each byte. The sieve has 4 kB.
type scanner struct {
	sieve    [1 << 9]uint64
	first    [256]uint8       // by byte: kinds of literals of less than four bytes that begin with it
	from     [1<<12 + 1]int32 // by key: where its literals begin in entries
	entries  []entry
	literals []literal
	needs    []*test // by pattern; nil: it is never found by its literals
}

// Keys have 15 bits: all of them tell one of the sieve, the high ones one of from.
const (
	keyBits   = 15
	fromShift = 3
)

// entry is a literal as it is compared: its bytes as two numbers.
type entry struct {
	low  uint64
	high uint32
	tail uint32 // its number and length
}

// lengthBits of entry.tail are the length.
const lengthBits = 4

// lowMasks and highMasks leave what an entry of a length has of the two numbers.
var lowMasks, highMasks = func() (low [1 << lengthBits]uint64, high [1 << lengthBits]uint32) {
	for length := range low {
		low[length] = 1<<(8*min(length, 8)) - 1
		high[length] = 1<<(8*max(length-8, 0)) - 1
	}
	return low, high
}()

// literal is a text to look for.
type literal struct {
	length        int32
	begins, stops bool    // the edge of a word must be there
	triggers      []int32 // patterns that are worth a closer look when it is there
}

// test is a need in numbers of literals.
type test struct {
	literals []wordOfBits // the set, but for its empty parts: neighbours in a pattern have neighbouring numbers
	all, one []*test
}

// wordOfBits is one number of a bitset.
type wordOfBits struct {
	bits uint64
	at   int32
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(size int) bitset { return make(bitset, (size+63)/64) }

func (s bitset) has(i int32) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s bitset) add(i int32) { s[i/64] |= 1 << (i % 64) }

// newScanner builds the scanner of the patterns' literals.
func newScanner(patterns []pattern) *scanner {
	s := &scanner{needs: make([]*test, len(patterns))}
	numbers := make(map[string]int32)
	var texts []string
	number := func(text string) int32 {
		id, ok := numbers[text]
		if !ok {
			id = int32(len(texts))
			numbers[text] = id
			texts = append(texts, text)
			s.literals = append(s.literals, literal{begins: strings.HasPrefix(text, edge), stops: strings.HasSuffix(text, edge)})
		}
		return id
	}
	for id, p := range patterns {
		s.needs[id] = testOf(p.need, number)
		for _, text := range p.need.trigger() {
			l := &s.literals[number(text)]
			l.triggers = append(l.triggers, int32(id))
		}
	}
	for i, text := range texts {
		texts[i] = strings.Trim(text, edge)
		s.literals[i].length = int32(len(texts[i]))
	}
	s.fill(texts)
	return s
}

// A literal's key is made of its first six bytes, or four, or of all that it has.
const (
	longKey   = 6
	middleKey = 4
	shortKey  = 3
)

// keyedOf returns of how many bytes the key of a literal is made.
func keyedOf(length int) int {
	switch {
	case length >= longKey:
		return longKey
	case length >= middleKey:
		return middleKey
	}
	return length
}

// keyOf returns the key made of the first bytes of eight. Keys of each length are keys of their own, and those of literals that begin with the edge of a word too: these are looked for at edges alone.
func keyOf(eight uint64, length int, begins bool) uint32 {
	x := eight&(1<<(8*length)-1) | uint64(length)<<56
	if begins {
		x |= 1 << 60
	}
	return uint32(x * spreadA >> (64 - keyBits))
}

// firstOf returns the bit in scanner.first for literals of one or two bytes.
func firstOf(length int, begins bool) uint8 {
	if begins {
		return 1 << (length + shortKey)
	}
	return 1 << length
}

func (s *scanner) may(key uint32) bool { return s.sieve[key>>6]&(1<<(key&63)) != 0 }

// fill puts the literals into their places.
func (s *scanner) fill(texts []string) {
	keys := make([]uint32, len(texts))
	order := make([]int32, len(texts))
	entries := make([]entry, len(texts))
	for i, text := range texts {
		var bytes [maxLiteral]byte
		copy(bytes[:], text)
		entries[i] = entry{binary.LittleEndian.Uint64(bytes[:]), binary.LittleEndian.Uint32(bytes[8:]), uint32(i)<<lengthBits | uint32(len(text))}
		length, begins := keyedOf(len(text)), s.literals[i].begins
		keys[i], order[i] = keyOf(entries[i].low, length, begins), int32(i)
		s.sieve[keys[i]>>6] |= 1 << (keys[i] & 63)
		s.from[keys[i]>>fromShift+1]++
		if length < shortKey {
			s.first[text[0]] |= firstOf(length, begins)
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return int(keys[a]) - int(keys[b]) })
	for _, i := range order {
		s.entries = append(s.entries, entries[i])
	}
	for i := range s.from[1:] {
		s.from[i+1] += s.from[i]
	}
}

func testOf(n *need, number func(string) int32) *test {
	if n == nil {
		return nil
	}
	var t test
	for _, text := range n.literals {
		t.addLiteral(number(text))
	}
	for _, part := range n.all {
		t.all = append(t.all, testOf(part, number))
	}
	for _, part := range n.one {
		t.one = append(t.one, testOf(part, number))
	}
	return &t
}

func (t *test) addLiteral(id int32) {
	i := slices.IndexFunc(t.literals, func(w wordOfBits) bool { return w.at == id/64 })
	if i < 0 {
		i = len(t.literals)
		t.literals = append(t.literals, wordOfBits{at: id / 64})
	}
	t.literals[i].bits |= 1 << (id % 64)
}

// met says whether a text with these literals meets the need.
func (t *test) met(there bitset) bool {
	for _, w := range t.literals {
		if there[w.at]&w.bits != 0 {
			return true
		}
	}
	for _, part := range t.one {
		if part.met(there) {
			return true
		}
	}
	for _, part := range t.all {
		if !part.met(there) {
			return false
		}
	}
	return len(t.all) > 0
}

// scan puts the literals that stand in text into literals, and the patterns that are worth a closer look into patterns. Both come empty.
func (s *scanner) scan(text *padded, literals, patterns bitset) {
	inWord := false
	for i := 0; i < text.length; i++ {
		eight := binary.LittleEndian.Uint64(text.bytes[i:])
		if key := keyOf(eight, longKey, false); s.may(key) {
			s.compare(text, i, key, literals, patterns)
		}
		if key := keyOf(eight, middleKey, false); s.may(key) {
			s.compare(text, i, key, literals, patterns)
		}
		if key := keyOf(eight, shortKey, false); s.may(key) {
			s.compare(text, i, key, literals, patterns)
		}
		first := s.first[uint8(eight)]
		if word := wordBytes[uint8(eight)]; word != inWord {
			inWord = word
			s.atEdge(text, i, eight, literals, patterns)
		} else {
			first &= 1<<shortKey - 1 // those that begin at an edge do not
		}
		for ; first != 0; first &= first - 1 {
			length := bits.TrailingZeros8(first)
			if key := keyOf(eight, length%shortKey, length >= shortKey); s.may(key) {
				s.compare(text, i, key, literals, patterns)
			}
		}
	}
}

// atEdge looks for literals that begin with the edge of a word, but for the shortest.
func (s *scanner) atEdge(text *padded, at int, eight uint64, literals, patterns bitset) {
	if key := keyOf(eight, longKey, true); s.may(key) {
		s.compare(text, at, key, literals, patterns)
	}
	if key := keyOf(eight, middleKey, true); s.may(key) {
		s.compare(text, at, key, literals, patterns)
	}
	if key := keyOf(eight, shortKey, true); s.may(key) {
		s.compare(text, at, key, literals, patterns)
	}
}

// compare looks for the literals of a key at a place.
func (s *scanner) compare(text *padded, at int, key uint32, literals, patterns bitset) {
	bucket := key >> fromShift
	low, high := binary.LittleEndian.Uint64(text.bytes[at:]), binary.LittleEndian.Uint32(text.bytes[at+8:])
	for _, e := range s.entries[s.from[bucket]:s.from[bucket+1]] {
		length := e.tail & (1<<lengthBits - 1)
		if (e.low^low)&lowMasks[length] != 0 || (e.high^high)&highMasks[length] != 0 {
			continue
		}
		id := int32(e.tail >> lengthBits)
		if literals.has(id) {
			continue
		}
		l := &s.literals[id]
		if l.standsAt(text, at) {
			literals.add(id)
			for _, pattern := range l.triggers {
				patterns.add(pattern)
			}
		}
	}
}

// standsAt says whether the literal that begins at a place has its edges.
func (l *literal) standsAt(text *padded, at int) bool {
	end := at + int(l.length)
	return end <= text.length && (!l.begins || text.edgeAt(at)) && (!l.stops || text.edgeAt(end))
}
