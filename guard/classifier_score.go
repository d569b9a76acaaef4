package guard

import (
	"unicode"
	"unicode/utf8"
)

// The kinds' places in Model.Scale.
const (
	wordKind = iota
	pairKind
	gramKind
	traitKind
)

// scorer adds up one text: the weights of all that extractor finds in it, each once. It goes its own way, without names, for it is
// asked about every message; a test compares the two. It is used by one goroutine and then for the next text.
type scorer struct {
	table    *table
	met      bitset // by slot
	metWords bitset // by word
	sums     [4][maxHeads]int32
	count    [4]int

	before uint64 // hash of the word before, 0 for none
}

func newScorer(t *table) *scorer {
	return &scorer{table: t, met: newBitset(len(t.slots)), metWords: newBitset(len(t.words))}
}

// begin makes s ready for a text.
func (s *scorer) begin() {
	clear(s.met)
	clear(s.metWords)
	s.sums, s.count, s.before = [4][maxHeads]int32{}, [4]int{}, 0
}

func (s *scorer) run(t *Text) {
	s.begin()
	text := t.Joined
	for i := 0; i < len(text); {
		if c := text[i]; c < 0x80 && !isAlnum(c) {
			i++
			continue
		}
		end, digits := wordEnd(text, i)
		switch {
		case end == i: // not ASCII, and no word
			r, size := utf8.DecodeRuneInString(text[i:])
			end = i + size
			if unicode.IsSymbol(r) {
				s.addWord(text[i:end], false)
			}
		case digits == end-i:
			s.addWord(numbers[:min(digits, len(numbers))], false)
		default:
			s.addWord(text[i:end], true)
		}
		i = end
	}
	s.addTraits(t)
}

// addWord adds a word, the pair that it makes with the one before and, if they count, its grams.
func (s *scorer) addWord(word string, grams bool) {
	if len(word) > maxWord {
		s.before = 0
		if grams {
			s.addGrams(word)
		}
		return
	}
	hash := wordHash(word)
	known := s.addPlain(hash)
	if s.before != 0 {
		s.count[pairKind]++
		s.addLoose(pairID(s.before, hash), pairKind)
	}
	s.before = hash
	switch {
	case !grams:
	case known == nil || known.hits == tooMany:
		s.addGrams(word)
	default:
		s.addKnown(known)
	}
}

// addPlain adds a word alone and returns what is known of it, nil for nothing.
func (s *scorer) addPlain(hash uint64) *knownWord {
	s.count[wordKind]++
	i := s.table.word(hash)
	if i < 0 {
		return nil
	}
	known := &s.table.words[i]
	if !s.metWords.has(int32(i)) {
		s.metWords.add(int32(i))
		for h, w := range known.weights {
			s.sums[wordKind][h] += int32(w)
		}
	}
	return known
}

// addKnown adds the grams of a word by their sum, less what was met before in other words.
func (s *scorer) addKnown(known *knownWord) {
	s.count[gramKind] += int(known.grams)
	sums := known.sums
	for _, i := range known.slots[:known.hits] {
		if !s.met.has(int32(i)) {
			s.met.add(int32(i))
			continue
		}
		for h, w := range s.table.slots[i].weights {
			sums[h] -= int32(w)
		}
	}
	for h, sum := range sums {
		s.sums[gramKind][h] += sum
	}
}

// addGrams adds the runs of three to five characters of " word ".
func (s *scorer) addGrams(word string) {
	var w gramWindow
	w.add(' ')
	count := 1
	for _, r := range word {
		w.add(r)
		count++
		s.addRuns(&w, count)
		if count == 1+maxGramRunes+maxGram {
			return
		}
	}
	w.add(' ')
	s.addRuns(&w, count+1)
}

// addRuns adds the runs that end with the last of so many characters, and begin not too far into the word.
func (s *scorer) addRuns(w *gramWindow, count int) {
	three, four, five := w.ids()
	if count >= 3 && count-3 <= maxGramRunes {
		s.count[gramKind]++
		s.addLoose(three, gramKind)
	}
	if count >= 4 && count-4 <= maxGramRunes {
		s.count[gramKind]++
		s.addLoose(four, gramKind)
	}
	if count >= 5 && count-5 <= maxGramRunes {
		s.count[gramKind]++
		s.addLoose(five, gramKind)
	}
}

// addLoose adds a pair or a gram if it is in the model.
func (s *scorer) addLoose(id featureID, kind int) {
	spread := uint64(id) * spreadC
	if s.table.sieve.has(spread) {
		s.addSlot(id, spread, kind)
	}
}

func (s *scorer) addSlot(id featureID, spread uint64, kind int) {
	i := s.table.slot(id, spread)
	if s.table.slots[i].id == 0 || s.met.has(int32(i)) {
		return
	}
	s.met.add(int32(i))
	for h, w := range s.table.slots[i].weights {
		s.sums[kind][h] += int32(w)
	}
}

// addTraits adds the properties of the whole text, and the hosts of its links.
func (s *scorer) addTraits(t *Text) {
	for i := range t.Links {
		host, top := hostFeatures(&t.Links[i])
		if host != "" {
			s.addPlain(wordHash(host))
		}
		if top != "" {
			s.addPlain(wordHash(top))
		}
	}
	for i, grade := range gradesOf(t) {
		if grade >= 0 {
			for h, w := range s.table.traits[i][grade] {
				s.sums[traitKind][h] += int32(w)
			}
		}
	}
}
