package openapitest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Document is a description of an API.
type Document struct {
	OpenAPI    string `json:"openapi"`
	Paths      map[string]map[string]*Operation
	Tags       []Tag
	Components struct{ Schemas map[string]*Schema }
}

// Tag is what calls are grouped by.
type Tag struct{ Name, Description string }

// Operation is one call. Method is in upper case, Path has names in braces.
type Operation struct {
	Method, Path string `json:"-"`

	ID          string `json:"operationId"`
	Summary     string
	Description string
	Tags        []string
	Security    []map[string][]string
	Parameters  []Parameter
	RequestBody *Body
	Responses   map[string]*Response // by status
}

// Parameter is a parameter of a call.
type Parameter struct {
	Name, In, Description string
	Required              bool
	Schema                *Schema
}

// Body is what a call takes.
type Body struct {
	Description string
	Required    bool
	Content     map[string]Media // by media type
}

// Media is a body of one media type.
type Media struct {
	Schema  *Schema
	Example any
}

// Response is an answer of one status.
type Response struct {
	Description string
	Headers     map[string]Header
	Content     map[string]Media // by media type; none for an empty body
}

// Header is a header of an answer.
type Header struct {
	Description string
	Required    bool
	Schema      *Schema
}

// Parse reads a document. Schemas that are referred to are there.
func Parse(raw []byte) (*Document, error) {
	d := new(Document)
	if err := json.Unmarshal(raw, d); err != nil {
		return nil, fmt.Errorf("read the description: %w", err)
	}
	for path, item := range d.Paths {
		for method, op := range item {
			op.Method, op.Path = strings.ToUpper(method), path
			for _, s := range op.schemas() {
				if err := d.resolve(s); err != nil {
					return nil, fmt.Errorf("%s %s: %w", op.Method, path, err)
				}
			}
		}
	}
	for name, s := range d.Components.Schemas {
		if err := d.resolve(s); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
	}
	return d, nil
}

// Operations returns all calls in a fixed order.
func (d *Document) Operations() []*Operation {
	var all []*Operation
	for _, item := range d.Paths {
		for _, op := range item {
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b *Operation) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return all
}

// Find returns the call that a path belongs to, nil for none. Fixed segments go before named ones. HEAD is GET's.
func (d *Document) Find(method, path string) *Operation {
	if method == "HEAD" {
		method = "GET"
	}
	var best *Operation
	for _, op := range d.Operations() {
		if op.Method == method && matches(op.Path, path) && (best == nil || fixed(op.Path) > fixed(best.Path)) {
			best = op
		}
	}
	return best
}

// tilePath is the one path whose last parameter has slashes (C2SP tlog-tiles).
const tilePath = "/tile/{level}/{index}"

func matches(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if template == tilePath && len(got) > len(want) {
		got = got[:len(want)]
	}
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !strings.HasPrefix(want[i], "{") && want[i] != got[i] || got[i] == "" && i > 0 {
			return false
		}
	}
	return true
}

// fixed counts the segments that have no name.
func fixed(template string) int { return strings.Count(template, "/") - strings.Count(template, "{") }

// schemas are those that a call uses itself.
func (o *Operation) schemas() []*Schema {
	var all []*Schema
	for _, p := range o.Parameters {
		all = append(all, p.Schema)
	}
	if o.RequestBody != nil {
		for _, m := range o.RequestBody.Content {
			all = append(all, m.Schema)
		}
	}
	for _, r := range o.Responses {
		for _, h := range r.Headers {
			all = append(all, h.Schema)
		}
		for _, m := range r.Content {
			all = append(all, m.Schema)
		}
	}
	return all
}

// Media are all bodies that a call takes or gives.
func (o *Operation) Media() []Media {
	var all []Media
	if o.RequestBody != nil {
		for _, m := range o.RequestBody.Content {
			all = append(all, m)
		}
	}
	for _, r := range o.Responses {
		for _, m := range r.Content {
			all = append(all, m)
		}
	}
	return all
}
