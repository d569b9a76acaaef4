// Package wiretest holds the AppendJSON of a frame against the tags of its struct, which describe it to others.
package wiretest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/domain/wire"
)

// Check fails the test where a frame's AppendJSON does not write what the tags of its struct say (see [wire.Frame]):
// other names, another order, a member too many or too few, or a value unlike that of encoding/json. Values are
// compared once they are parsed, since encoding/json escapes more; times are compared to the microsecond.
func Check(tb testing.TB, name string, f wire.Frame) {
	tb.Helper()
	written := f.AppendJSON(nil)
	got, err := Members(written)
	if err != nil {
		tb.Fatalf("%s: %v", written, err)
	}
	want := append([]Member{{"type", mustMarshal(name)}}, tagged(reflect.ValueOf(f).Elem())...)
	if !slices.Equal(names(got), names(want)) {
		tb.Fatalf("%s has %v, its tags %v", written, names(got), names(want))
	}
	for i := range want {
		if !reflect.DeepEqual(parse(tb, got[i].Value), parse(tb, want[i].Value)) {
			tb.Errorf("%s: %s is %s, want %s", written, want[i].Name, got[i].Value, want[i].Value)
		}
	}
	if after := f.AppendJSON([]byte("x")); string(after) != "x"+string(written) {
		tb.Errorf("after a prefix: %s, want %s", after, written)
	}
}

// Member is one name and value of a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Members takes an object apart, in its order.
func Members(object []byte) ([]Member, error) {
	if !json.Valid(object) {
		return nil, fmt.Errorf("not JSON")
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fmt.Errorf("no object: %v, %w", t, err)
	}
	var members []Member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		m := Member{Name: name.(string)}
		if err := d.Decode(&m.Value); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

func names(members []Member) []string {
	all := make([]string, len(members))
	for i, m := range members {
		all[i] = m.Name
	}
	return all
}

// tagged encodes a struct by its tags.
func tagged(v reflect.Value) []Member {
	var members []Member
	for field, value := range v.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		constant, fixed := field.Tag.Lookup("const")
		switch {
		case name == "-":
		case fixed:
			name, constant, _ = strings.Cut(constant, "=")
			members = append(members, Member{name, mustMarshal(constant)})
		case options != "" && value.IsZero():
		case field.Tag.Get("nullable") == "true" && value.IsZero():
			members = append(members, Member{name, json.RawMessage("null")})
		case field.Tag.Get("type") == "any": // a string of JSON
			members = append(members, Member{name, json.RawMessage(value.String())})
		default:
			members = append(members, Member{name, encode(value)})
		}
	}
	return members
}

func encode(v reflect.Value) json.RawMessage {
	switch value := v.Interface().(type) {
	case time.Time:
		return mustMarshal(value.UTC().Truncate(time.Microsecond).Format("2006-01-02T15:04:05.000000Z"))
	case time.Duration:
		return mustMarshal(value.Seconds())
	}
	if v.Kind() == reflect.Slice && v.IsNil() {
		return json.RawMessage("[]") // clients get lists, never null for one
	}
	return mustMarshal(v.Interface())
}

func mustMarshal(v any) json.RawMessage {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err)) // it is the test's own
	}
	return raw
}

// parse reads a value with its numbers as they are written, save for the exponents of encoding/json.
func parse(tb testing.TB, raw []byte) any {
	tb.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("%s: %v", raw, err)
	}
	return v
}
