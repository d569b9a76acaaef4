package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exposition is what a scrape shows: of each series name its labels, and of each label its values.
type exposition map[string]map[string][]string

var (
	seriesLine = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? [^ ]+$`)
	labelPair  = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"`)
)

// parseExposition reads Prometheus's text format.
func parseExposition(t testing.TB, text string) exposition {
	t.Helper()
	e := make(exposition)
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		match := seriesLine.FindStringSubmatch(line)
		if match == nil {
			t.Fatalf("/metrics has a line that is none: %q", line)
		}
		labels := e[match[1]]
		if labels == nil {
			labels = make(map[string][]string)
			e[match[1]] = labels
		}
		for _, pair := range labelPair.FindAllStringSubmatch(match[2], -1) {
			labels[pair[1]] = append(labels[pair[1]], pair[2])
		}
	}
	return e
}

// token matches what an expression is made of: strings, ranges, names with what follows them, and other signs.
var token = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_:][a-zA-Z0-9_:]*|[0-9.]+|=~|!~|!=|==|>=|<=|\S`)

// joining are the words of PromQL that are no names of metrics.
var joining = []string{"and", "or", "unless", "bool", "offset"}

// fromScrape are the labels that Prometheus adds itself, and fromPrometheus what it tells of a scrape.
var (
	fromScrape     = []string{"job", "instance"}
	fromPrometheus = []string{"up"}
)

// expression is what an expression of PromQL speaks of.
type expression struct {
	selectors []selector
	grouped   []string // labels of by clauses
	groups    bool
}

type selector struct {
	metric   string
	matchers []matcher
}

type matcher struct{ label, operator, value string }

// parseExpression finds metrics and labels. It knows the part of PromQL that our files use; a parser of Prometheus's own checks the
// syntax where there is promtool.
func parseExpression(text string) (e expression, err error) {
	tokens := token.FindAllString(text, -1)
	peek := func(i int) string {
		if i < len(tokens) {
			return tokens[i]
		}
		return ""
	}
	for i := 0; i < len(tokens); i++ {
		name := tokens[i]
		switch {
		case name == "by":
			e.groups = true
			for i += 2; i < len(tokens) && tokens[i] != ")"; i++ {
				if tokens[i] != "," {
					e.grouped = append(e.grouped, tokens[i])
				}
			}
		case name == "without" || name == "on" || name == "ignoring" || name == "group_left":
			return e, fmt.Errorf("%q: this test does not know %q", text, name)
		case !isName(name) || slices.Contains(joining, name) || peek(i+1) == "(" || peek(i+1) == "by":
		default:
			s := selector{metric: name}
			if peek(i+1) == "{" {
				for i += 2; i < len(tokens) && tokens[i] != "}"; i++ {
					if tokens[i] == "," {
						continue
					}
					value, err := strconv.Unquote(peek(i + 2))
					if err != nil {
						return e, fmt.Errorf("%q: %s is matched with %s", text, tokens[i], peek(i+2))
					}
					s.matchers = append(s.matchers, matcher{tokens[i], tokens[i+1], value})
					i += 2
				}
			}
			e.selectors = append(e.selectors, s)
		}
	}
	if len(e.selectors) == 0 {
		return e, fmt.Errorf("%q names no metric", text)
	}
	return e, nil
}

func isName(token string) bool {
	return token[0] == '_' || token[0] >= 'a' && token[0] <= 'z' || token[0] >= 'A' && token[0] <= 'Z'
}

// labels are those that the result of the expression may have.
func (e *expression) labels(scraped exposition) []string {
	if e.groups {
		return e.grouped
	}
	labels := slices.Clone(fromScrape)
	for _, s := range e.selectors {
		for label := range scraped[s.metric] {
			labels = append(labels, label)
		}
	}
	return labels
}

// check returns what the expression speaks of and the scrape does not have.
func (e *expression) check(scraped exposition) (lacks []string) {
	for _, s := range e.selectors {
		labels, found := scraped[s.metric]
		if !found && !slices.Contains(fromPrometheus, s.metric) {
			lacks = append(lacks, s.metric)
			continue
		}
		for _, m := range s.matchers {
			if slices.Contains(fromScrape, m.label) {
				continue
			}
			if values := labels[m.label]; !m.finds(values) {
				lacks = append(lacks, fmt.Sprintf("%s{%s%s%q} (it has %q)", s.metric, m.label, m.operator, m.value, values))
			}
		}
		for _, label := range e.grouped {
			if _, has := labels[label]; !has && !slices.Contains(fromScrape, label) {
				lacks = append(lacks, s.metric+" by "+label)
			}
		}
	}
	return lacks
}

// finds reports whether the label's values are such that the matcher makes sense: each value that it names is there, whether it is
// to be taken or left out.
func (m matcher) finds(values []string) bool {
	switch m.operator {
	case "=", "!=":
		return slices.Contains(values, m.value) || m.operator == "!=" && len(values) > 0
	}
	for alternative := range strings.SplitSeq(m.value, "|") {
		pattern := regexp.MustCompile("^(?:" + alternative + ")$")
		if !slices.ContainsFunc(values, pattern.MatchString) {
			return false
		}
	}
	return true
}

func TestParseExpression(t *testing.T) {
	t.Parallel()
	scraped := parseExposition(t, "# HELP a b\na{x=\"1\",y=\"}\"} 5\na{x=\"2\"} 6\nb 1\nc_bucket{le=\"+Inf\",x=\"1\"} 3\n")
	for text, want := range map[string]string{
		`a`:                                  "",
		`a{x="1"} / b > 0.5`:                 "",
		`sum by (x) (rate(a{x=~"1|2"}[5m]))`: "",
		`up{job="j"} == 0 and b`:             "",
		`a{x="3"}`:                           `a{x="3"} (it has ["1" "2"])`,
		`a{x=~"1|4"}`:                        `a{x=~"1|4"} (it has ["1" "2"])`,
		`a{z="1"}`:                           `a{z="1"} (it has [])`,
		`sum by (z) (a)`:                     "a by z",
		`rate(d[5m]) + b`:                    "d",
		`histogram_quantile(0.9, sum by (le, x) (increase(c_bucket[5m])))`: "",
		`sum(a) / e`: "e",
	} {
		e, err := parseExpression(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := strings.Join(e.check(scraped), "; "); got != want {
			t.Errorf("%s lacks %q, want %q", text, got, want)
		}
	}
}
