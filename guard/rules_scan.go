package guard

import "strings"

// scanner finds, in one pass over a text, which patterns may match in it, by their literals: the automaton of Aho and Corasick (CACM 18, 1975) with
// all its transitions worked out, over classes of bytes instead of bytes, so that it stays small.
type scanner struct {
	class    [256]uint8 // ASCII letters have the class of their lower case; 0 is any byte that no literal has
	width    uint32     // number of classes
	next     []uint32   // by row and class: the next row, with found when a literal ends there
	ends     [][]int32  // by row / width: the literals that end there
	literals []literal
	needs    []*test // by pattern; nil: it is never found by its literals
}

// found marks a transition into a state in which a literal ends.
const found = 1 << 31

// literal is a text to look for.
type literal struct {
	length        int32
	begins, stops bool    // the edge of a word must be there
	triggers      []int32 // patterns that are worth a closer look when it is there
}

// test is a need in numbers of literals.
type test struct {
	literals []int32
	all, one []*test
}

// bitset is a set of small numbers.
type bitset []uint64

func newBitset(size int) bitset { return make(bitset, (size+63)/64) }

func (s bitset) has(i int32) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s bitset) add(i int32) { s[i/64] |= 1 << (i % 64) }

// newScanner builds the automaton of the patterns' literals.
func newScanner(patterns []pattern) *scanner {
	s := &scanner{width: 1, needs: make([]*test, len(patterns))}
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
		s.addClasses(texts[i])
	}
	for c := byte('A'); c <= 'Z'; c++ {
		s.class[c] = s.class[c+'a'-'A']
	}
	s.addState()
	for id, text := range texts {
		s.addLiteral(text, int32(id))
	}
	s.link()
	return s
}

func testOf(n *need, number func(string) int32) *test {
	if n == nil {
		return nil
	}
	var t test
	for _, text := range n.literals {
		t.literals = append(t.literals, number(text))
	}
	for _, part := range n.all {
		t.all = append(t.all, testOf(part, number))
	}
	for _, part := range n.one {
		t.one = append(t.one, testOf(part, number))
	}
	return &t
}

// met says whether a text with these literals meets the need.
func (t *test) met(there bitset) bool {
	for _, id := range t.literals {
		if there.has(id) {
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

func (s *scanner) addClasses(text string) {
	for i := range len(text) {
		if s.class[text[i]] == 0 && s.width < 256 {
			s.class[text[i]] = uint8(s.width)
			s.width++
		}
	}
}

func (s *scanner) addState() uint32 {
	row := uint32(len(s.next))
	s.next = append(s.next, make([]uint32, s.width)...)
	s.ends = append(s.ends, nil)
	return row
}

func (s *scanner) addLiteral(text string, id int32) {
	row := uint32(0)
	for i := range len(text) {
		cell := row + uint32(s.class[text[i]])
		if s.next[cell] == 0 {
			child := s.addState()
			s.next[cell] = child
		}
		row = s.next[cell]
	}
	end := row / s.width
	s.ends[end] = append(s.ends[end], id)
}

// link turns the tree of literals into the automaton: where the tree has no way on, it goes on as from the longest proper suffix that is in the tree.
func (s *scanner) link() {
	suffix := make([]uint32, len(s.ends))
	var queue []uint32
	for c := range s.width {
		if child := s.next[c]; child != 0 {
			queue = append(queue, child)
		}
	}
	for len(queue) > 0 {
		row := queue[0]
		queue = queue[1:]
		fail := suffix[row/s.width]
		s.ends[row/s.width] = append(s.ends[row/s.width], s.ends[fail/s.width]...)
		for c := range s.width {
			child, onward := s.next[row+c], s.next[fail+c]
			if child == 0 {
				s.next[row+c] = onward
				continue
			}
			suffix[child/s.width] = onward
			queue = append(queue, child)
		}
	}
	for i, row := range s.next {
		if len(s.ends[row/s.width]) > 0 {
			s.next[i] = row | found
		}
	}
}

// scan puts the patterns that may match in text into patterns. literals is room for it to work in; both come empty.
func (s *scanner) scan(text string, literals, patterns bitset) {
	row := uint32(0)
	for i := range len(text) {
		row = s.next[row+uint32(s.class[text[i]])]
		if row&found == 0 {
			continue
		}
		row &^= found
		for _, id := range s.ends[row/s.width] {
			if !literals.has(id) && s.literals[id].standsAt(text, i+1) {
				literals.add(id)
				for _, pattern := range s.literals[id].triggers {
					patterns.add(pattern)
				}
			}
		}
	}
	for word, bits := range patterns {
		for i := int32(word * 64); bits != 0; i, bits = i+1, bits>>1 {
			if bits&1 != 0 && !s.needs[i].met(literals) {
				patterns[word] &^= 1 << (i % 64)
			}
		}
	}
}

// standsAt says whether the literal that ends before the byte at end has its edges.
func (l *literal) standsAt(text string, end int) bool {
	start := end - int(l.length)
	return (!l.begins || wordAt(text, start-1) != wordAt(text, start)) && (!l.stops || wordAt(text, end-1) != wordAt(text, end))
}

// wordAt says whether the byte at i belongs to a word as \b has it.
func wordAt(text string, i int) bool {
	if i < 0 || i >= len(text) {
		return false
	}
	c := text[i]
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}
