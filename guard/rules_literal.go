package guard

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// Bounds of the literals that decide whether an expression runs at all.
const (
	minLiteral  = 3   // bytes of the shortest; the edge of a word counts as one
	minText     = 2   // of them without edges
	maxLiteral  = 12  // bytes of the longest: what it begins with tells enough
	maxLiterals = 256 // of one set
	maxExact    = 64  // texts of an expression that are told one by one
)

// edge stands in a literal for the edge of a word, \b. Inside a literal it is dropped: that asks for less, and so misses nothing.
const edge = "\x00"

// need is what a text must hold for an expression to match, as in RE2's prefilter (prefilter.cc): one of some literals, or several needs, all or one of them. nil asks for
// nothing. Literals are in lower case as far as ASCII goes, and are looked for regardless of it.
type need struct {
	literals []string // one of these
	all      []*need  // or all of these
	one      []*need  // or one of these
}

// starts says whether the need tells enough to start an expression by it.
func (n *need) starts() bool {
	return n != nil && shortest(n.trigger()) >= minLiteral
}

// trigger returns literals of which a text that meets the need holds one at least: the most telling set there is.
func (n *need) trigger() []string {
	switch {
	case n == nil:
		return nil
	case n.literals != nil:
		return n.literals
	case n.one != nil:
		var set []string
		for _, part := range n.one {
			set = append(set, part.trigger()...)
		}
		return unique(set)
	}
	best := n.all[0].trigger()
	for _, part := range n.all[1:] {
		if set := part.trigger(); better(set, best) {
			best = set
		}
	}
	return best
}

// better says whether a is the more telling set: its shortest literal is longer, or as long and there are fewer.
func better(a, b []string) bool {
	// Beyond eight bytes a literal is rare enough; fewer of them are cheaper.
	short, other := min(shortest(a), 8), min(shortest(b), 8)
	return short > other || short == other && len(a) < len(b)
}

// shortest returns the length of the shortest literal.
func shortest(set []string) int {
	least := len(set[0])
	for _, s := range set[1:] {
		least = min(least, len(s))
	}
	return least
}

// knowledge is what is known of an expression's matches: all of them, when they are few, or else what each needs.
type knowledge struct {
	exact []string
	needs *need
}

func (k knowledge) need() *need {
	if k.exact == nil {
		return k.needs
	}
	set := make([]string, len(k.exact))
	for i, text := range k.exact {
		set[i] = text[:min(len(text), maxLiteral)]
	}
	tooShort := func(s string) bool { return len(s) < minLiteral || len(strings.Trim(s, edge)) < minText }
	if set = unique(set); len(set) == 0 || len(set) > maxLiterals || slices.ContainsFunc(set, tooShort) {
		return nil
	}
	return &need{literals: set}
}

// aDigit is the need of \d. It tells too little to start an expression, but with other needs it spares most messages that hold no number.
var aDigit = &need{literals: strings.Split("0123456789", "")}

// learner remembers what is known of the parts of one expression: several questions are asked about each.
type learner map[*syntax.Regexp]knowledge

// of returns what is known of an expression, simplified.
func (l learner) of(tree *syntax.Regexp) knowledge {
	k, ok := l[tree]
	if !ok {
		k = l.learn(tree)
		l[tree] = k
	}
	return k
}

func (l learner) learn(tree *syntax.Regexp) knowledge {
	switch tree.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpNoWordBoundary:
		return knowledge{exact: []string{""}}
	case syntax.OpWordBoundary:
		return knowledge{exact: []string{edge}}
	case syntax.OpLiteral:
		return ofWord(tree)
	case syntax.OpCharClass:
		return ofClass(tree.Rune)
	case syntax.OpCapture:
		return l.of(tree.Sub[0])
	case syntax.OpPlus:
		return knowledge{needs: l.of(tree.Sub[0]).need()}
	case syntax.OpQuest:
		if exact := l.of(tree.Sub[0]).exact; exact != nil && len(exact) < maxExact {
			return knowledge{exact: unique(append([]string{""}, exact...))}
		}
		return knowledge{}
	case syntax.OpConcat:
		return ofSequence(l.ofEach(tree.Sub))
	case syntax.OpAlternate:
		return ofChoice(l.ofEach(tree.Sub))
	}
	return knowledge{} // any character, repetitions from none
}

func (l learner) ofEach(trees []*syntax.Regexp) []knowledge {
	all := make([]knowledge, len(trees))
	for i, tree := range trees {
		all[i] = l.of(tree)
	}
	return all
}

// ofWord is a fixed text. Where case does not matter, a letter outside ASCII stands for all its forms.
func ofWord(tree *syntax.Regexp) knowledge {
	if tree.Flags&syntax.FoldCase == 0 {
		return knowledge{exact: []string{lowerLetters(string(tree.Rune))}}
	}
	var letters []knowledge
	for _, r := range tree.Rune {
		forms := []rune{r, r}
		for other := unicode.SimpleFold(r); other != r && r > unicode.MaxASCII; other = unicode.SimpleFold(other) {
			forms = append(forms, other, other)
		}
		letters = append(letters, ofClass(forms))
	}
	return ofSequence(letters)
}

// ofClass is one of a few characters; ranges are pairs of first and last.
func ofClass(ranges []rune) knowledge {
	if slices.Equal(ranges, []rune("09")) {
		return knowledge{needs: aDigit}
	}
	var exact []string
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 10 || len(exact) > 10 {
			return knowledge{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			exact = append(exact, lowerLetters(string(r)))
		}
	}
	return knowledge{exact: unique(exact)}
}

// ofSequence joins what is known of parts that follow each other. The texts of neighbours that are known exactly grow together; all that these runs and
// the other parts need is needed.
func ofSequence(parts []knowledge) knowledge {
	run := []string{""}
	var all []*need
	add := func(n *need) {
		if n != nil && !slices.Contains(all, n) {
			all = append(all, n)
		}
	}
	whole := true
	for _, part := range parts {
		if part.exact != nil && len(run)*len(part.exact) <= maxExact {
			run = cross(run, part.exact)
			continue
		}
		whole = false
		add(knowledge{exact: run}.need())
		add(part.needs)
		if run = part.exact; run == nil {
			run = []string{""}
		}
	}
	if whole {
		return knowledge{exact: run}
	}
	add(knowledge{exact: run}.need())
	switch len(all) {
	case 0:
		return knowledge{}
	case 1:
		return knowledge{needs: all[0]}
	}
	return knowledge{needs: &need{all: all}}
}

// ofChoice joins what is known of alternatives.
func ofChoice(parts []knowledge) knowledge {
	var exact []string
	var one []*need
	allExact := true
	for _, part := range parts {
		allExact = allExact && part.exact != nil
		exact = append(exact, part.exact...)
		n := part.need()
		if n == nil {
			one = nil
			if !allExact {
				return knowledge{}
			}
			continue
		}
		one = append(one, n)
	}
	if exact = unique(exact); allExact && len(exact) <= maxExact {
		return knowledge{exact: exact}
	}
	if len(one) < len(parts) {
		return knowledge{}
	}
	return knowledge{needs: &need{one: one}}
}

func cross(heads, tails []string) []string {
	all := make([]string, 0, len(heads)*len(tails))
	for _, head := range heads {
		for _, tail := range tails {
			all = append(all, joinLiterals(head, tail))
		}
	}
	return unique(all)
}

// joinLiterals puts two literals together and drops edges that come to lie inside.
func joinLiterals(head, tail string) string {
	if text := strings.TrimSuffix(head, edge); text != "" && tail != edge && tail != "" {
		head = text
	}
	if text := strings.TrimPrefix(tail, edge); text != "" && head != edge && head != "" {
		tail = text
	}
	if head == edge && strings.HasPrefix(tail, edge) || tail == edge && strings.HasSuffix(head, edge) {
		return strings.TrimSuffix(head, edge) + tail
	}
	return head + tail
}

// unique drops repeats and keeps the order.
func unique(all []string) []string {
	seen := make(map[string]bool, len(all))
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again
	})
}

// lowerLetters lowers the letters A to Z and leaves everything else.
func lowerLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
