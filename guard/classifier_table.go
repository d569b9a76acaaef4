package guard

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// featureID is by what a pair or a gram is found.
type featureID uint64

// Odd numbers without a pattern, that spread what they are multiplied by.
const (
	spreadA = 0x9E3779B97F4A7C15
	spreadB = 0xD6E8FEB86659FD93
	spreadC = 0xA0761D6478BD642F
)

// mix folds the 128 bits of a product, so that each bit of x counts for each of the result.
func mix(x uint64) uint64 {
	high, low := bits.Mul64(x, spreadC)
	return high ^ low
}

// wordHash is by what a word is found. It takes eight bytes at a time: the compiler makes one load of them.
func wordHash(s string) uint64 {
	h := uint64(len(s)) * spreadA
	for ; len(s) >= 8; s = s[8:] {
		h = mix(h ^ (uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56))
	}
	var tail uint64
	for i := range len(s) {
		tail = tail<<8 | uint64(s[i])
	}
	return mix(h ^ tail)
}

// pairID is that of two words in a row, out of their hashes.
func pairID(first, second uint64) featureID {
	return featureID(mix(bits.RotateLeft64(first, 23) ^ second))
}

// gramWindow holds the last five characters, of 21 bits each.
type gramWindow struct{ near, far uint64 } // the last three, the two before

func (w *gramWindow) add(r rune) {
	w.far = w.far<<21&(1<<42-1) | w.near>>42
	w.near = w.near<<21&(1<<63-1) | uint64(r)
}

// ids are those of the last three, four and five characters.
func (w *gramWindow) ids() (three, four, five featureID) {
	before := w.far & (1<<21 - 1)
	return featureID(w.near), featureID(w.near ^ before*spreadA), featureID(w.near ^ w.far*spreadB)
}

// slot is a pair or a gram; one with identity 0 is free.
type slot struct {
	id      featureID
	weights [maxHeads]int16
}

// sieve has a bit set for each pair and gram that is in the model, and by chance for one in eight of all others. It is small
// enough to stay near the processor while other work goes on: most of what is looked for is not in the model.
type sieve [1 << 11]uint64

// sieveShift leaves as many bits of a spread identity as a sieve has.
const sieveShift = 64 - 11 - 6

func (s *sieve) add(spread uint64) { s[spread>>(sieveShift+6)] |= 1 << (spread >> sieveShift & 63) }

func (s *sieve) has(spread uint64) bool {
	return s[spread>>(sieveShift+6)]&(1<<(spread>>sieveShift&63)) != 0
}

// knownGrams is how many grams fit into a knownWord.
const knownGrams = 14

// knownWord is a word of the model with what all its grams add up to: one look-up instead of a dozen. It is as long as a
// line of the processor's cache.
type knownWord struct {
	hash    uint64
	weights [maxHeads]int16    // as a word
	sums    [maxHeads]int32    // of its grams
	grams   uint16             // how many it has
	hits    uint16             // how many of them are in the model; tooMany: look at each
	slots   [knownGrams]uint16 // theirs: one that was met before in a text doesn't count again
}

// tooMany is for words whose grams do not fit.
const tooMany = knownGrams + 1

// table finds the weights of a model's features.
type table struct {
	sieve  sieve
	slots  []slot // open addressing
	tags   []uint8
	words  []knownWord // open addressing; a tag of 0 is free, and another a part of the hash, so that other words are told without looking
	traits [len(traits)][maxGrades][maxHeads]int16
}

// newTable returns the table of a model.
func newTable(m *Model) (*table, error) {
	words := map[string]bool{}
	loose := 0
	for _, f := range m.Features {
		switch name := f.Name[1:]; f.Name[0] {
		case wordFeature:
			words[name] = true
		case pairFeature:
			first, second, _ := strings.Cut(name, " ")
			words[first], words[second] = true, true
			loose++
		case gramFeature:
			loose++
		}
	}
	t := &table{slots: make([]slot, sizeFor(loose)), tags: make([]uint8, sizeFor(len(words))), words: make([]knownWord, sizeFor(len(words)))}
	for _, f := range m.Features {
		if !t.addLoose(f) {
			return nil, fmt.Errorf("feature %q has the same hash as another", f.Name)
		}
	}
	grams := newScorer(t)
	for word := range words {
		if !t.addWord(word, grams) {
			return nil, fmt.Errorf("word %q has the same hash as another", word)
		}
	}
	for _, f := range m.Features {
		if f.Name[0] == wordFeature {
			copy(t.words[t.word(wordHash(f.Name[1:]))].weights[:], f.Weights)
		}
	}
	return t, nil
}

// sizeFor is a power of two of which n fill a third to two thirds.
func sizeFor(n int) int { return 1 << bits.Len(uint(n+n/2)) }

// addLoose adds a pair, a gram or a trait.
func (t *table) addLoose(f WeighedFeature) bool {
	name := f.Name[1:]
	switch f.Name[0] {
	case traitFeature:
		for i := range traits {
			for grade, full := range traits[i].names {
				if full == name {
					copy(t.traits[i][grade][:], f.Weights)
				}
			}
		}
		return true
	case wordFeature:
		return true
	case pairFeature:
		first, second, _ := strings.Cut(name, " ")
		return t.addSlot(pairID(wordHash(first), wordHash(second)), f.Weights)
	}
	var w gramWindow
	for _, r := range name {
		w.add(r)
	}
	three, four, five := w.ids()
	switch utf8.RuneCountInString(name) {
	case 3:
		return t.addSlot(three, f.Weights)
	case 4:
		return t.addSlot(four, f.Weights)
	case 5:
		return t.addSlot(five, f.Weights)
	}
	return true // no text has it
}

func (t *table) addSlot(id featureID, weights []int16) bool {
	spread := uint64(id) * spreadC
	i := t.slot(id, spread)
	if id == 0 || t.slots[i].id == id {
		return false
	}
	t.slots[i].id = id
	copy(t.slots[i].weights[:], weights)
	t.sieve.add(spread)
	return true
}

// slot returns the place of a feature, or the free one where it would be.
func (t *table) slot(id featureID, spread uint64) int {
	mask := len(t.slots) - 1
	i := int(spread>>24) & mask
	for t.slots[i].id != id && t.slots[i].id != 0 {
		i = (i + 1) & mask
	}
	return i
}

// tag is the part of a hash that stands in tags.
func tag(hash uint64) uint8 { return uint8(hash>>56) | 1 }

// word returns the place of a word, or -1.
func (t *table) word(hash uint64) int {
	mask := len(t.tags) - 1
	for i := int(hash) & mask; t.tags[i] != 0; i = (i + 1) & mask {
		if t.tags[i] == tag(hash) && t.words[i].hash == hash {
			return i
		}
	}
	return -1
}

// addWord adds a word with its grams, which must be in slots by then.
func (t *table) addWord(word string, grams *scorer) bool {
	hash := wordHash(word)
	if t.word(hash) >= 0 {
		return false
	}
	mask := len(t.tags) - 1
	i := int(hash) & mask
	for t.tags[i] != 0 {
		i = (i + 1) & mask
	}
	t.tags[i] = tag(hash)
	t.words[i] = knownWord{hash: hash}
	t.words[i].addGrams(word, grams)
	return true
}

func (k *knownWord) addGrams(word string, s *scorer) {
	s.begin()
	s.addGrams(word)
	k.grams = uint16(s.count[gramKind])
	k.sums = s.sums[gramKind]
	for at, met := range s.met {
		for ; met != 0; met &= met - 1 {
			i := at*64 + bits.TrailingZeros64(met)
			if k.hits == knownGrams || i > math.MaxUint16 {
				k.hits = tooMany
				return
			}
			k.slots[k.hits] = uint16(i)
			k.hits++
		}
	}
}
