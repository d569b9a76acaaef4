package guard

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// rule is one kind of evidence. It counts when every condition that it has holds.
type rule struct {
	name     string
	message  string // what a person reads
	weight   float64
	any      []int // patterns: one at least must match
	requires []int // patterns: each must match, anywhere in the text
	unless   []int // patterns: a match of any is void when one of these matches in its sentence
	links    *linkCondition
	lists    []string // address lists: the text must name one of their addresses
	disguise Disguise // one of these tricks must have been met; such a rule counts only beside another
}

// readRule reads one rule.
func (p *policyParser) readRule(n *yaml.Node) error {
	r := rule{weight: -1}
	if n.Kind != yaml.MappingNode {
		return at(n, "a rule must be a mapping with name, message and weight")
	}
	what := "a rule"
	if name := valueOf(n, "name"); name != "" {
		what = fmt.Sprintf("rule %q", name)
	}
	patternsField := func(name string, use role, into *[]int) field {
		return field{name, func(n *yaml.Node) (err error) {
			*into, err = p.readPatterns(n, what+": "+name, use)
			return err
		}}
	}
	var addresses, tricks []string
	err := mapping(n, what,
		field{"name", func(n *yaml.Node) error { return p.readRuleName(n, &r.name) }},
		stringField("message", what+": message", &r.message),
		shareField("weight", what+": weight", &r.weight),
		patternsField("any", leads, &r.any),
		patternsField("requires", follows, &r.requires),
		patternsField("unless", follows, &r.unless),
		field{"links", func(n *yaml.Node) (err error) { r.links, err = p.readLinkCondition(n, what+": links"); return err }},
		stringsField("addresses", what+": addresses", &addresses, p.listNamed(Addresses)),
		stringsField("disguise", what+": disguise", &tricks, func(s string) (string, error) {
			trick, err := disguiseNamed(s)
			r.disguise |= trick
			return s, err
		}),
	)
	r.lists = addresses
	switch {
	case err != nil:
		return err
	case r.name == "":
		return at(n, "a rule has no name")
	case r.message == "":
		return at(n, "%s has no message: say to the sender what is wrong", what)
	case len(r.message) > maxMessageBytes:
		return at(n, "%s: message has %d bytes; at most %d are allowed", what, len(r.message), maxMessageBytes)
	case r.weight < 0:
		return at(n, "%s has no weight", what)
	case len(r.any) == 0 && r.links == nil && len(r.lists) == 0 && r.disguise == 0:
		return at(n, "%s has no condition: give any, links, addresses or disguise", what)
	case len(r.unless) > 0 && len(r.any) == 0:
		return at(n, "%s: unless takes matches of any away, and there is no any", what)
	}
	p.policy.rules = append(p.policy.rules, r)
	return nil
}

func (p *policyParser) readRuleName(n *yaml.Node, into *string) error {
	name, err := text(n, "a rule's name")
	if err != nil {
		return err
	}
	if !ruleName.MatchString(name) || len(name) > 64 {
		return at(n, "rule %q: a name is lower-case words of a-z and 0-9 with _ between, at most 64 bytes", name)
	}
	if name == ClassifierReason || name == ModelReason || name == UnansweredReason {
		return at(n, "rule %q: this name is taken by a stage of the guard", name)
	}
	if slices.ContainsFunc(p.policy.rules, func(r rule) bool { return r.name == name }) {
		return at(n, "rule %q is there already: names must differ", name)
	}
	*into = name
	return nil
}

// valueOf returns the text of a mapping's key, or "".
func valueOf(n *yaml.Node, key string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1].Value
		}
	}
	return ""
}

// disguiseNames are the tricks' names in a policy file, in the order of their bits.
var disguiseNames = []string{"invisible", "stacked", "bidi", "homoglyphs", "styled", "encoded", "leet", "spaced", "hidden"}

func disguiseNamed(name string) (Disguise, error) {
	i := slices.Index(disguiseNames, name)
	if i < 0 {
		return 0, fmt.Errorf("no trick is named %q; there are %s", name, strings.Join(disguiseNames, ", "))
	}
	return 1 << i, nil
}

// Names returns the names of the tricks in the set, as a policy file writes them.
func (d Disguise) Names() []string {
	names := make([]string, 0, bits.OnesCount16(uint16(d)))
	for i, name := range disguiseNames {
		if d&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Finding is one place in a message where a rule saw what it looks for.
type Finding struct {
	Rule  string
	In    string // "folded", "joined", "original": what Start and End count in; "link" and "address": they are 0
	Start int    // first byte
	End   int    // byte after the last
	Text  string // what stands there
}

// holds says whether a rule's conditions hold, and where. The findings are gathered only when asked for.
func (r *rule) holds(m *matcher, explain *[]Finding) bool {
	if r.disguise != 0 && m.text.Disguise&r.disguise == 0 {
		return false
	}
	if !r.mayHold(m) {
		return false
	}
	found := len(r.any) == 0
	for _, id := range r.any {
		place, ok := m.findUnless(id, r.unless)
		if !ok {
			continue
		}
		found = true
		if explain == nil {
			break
		}
		*explain = append(*explain, m.finding(r.name, place))
	}
	if !found {
		return false
	}
	for _, id := range r.requires {
		if _, ok := m.find(id); !ok {
			return false
		}
	}
	if r.links != nil && !r.links.holds(m, r.name, explain) {
		return false
	}
	return len(r.lists) == 0 || m.addressIn(r.lists, r.name, explain)
}

// mayHold looks at what costs little: whether there are links and what the patterns need.
func (r *rule) mayHold(m *matcher) bool {
	if r.links != nil && len(m.text.Links) == 0 {
		return false
	}
	for _, id := range r.requires {
		if !m.mayMatchAnywhere(id) {
			return false
		}
	}
	return true
}

// opens notes which rule each pattern in any starts, and returns the rules that need none of these: they are looked at for each message.
func (p *Policy) opens() bitset {
	unstarted := newBitset(len(p.rules))
	for i, r := range p.rules {
		for _, id := range r.any {
			p.patterns[id].rule = int32(i)
		}
		if len(r.any) == 0 {
			unstarted.add(int32(i))
		}
	}
	return unstarted
}
