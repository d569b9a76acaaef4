package train

import (
	"hash/fnv"
	"strings"

	"chainmail/guard"
)

// shingle is how many words in a row two messages share to count as near copies.
const shingle = 5

// groups gives each message the number of its group: messages that share five words in a row, or all their words, are near copies and belong to one
// group, and so do their near copies. A fold that has one of them has all, so that nothing is tested on a copy of what was learnt.
func groups(texts []*guard.Text) []int {
	parent := make([]int, len(texts))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[uint64]int{}
	join := func(key string, i int) {
		h := fnv.New64a()
		h.Write([]byte(key))
		if j, ok := first[h.Sum64()]; ok {
			a, b := find(i), find(j)
			parent[max(a, b)] = min(a, b)
			return
		}
		first[h.Sum64()] = i
	}
	for i, t := range texts {
		words := strings.FieldsFunc(t.Joined, func(r rune) bool { return r < 0x80 && (r < 'a' || r > 'z') })
		join("="+strings.Join(words, " "), i)
		for k := 0; k+shingle <= len(words); k++ {
			join(strings.Join(words[k:k+shingle], " "), i)
		}
	}
	for i := range parent {
		parent[i] = find(i)
	}
	return parent
}

// foldOf spreads groups over the folds, always the same way.
func foldOf(group int) int {
	h := uint64(group)*0x9E3779B97F4A7C15 + 0x1234567
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	return int(h>>33) % Folds
}
