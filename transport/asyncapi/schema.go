package asyncapi

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
	"chainmail/transport/frame"
)

// schema is a Schema Object: JSON Schema, draft 7.
type schema struct {
	Type        any              `json:"type,omitempty"` // a string, or a list of them
	Const       string           `json:"const,omitempty"`
	Enum        []string         `json:"enum,omitempty"`
	Format      string           `json:"format,omitempty"`
	Pattern     string           `json:"pattern,omitempty"`
	Minimum     *int64           `json:"minimum,omitempty"`
	Maximum     *int64           `json:"maximum,omitempty"`
	MinLength   int64            `json:"minLength,omitempty"`
	MaxLength   int64            `json:"maxLength,omitempty"`
	MinItems    int64            `json:"minItems,omitempty"`
	MaxItems    int64            `json:"maxItems,omitempty"`
	Items       *schema          `json:"items,omitempty"`
	Description string           `json:"description,omitempty"`
	Properties  ordered[*schema] `json:"properties,omitempty"`
	Required    []string         `json:"required,omitempty"`
	OneOf       []*schema        `json:"oneOf,omitempty"`
}

// orNull lets the value be null too.
func (s *schema) orNull() *schema {
	if t, ok := s.Type.(string); ok {
		s.Type = []string{t, "null"}
	}
	return s
}

// serverSchema describes a frame by the tags of its struct (see [wire.Frame]).
func serverSchema(name string, f wire.Frame) *schema {
	s := &schema{Type: "object"}
	s.Properties.add("type", &schema{Type: "string", Const: name})
	s.Required = []string{"type"}
	t := reflect.TypeOf(f).Elem()
	for field := range t.Fields() {
		tag := field.Tag
		member, options, _ := strings.Cut(tag.Get("json"), ",")
		if constant, ok := tag.Lookup("const"); ok {
			var value string
			member, value, _ = strings.Cut(constant, "=")
			s.Properties.add(member, &schema{Type: "string", Const: value})
			s.Required = append(s.Required, member)
			continue
		}
		if member == "-" {
			continue
		}
		value := tagged(field.Type, tag)
		if tag.Get("nullable") == "true" || field.Type.Kind() == reflect.Pointer && options == "" {
			value.orNull()
		}
		s.Properties.add(member, value)
		if options == "" {
			s.Required = append(s.Required, member)
		}
	}
	return s
}

// tagged describes the values of a field.
func tagged(t reflect.Type, tag reflect.StructTag) *schema {
	s := typed(t, tag.Get("type"))
	s.Description, s.Pattern = tag.Get("doc"), tag.Get("pattern")
	if enum := tag.Get("enum"); enum != "" {
		s.Enum = strings.Split(enum, ",")
	}
	s.Minimum, s.Maximum = bound(tag, "minimum"), bound(tag, "maximum")
	return s
}

func bound(tag reflect.StructTag, name string) *int64 {
	text, ok := tag.Lookup(name)
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", tag, err)) // it is the same at every start
	}
	return &n
}

// typed describes the values of a Go type. A type that is told counts more.
func typed(t reflect.Type, told string) *schema {
	switch {
	case told == "any":
		return &schema{}
	case told != "":
		return &schema{Type: told}
	case t.Kind() == reflect.Pointer:
		return typed(t.Elem(), "")
	}
	switch t {
	case reflect.TypeFor[domain.ID]():
		return &schema{Type: "string", Format: "uuid"}
	case reflect.TypeFor[domain.Salt]():
		return &schema{Type: "string"}
	case reflect.TypeFor[time.Time]():
		return &schema{Type: "string", Format: "date-time"}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		return &schema{Type: "integer"}
	case reflect.Float64:
		return &schema{Type: "number"}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Slice:
		return &schema{Type: "array", Items: typed(t.Elem(), "")}
	}
	panic(fmt.Sprintf("no schema for a %s", t)) // it is the same at every start
}

// clientSchema describes a frame that clients send. What is not required may be null.
func clientSchema(f frame.ClientFrame) *schema {
	s := &schema{Type: "object"}
	if f.Name != "" {
		s.Properties.add("type", &schema{Type: "string", Const: f.Name})
		s.Required = append(s.Required, "type")
	}
	for _, field := range f.Fields {
		value := parsed(field)
		if field.Required {
			s.Required = append(s.Required, field.Name)
		} else {
			value.orNull()
		}
		s.Properties.add(field.Name, value)
	}
	for _, name := range f.OneOf {
		one := &schema{Required: []string{name}}
		for _, other := range f.OneOf {
			kind := "null"
			if other == name {
				kind = "string"
			}
			one.Properties.add(other, &schema{Type: kind})
		}
		s.OneOf = append(s.OneOf, one)
	}
	return s
}

// parsed describes the values of a field that is parsed.
func parsed(f frame.Field) *schema {
	s := &schema{Description: f.Doc, Pattern: f.Pattern}
	switch f.Type {
	case "":
		return s
	case "uuid":
		s.Type, s.Format = "string", "uuid"
	case "integer":
		s.Type, s.Minimum = "integer", &f.Min
	case "string":
		s.Type, s.MinLength, s.MaxLength = "string", f.Min, f.Max
	default:
		s.Type = f.Type
	}
	if f.List {
		s.Description = ""
		return &schema{Type: "array", Items: s, MinItems: f.Min, MaxItems: f.Max, Description: f.Doc}
	}
	return s
}
