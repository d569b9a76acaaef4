package guard

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// starts are the places where an expression's match may begin: before one of some fixed texts. The expression is tried there alone,
// which is far cheaper than what package regexp does with one that begins with a choice: it tries at each character.
type starts struct {
	first [256]bool // first bytes of the texts
	texts []startText
	alone func() *regexp.Regexp // matches at the beginning of a text
	after func() *regexp.Regexp // matches after its first character, which is there for \b to see
}

// startText is a fixed text with which a match begins.
type startText struct {
	text string
	edge bool // a word begins or ends before it
}

// startsOf returns where matches of an expression may begin, nil where that is not known well.
func (l learner) startsOf(expression string, tree *syntax.Regexp) (*starts, error) {
	heads := l.headsOf(tree)
	if len(heads) == 0 || len(heads) > maxLiterals {
		return nil, nil
	}
	var s starts
	for _, head := range heads {
		text := strings.Trim(head, edge)
		if len(text) < minText {
			return nil, nil
		}
		s.first[text[0]] = true
		if t := (startText{text, strings.HasPrefix(head, edge)}); !slices.Contains(s.texts, t) {
			s.texts = append(s.texts, t)
		}
	}
	after := `\A(?s:.)(?:` + expression + `)`
	if _, err := syntax.Parse(after, syntax.Perl); err != nil {
		return nil, fmt.Errorf("anchored: %w", err)
	}
	s.alone, s.after = compiledLater(`\A(?:`+expression+`)`), compiledLater(after)
	return &s, nil
}

// headsOf returns texts with one of which each match begins, nil where there are no such.
func (l learner) headsOf(tree *syntax.Regexp) []string {
	if exact := l.of(tree).exact; exact != nil {
		return exact
	}
	switch tree.Op {
	case syntax.OpCapture, syntax.OpPlus:
		return l.headsOf(tree.Sub[0])
	case syntax.OpAlternate:
		var all []string
		for _, part := range tree.Sub {
			heads := l.headsOf(part)
			if heads == nil {
				return nil
			}
			all = append(all, heads...)
		}
		return unique(all)
	case syntax.OpConcat:
		run := []string{""}
		for _, part := range tree.Sub {
			heads := l.headsOf(part)
			if heads == nil || len(run)*len(heads) > maxLiterals {
				return run
			}
			if run = cross(run, heads); l.of(part).exact == nil {
				return run
			}
		}
		return run
	}
	return nil
}

// maxStarts bounds the places that are tried one by one: each may read the text to its end, all at once read it once.
const maxStarts = 8

// find returns what FindStringIndex of expression, which s is of, returns for a text in lower case.
func (s *starts) find(expression func() *regexp.Regexp, text string) []int {
	tries := 0
	for i := range len(text) {
		if !s.first[text[i]] || !s.mayStart(text, i) {
			continue
		}
		if tries++; tries > maxStarts {
			return expression().FindStringIndex(text)
		}
		if i == 0 {
			if match := s.alone().FindStringIndex(text); match != nil {
				return match
			}
			continue
		}
		_, size := utf8.DecodeLastRuneInString(text[:i])
		if match := s.after().FindStringIndex(text[i-size:]); match != nil {
			return []int{i, i - size + match[1]}
		}
	}
	return nil
}

func (s *starts) mayStart(text string, i int) bool {
	atEdge := (i > 0 && wordBytes[text[i-1]]) != wordBytes[text[i]]
	for _, start := range s.texts {
		if (atEdge || !start.edge) && strings.HasPrefix(text[i:], start.text) {
			return true
		}
	}
	return false
}
