package guard

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits of a policy file. They bound what a policy can cost each message, and what it takes to hold it.
const (
	MaxPolicyBytes    = 256 << 10
	MaxRules          = 1000
	MaxPatternBytes   = 2000    // of one regular expression as written
	MaxPatternProgram = 5000    // instructions of one compiled expression
	MaxProgram        = 200_000 // instructions of all compiled expressions together
	maxListItems      = 1000    // items of any list within the file
	maxMessageBytes   = 500
)

//go:embed policy.yaml
var shipped []byte

// Shipped returns the bytes of the policy that comes with the program.
func Shipped() []byte {
	return append([]byte(nil), shipped...)
}

// Policy is a parsed policy file: thresholds, weights, rules, lists, exceptions. It is immutable and safe for concurrent use.
type Policy struct {
	hash       string
	block      float64
	uncertain  float64
	weights    weights
	classifier reasonText
	brands     []brand
	lists      []listSpec
	exceptions exceptions
	rules      []rule
	patterns   []pattern // of all rules and exceptions
	original   bool      // one of them reads messages as written
	scanner    *scanner
	unstarted  bitset // the rules that no pattern starts
}

// weights say how much each stage may add to the score.
type weights struct {
	rules      float64 // each rule's own weight is multiplied by it
	classifier float64
	from       float64 // a classifier's score below it adds nothing
	model      float64
}

// reasonText is how a stage that is no rule is shown among the reasons.
type reasonText struct {
	message string
}

// exceptions never count, whatever the rules say.
type exceptions struct {
	texts    []string // whole messages, compared as Folded
	patterns []int    // a rule's match inside one of their matches does not count
	hosts    []string // and everything below them: never evidence
	users    []string // senders who are not judged
}

// ParsePolicy reads a policy file. The error is a *PolicyError with line and reason; nothing of a broken policy is used.
// Domain and address lists are other files: see Policy.ReadLists.
func ParsePolicy(data []byte) (*Policy, error) {
	if len(data) > MaxPolicyBytes {
		return nil, &PolicyError{Reason: fmt.Sprintf("the policy has %d bytes; at most %d are allowed: move long lists to files of their own (lists)", len(data), MaxPolicyBytes)}
	}
	if !utf8.Valid(data) { // an event keeps the bytes as JSON
		return nil, &PolicyError{Reason: "the policy is not UTF-8: save it in that encoding"}
	}
	top, err := root(data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	parser := policyParser{policy: &Policy{
		hash:       hex.EncodeToString(sum[:]),
		weights:    weights{rules: 1, classifier: 1, model: 1},
		classifier: reasonText{message: "It resembles messages that were reported as harmful."},
	}}
	if err := parser.read(top); err != nil {
		return nil, err
	}
	policy := parser.policy
	policy.original = slices.ContainsFunc(policy.patterns, func(p pattern) bool { return p.view == inOriginal })
	policy.scanner = newScanner(policy.patterns)
	policy.unstarted = policy.opens()
	return policy, nil
}

// Hash returns the lower-case hex SHA-256 of the policy's exact bytes.
func (p *Policy) Hash() string {
	return p.hash
}

// Thresholds returns from which score a message is blocked, and from which below that it counts as uncertain.
func (p *Policy) Thresholds() (uncertain, block float64) {
	return p.uncertain, p.block
}

// policyParser gathers a policy while its file is read from top to bottom.
type policyParser struct {
	policy  *Policy
	terms   map[string]string
	program int // instructions of the patterns so far
	version string
}

var ruleName = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// read reads the file's top. Terms, brands and lists are read before what refers to them, wherever they stand.
func (p *policyParser) read(top *yaml.Node) error {
	later := make(map[string]*yaml.Node)
	keep := func(name string) field {
		return field{name, func(n *yaml.Node) error { later[name] = n; return nil }}
	}
	err := mapping(top, "the policy",
		stringField("version", "version", &p.version),
		field{"thresholds", p.readThresholds},
		field{"weights", p.readWeights},
		field{"classifier", func(n *yaml.Node) error {
			return mapping(n, "classifier", stringField("message", "classifier.message", &p.policy.classifier.message))
		}},
		field{"terms", p.readTerms},
		field{"brands", p.readBrands},
		field{"lists", p.readLists},
		keep("exceptions"), keep("rules"),
	)
	switch {
	case err != nil:
		return err
	case p.version != "1":
		return at(top, "version must be 1, the only one there is, not %q", p.version)
	case p.policy.block == 0:
		return at(top, "thresholds are missing: give block and uncertain")
	}
	if n := later["exceptions"]; n != nil {
		if err := p.readExceptions(n); err != nil {
			return err
		}
	}
	if n := later["rules"]; n != nil {
		return sequence(n, "rules", MaxRules, p.readRule)
	}
	return nil
}

func (p *policyParser) readThresholds(n *yaml.Node) error {
	policy := p.policy
	err := mapping(n, "thresholds",
		shareField("block", "thresholds.block", &policy.block),
		shareField("uncertain", "thresholds.uncertain", &policy.uncertain),
	)
	switch {
	case err != nil:
		return err
	case policy.block == 0:
		return at(n, "thresholds.block must be above 0, or every message would be blocked")
	case policy.uncertain > policy.block:
		return at(n, "thresholds.uncertain is %v, above thresholds.block, which is %v", policy.uncertain, policy.block)
	}
	return nil
}

func (p *policyParser) readWeights(n *yaml.Node) error {
	w := &p.policy.weights
	return mapping(n, "weights",
		shareField("rules", "weights.rules", &w.rules),
		shareField("classifier", "weights.classifier", &w.classifier),
		shareField("classifier_from", "weights.classifier_from", &w.from),
		shareField("model", "weights.model", &w.model),
	)
}

// readTerms reads names for pieces of patterns: {name} in a pattern stands for them.
func (p *policyParser) readTerms(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return at(n, "terms must be a mapping of names to regular expressions")
	}
	p.terms = make(map[string]string)
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !termName.MatchString("{" + key.Value + "}") {
			return at(key, "term %q: a name has three letters a-z or more", key.Value)
		}
		if _, twice := p.terms[key.Value]; twice {
			return at(key, "terms has the key %q twice", key.Value)
		}
		expression, err := text(value, "term "+key.Value)
		if err != nil {
			return err
		}
		if _, err := regexp.Compile(expression); err != nil {
			return at(value, "term %s: %s", key.Value, expressionError(err))
		}
		p.terms[key.Value] = "(?:" + expression + ")"
	}
	return nil
}

func (p *policyParser) readExceptions(n *yaml.Node) error {
	e := &p.policy.exceptions
	return mapping(n, "exceptions",
		stringsField("texts", "exceptions.texts", &e.texts, func(s string) (string, error) { return strings.TrimSpace(Normalise(s).Folded), nil }),
		field{"patterns", func(n *yaml.Node) (err error) {
			e.patterns, err = p.readPatterns(n, "exceptions.patterns", leads)
			return err
		}},
		stringsField("hosts", "exceptions.hosts", &e.hosts, checkHost),
		stringsField("users", "exceptions.users", &e.users, nil),
	)
}
