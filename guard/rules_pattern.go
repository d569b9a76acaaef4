package guard

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// view says which form of a message a pattern reads.
type view uint8

const (
	inText     view = iota // Folded, and Joined and Bare where they differ
	inFolded               // Folded alone
	inJoined               // Joined alone
	inOriginal             // as written
	inBare                 // Bare alone
	views                  // how many there are
)

var viewNames = []string{"text", "folded", "joined", "original", "bare"}

// pattern is a regular expression and what a text must hold for it to match: it runs on no other.
type pattern struct {
	view       view
	expression func() *regexp.Regexp // compiled when it is first asked for: most messages ask for none of hundreds
	need       *need                 // nil: the expression runs whenever it is asked for
	starts     *starts               // nil: not known, or seldom asked for
	rule       int32                 // the one that has it in any, -1 for none
}

// role says what a pattern is for.
type role uint8

const (
	leads   role = iota // it starts something: it must have a need, for every message meets it
	follows             // it is asked for only when another has matched
)

// readPatterns reads a list of patterns, each a regular expression or a mapping {in, regex}.
func (p *policyParser) readPatterns(n *yaml.Node, what string, use role) (ids []int, err error) {
	err = sequence(n, what, maxListItems, func(n *yaml.Node) error {
		id, err := p.readPattern(n, what, use)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

func (p *policyParser) readPattern(n *yaml.Node, what string, use role) (int, error) {
	var expression, in string
	var err error
	if n.Kind == yaml.MappingNode {
		err = mapping(n, what+": a pattern", stringField("in", what+": in", &in), stringField("regex", what+": regex", &expression))
	} else {
		expression, err = text(n, what+": a pattern")
	}
	if err != nil {
		return 0, err
	}
	compiled := pattern{view: inText, rule: -1}
	if in != "" {
		i := slices.Index(viewNames, in)
		if i < 0 {
			return 0, at(n, "%s: in is one of %s, not %q", what, strings.Join(viewNames, ", "), in)
		}
		compiled.view = view(i)
	}
	if len(expression) > MaxPatternBytes {
		return 0, at(n, "%s: a regular expression of %d bytes; at most %d are allowed", what, len(expression), MaxPatternBytes)
	}
	full, err := p.expand(expression)
	if err != nil {
		return 0, at(n, "%s: %s", what, err)
	}
	size, err := compiled.compile(full, use)
	if err != nil {
		return 0, at(n, "%s: %s", what, err)
	}
	if use == leads && !compiled.need.starts() {
		return 0, at(n, "%s: the regular expression %s can match without any fixed text of %d letters, so it would run on every message: name the words that must be there", what, expression, minLiteral)
	}
	if p.program += size; p.program > MaxProgram {
		return 0, at(n, "%s: with this expression all of them together compile to more than %d instructions", what, MaxProgram)
	}
	p.policy.patterns = append(p.policy.patterns, compiled)
	return len(p.policy.patterns) - 1, nil
}

var termName = regexp.MustCompile(`\{[a-z]{3}[a-z0-9_]*\}`)

// expand puts terms in the place of their names. After \p, \P and \x braces keep their meaning of RE2.
func (p *policyParser) expand(expression string) (string, error) {
	var full strings.Builder
	rest := expression
	for {
		place := termName.FindStringIndex(rest)
		if place == nil {
			full.WriteString(rest)
			return full.String(), nil
		}
		name := rest[place[0]:place[1]]
		full.WriteString(rest[:place[0]])
		if before := rest[:place[0]]; strings.HasSuffix(before, `\p`) || strings.HasSuffix(before, `\P`) || strings.HasSuffix(before, `\x`) {
			full.WriteString(name)
		} else if term, ok := p.terms[strings.Trim(name, "{}")]; ok {
			full.WriteString(term)
		} else {
			return "", fmt.Errorf("there is no term %s", name)
		}
		rest = rest[place[1]:]
	}
}

// compile makes the expression ready and returns its size in instructions.
func (p *pattern) compile(expression string, use role) (int, error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return 0, errors.New(expressionError(err))
	}
	tree = tree.Simplify()
	program, err := syntax.Compile(tree)
	if err != nil {
		return 0, errors.New(expressionError(err))
	}
	if len(program.Inst) > MaxPatternProgram {
		return 0, fmt.Errorf("the regular expression compiles to %d instructions; at most %d are allowed: make its repetitions smaller", len(program.Inst), MaxPatternProgram)
	}
	if matchesEmpty(tree) {
		return 0, errors.New("the regular expression matches the empty text")
	}
	known := make(learner)
	p.need = known.of(tree).need()
	if use == leads {
		if p.starts, err = known.startsOf(expression, tree); err != nil {
			return 0, errors.New(expressionError(err))
		}
	}
	p.expression = compiledLater(expression)
	return len(program.Inst), nil
}

// compiledLater compiles an expression that package syntax has parsed, when it is first asked for.
func compiledLater(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// matchesEmpty says whether a simplified expression matches the empty text.
func matchesEmpty(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpNoWordBoundary,
		syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpCapture, syntax.OpPlus:
		return matchesEmpty(tree.Sub[0])
	case syntax.OpConcat:
		return !slices.ContainsFunc(tree.Sub, func(part *syntax.Regexp) bool { return !matchesEmpty(part) })
	case syntax.OpAlternate:
		return slices.ContainsFunc(tree.Sub, matchesEmpty)
	}
	return false
}

// find returns the place of the first match in a view's text, nil for none.
func (p *pattern) find(v view, text string) []int {
	if p.starts == nil || v == inOriginal { // which may be in capitals
		return p.expression().FindStringIndex(text)
	}
	return p.starts.find(p.expression, text)
}

// expressionError takes Go's prefix off the reason for which an expression was refused.
func expressionError(err error) string {
	return "not a regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: ")
}
