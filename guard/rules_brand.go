package guard

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// brand is a site whose users are worth robbing: its own hosts, and the words by which a host is taken for it.
type brand struct {
	words []string // skeletons
	hosts []string
}

// Bounds of what passes for a brand's word.
const (
	minBrandWord = 5  // a shorter word is in too many names
	minContained = 8  // a word of this length is told even inside another
	minMisspelt  = 7  // from here on, one letter may be wrong
	minTwice     = 11 // from here on, two
)

func (p *policyParser) readBrands(n *yaml.Node) error {
	return sequence(n, "brands", maxListItems, func(n *yaml.Node) error {
		var b brand
		err := mapping(n, "a brand",
			stringsField("words", "words", &b.words, func(s string) (string, error) {
				if len(s) < minBrandWord || strings.ContainsAny(s, ". ") {
					return "", fmt.Errorf("%q: a brand's word has %d letters at least, without dots and blanks", s, minBrandWord)
				}
				return Skeleton(strings.ToLower(s)), nil
			}),
			stringsField("hosts", "hosts", &b.hosts, checkHost),
		)
		if err == nil && (len(b.words) == 0 || len(b.hosts) == 0) {
			err = at(n, "a brand needs words and hosts")
		}
		p.policy.brands = append(p.policy.brands, b)
		return err
	})
}

// imitates says whether a link's host looks like a brand's and belongs to none.
func (p *Policy) imitates(link *Link) bool {
	if slices.ContainsFunc(p.brands, func(b brand) bool { return belowAny(link.Host, b.hosts) }) {
		return false
	}
	// The last label is no name. A name may be hidden in any other: metamask.io.example.com.
	end := strings.LastIndexByte(link.Skeleton, '.')
	if end < 0 {
		return false
	}
	for label := range strings.SplitSeq(link.Skeleton[:end], ".") {
		for i := range p.brands {
			if slices.ContainsFunc(p.brands[i].words, func(word string) bool { return labelImitates(label, word) }) {
				return true
			}
		}
	}
	return false
}

// labelImitates says whether a host's label can be taken for a brand's word.
func labelImitates(label, word string) bool {
	if len(label) < len(word)-2 {
		return false
	}
	if len(word) >= minContained && strings.Contains(label, word) {
		return true
	}
	if near(label, word) {
		return true
	}
	if !strings.Contains(label, "-") {
		return false
	}
	for part := range strings.SplitSeq(label, "-") {
		if near(part, word) {
			return true
		}
	}
	return strings.ReplaceAll(label, "-", "") == word
}

// near says whether a is word, or word as one misspells it.
func near(a, word string) bool {
	allowed := 0
	switch {
	case len(word) >= minTwice:
		allowed = 2
	case len(word) >= minMisspelt:
		allowed = 1
	}
	return a == word || allowed > 0 && editsWithin(a, word, allowed)
}

// editsWithin says whether a becomes b by at most limit edits: a byte added, dropped, replaced, or two neighbours exchanged (the restricted distance of Damerau). Hosts are at most 253 bytes,
// and the lengths must be close, so that the table stays small.
func editsWithin(a, b string, limit int) bool {
	if len(a)-len(b) > limit || len(b)-len(a) > limit || len(b) > 63 {
		return false
	}
	var rows [3][64]int // the row two above, the one above, this one
	for j := range len(b) + 1 {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		above2, above, row := &rows[(i+2)%3], &rows[i%3], &rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above2[j-2]+1)
			}
		}
	}
	return rows[(len(a)+1)%3][len(b)] <= limit
}
