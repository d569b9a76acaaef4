package guard

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// PolicyError is a mistake in a policy file: where, and what to do about it.
type PolicyError struct {
	Line   int // from 1; 0 when the mistake has no place of its own
	Reason string
}

// Error says the line and the reason.
func (e *PolicyError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// at makes the error of one node.
func at(node *yaml.Node, format string, args ...any) error {
	return &PolicyError{Line: node.Line, Reason: fmt.Sprintf(format, args...)}
}

// root parses the one document of a policy file. Anchors and aliases are refused by what reads the nodes: a short file could stand for a huge one.
func root(data []byte) (*yaml.Node, error) {
	var document, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	if err := decoder.Decode(&document); err != nil {
		return nil, syntaxError(err)
	}
	if decoder.Decode(&second) == nil {
		return nil, at(&second, "a second document begins here: a policy is one")
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, &PolicyError{Reason: "the policy is empty"}
	}
	return document.Content[0], nil
}

// syntaxError takes the line out of what the YAML parser says: "yaml: line 3: did not find …".
func syntaxError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if text == "EOF" {
		return &PolicyError{Reason: "the policy is empty"}
	}
	rest, ok := strings.CutPrefix(text, "line ")
	digits, reason, found := strings.Cut(rest, ": ")
	line, err := strconv.Atoi(digits)
	if !ok || !found || err != nil {
		return &PolicyError{Reason: "not YAML: " + text}
	}
	// Its parser counts lines from 0, its scanner from 1; and the parser means the line in which the mapping or list begins.
	if strings.HasPrefix(reason, "did not find expected ") && slices.Contains(parserExpects, strings.TrimPrefix(reason, "did not find expected ")) {
		return &PolicyError{Line: line + 1, Reason: "not YAML here or in what begins here: " + reason}
	}
	return &PolicyError{Line: line, Reason: "not YAML: " + reason}
}

// parserExpects is what the YAML parser, not its scanner, may miss (parserc.go).
var parserExpects = []string{"<document start>", "node content", "'-' indicator", "key", "',' or ']'", "',' or '}'"}

// field reads one key's value.
type field struct {
	name string
	read func(*yaml.Node) error
}

// mapping reads a mapping strictly: each key must be known and stand once. what names the mapping in errors.
func mapping(node *yaml.Node, what string, fields ...field) error {
	if node.Kind != yaml.MappingNode || node.Anchor != "" {
		return at(node, "%s must be a mapping of keys to values", what)
	}
	seen := make(map[string]bool, len(fields))
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		place := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if place < 0 {
			names := make([]string, len(fields))
			for i, f := range fields {
				names[i] = f.name
			}
			return at(key, "%s has no key %q; it may have %s", what, key.Value, strings.Join(names, ", "))
		}
		if seen[key.Value] {
			return at(key, "%s has the key %q twice", what, key.Value)
		}
		seen[key.Value] = true
		if err := fields[place].read(value); err != nil {
			return err
		}
	}
	return nil
}

// sequence reads a list of at most limit items.
func sequence(node *yaml.Node, what string, limit int, item func(*yaml.Node) error) error {
	if node.Kind != yaml.SequenceNode || node.Anchor != "" {
		return at(node, "%s must be a list", what)
	}
	if len(node.Content) > limit {
		return at(node, "%s has %d items; at most %d are allowed", what, len(node.Content), limit)
	}
	for _, n := range node.Content {
		if err := item(n); err != nil {
			return err
		}
	}
	return nil
}

// text reads a string that is not empty.
func text(node *yaml.Node, what string) (string, error) {
	if node.Kind != yaml.ScalarNode || node.Anchor != "" || node.Tag == "!!null" {
		return "", at(node, "%s must be a text", what)
	}
	if strings.TrimSpace(node.Value) == "" {
		return "", at(node, "%s must not be empty", what)
	}
	return node.Value, nil
}

// stringField is a field whose value is a text.
func stringField(name, what string, into *string) field {
	return field{name, func(n *yaml.Node) (err error) {
		*into, err = text(n, what)
		return err
	}}
}

// stringsField is a field whose value is a list of texts, each given to check (nil: anything goes), which answers how it is kept.
func stringsField(name, what string, into *[]string, check func(string) (string, error)) field {
	return field{name, func(n *yaml.Node) error {
		return sequence(n, what, maxListItems, func(n *yaml.Node) error {
			value, err := text(n, "an item of "+what)
			if err != nil {
				return err
			}
			if check != nil {
				if value, err = check(value); err != nil {
					return at(n, "%s: %s", what, err)
				}
			}
			*into = append(*into, value)
			return nil
		})
	}}
}

// shareField is a field whose value is a number from 0 to 1.
func shareField(name, what string, into *float64) field {
	return field{name, func(n *yaml.Node) error {
		value, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || n.Anchor != "" || err != nil || math.IsNaN(value) || value < 0 || value > 1 {
			return at(n, "%s must be a number from 0 to 1, not %q", what, n.Value)
		}
		*into = value
		return nil
	}}
}
