package openapitest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Schema is a JSON Schema, as far as the document uses it.
type Schema struct {
	Ref         string `json:"$ref"`
	Types       types  `json:"type"`
	Description string
	Format      string
	Pattern     string
	Enum        []any
	Examples    []any

	Minimum, Maximum     *float64
	MinLength, MaxLength *int
	MinItems, MaxItems   *int

	Items        *Schema
	Properties   map[string]*Schema
	Required     []string
	OneOf, AnyOf []*Schema
	Others       others `json:"additionalProperties"`

	target *Schema // of Ref
}

// types is one name, or a list of them.
type types []string

// others says what properties there are beside those that have a schema each. Its zero value is a mere "true".
type others struct{ Description string }

// UnmarshalJSON implements json.Unmarshaler.
func (o *others) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return nil
	}
	type plain others
	return json.Unmarshal(raw, (*plain)(o))
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *types) UnmarshalJSON(raw []byte) error {
	if raw[0] == '[' {
		return json.Unmarshal(raw, (*[]string)(t))
	}
	*t = make(types, 1)
	return json.Unmarshal(raw, &(*t)[0])
}

// resolve finds what a schema and those within it refer to.
func (d *Document) resolve(s *Schema) error {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		if s.target = d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]; s.target == nil {
			return fmt.Errorf("%s is not there", s.Ref)
		}
	}
	for _, inner := range s.Inside() {
		if err := d.resolve(inner); err != nil {
			return err
		}
	}
	return nil
}

// Inside returns the schemas that stand within this one, in a fixed order.
func (s *Schema) Inside() []*Schema {
	var all []*Schema
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		all = append(all, s.Properties[name])
	}
	if s.Items != nil {
		all = append(all, s.Items)
	}
	return append(append(all, s.OneOf...), s.AnyOf...)
}

// Target is the schema itself, or the one that it refers to.
func (s *Schema) Target() *Schema {
	if s.target != nil {
		return s.target.Target()
	}
	return s
}

// Explained reports whether the schema says what the value is for: itself, or where it refers to.
func (s *Schema) Explained() bool { return s.Description != "" || s.Target().Description != "" }

// Faults returns what is wrong with a value that encoding/json decoded, each with its place below the given one.
func (s *Schema) Faults(value any, place string) []string {
	switch {
	case s == nil:
		return nil
	case s.target != nil:
		return s.target.Faults(value, place)
	case len(s.OneOf) > 0:
		return choices(s.OneOf, value, place, func(n int) bool { return n == 1 })
	case len(s.AnyOf) > 0:
		return choices(s.AnyOf, value, place, func(n int) bool { return n > 0 })
	}
	if len(s.Types) > 0 && !slices.ContainsFunc(s.Types, func(t string) bool { return isType(value, t) }) {
		return []string{fmt.Sprintf("%s is %.60v, not %v", place, value, s.Types)}
	}
	if len(s.Enum) > 0 && value != nil && !slices.Contains(s.Enum, value) {
		return []string{fmt.Sprintf("%s is %.60v, not one of %v", place, value, s.Enum)}
	}
	switch v := value.(type) {
	case string:
		return s.textFaults(v, place)
	case float64:
		if s.Minimum != nil && v < *s.Minimum || s.Maximum != nil && v > *s.Maximum {
			return []string{fmt.Sprintf("%s is %v, out of range", place, v)}
		}
	case []any:
		return s.listFaults(v, place)
	case map[string]any:
		return s.objectFaults(v, place)
	}
	return nil
}

// choices holds a value against several schemas, of which as many have to fit as enough says.
func choices(schemas []*Schema, value any, place string, enough func(int) bool) []string {
	var faults []string
	fit := 0
	for _, s := range schemas {
		if f := s.Faults(value, place); len(f) > 0 {
			faults = append(faults, f...)
			continue
		}
		fit++
	}
	if enough(fit) {
		return nil
	}
	return append(faults, fmt.Sprintf("%s fits %d of %d schemas", place, fit, len(schemas)))
}

func isType(value any, name string) bool {
	switch v := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	}
	return name == "object"
}

var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// textFaults knows the formats by their strictest reading: times are UTC with microseconds, UUIDs in lower case.
func (s *Schema) textFaults(text, place string) []string {
	n := utf8.RuneCountInString(text)
	switch {
	case s.MinLength != nil && n < *s.MinLength, s.MaxLength != nil && n > *s.MaxLength:
		return []string{fmt.Sprintf("%s has %d characters", place, n)}
	case s.Pattern != "" && !regexp.MustCompile(s.Pattern).MatchString(text):
		return []string{fmt.Sprintf("%s is %q, which does not match %s", place, text, s.Pattern)}
	case s.Format == "uuid" && !uuidPattern.MatchString(text):
		return []string{fmt.Sprintf("%s is %q, no UUID", place, text)}
	case s.Format == "date-time":
		if _, err := time.Parse("2006-01-02T15:04:05.000000Z", text); err != nil {
			return []string{fmt.Sprintf("%s is %q, no time", place, text)}
		}
	}
	return nil
}

func (s *Schema) listFaults(list []any, place string) (faults []string) {
	if s.MinItems != nil && len(list) < *s.MinItems || s.MaxItems != nil && len(list) > *s.MaxItems {
		faults = append(faults, fmt.Sprintf("%s has %d items", place, len(list)))
	}
	for i, item := range list {
		faults = append(faults, s.Items.Faults(item, fmt.Sprintf("%s[%d]", place, i))...)
	}
	return faults
}

func (s *Schema) objectFaults(object map[string]any, place string) (faults []string) {
	for _, name := range s.Required {
		if _, found := object[name]; !found {
			faults = append(faults, fmt.Sprintf("%s.%s is missing", place, name))
		}
	}
	if s.Properties == nil {
		return faults
	}
	for name, value := range object {
		property, found := s.Properties[name]
		if !found && s.Others.Description != "" {
			continue
		}
		if !found {
			faults = append(faults, fmt.Sprintf("%s.%s is not described", place, name))
			continue
		}
		faults = append(faults, property.Faults(value, place+"."+name)...)
	}
	return faults
}
