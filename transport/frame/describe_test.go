package frame_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/domain/wire/wiretest"
	"chainmail/transport/frame"
)

// TestTagsSayWhatIsWritten holds the encoders against the tags, for the examples and for random values.
func TestTagsSayWhatIsWritten(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, d := range frame.ServerFrames() {
		for _, f := range d.Examples {
			wiretest.Check(t, d.Name, f)
			for range 300 {
				wiretest.Fill(random, f)
				if e, ok := f.(*frame.Error); ok && e.Code == frame.RateLimited && e.RetryAfter == 0 {
					e.RetryAfter = time.Second // else it would be written too
				}
				wiretest.Check(t, d.Name, f)
			}
		}
	}
}

// TestClientFramesAreParsed holds what clients are told against what Parse does with frames: the example, each field
// left out, null and of another type, and every bound.
func TestClientFramesAreParsed(t *testing.T) {
	t.Parallel()
	for _, f := range frame.ClientFrames() {
		name := f.Name
		if name == "" {
			name = "no type"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if f.Title == "" || f.Summary == "" {
				t.Error("nothing is said of it")
			}
			if got, err := frame.Parse([]byte(f.Example)); err != nil {
				t.Fatalf("%s: %v", f.Example, err)
			} else if name == "no type" && got.Type != frame.ChatMessage {
				t.Errorf("%s: parsed as %s", f.Example, got.Type)
			}
			least := least(f)
			checkParses(t, least)
			for _, field := range f.Fields {
				checkField(t, f, least, field)
			}
			if f.OneOf != nil {
				checkOneOf(t, f, least)
			}
			if name == "no type" {
				return
			}
			least["type"] = nil
			checkRefused(t, least, frame.InvalidField, "type")
			delete(least, "type")
			if _, err := frame.Parse(encode(t, least)); err == nil && name != "chat_message" {
				t.Error("it needs no type")
			}
		})
	}
}

// least is a frame with no more than it needs.
func least(f frame.ClientFrame) map[string]any {
	members := make(map[string]any)
	if f.Name != "" {
		members["type"] = f.Name
	}
	for _, field := range f.Fields {
		if field.Required || slices.Contains(f.OneOf, field.Name) && field.Name == f.OneOf[0] {
			members[field.Name] = some(field)
		}
	}
	return members
}

// some is a value that a field may have.
func some(f frame.Field) any {
	var one any
	switch {
	case f.Pattern != "":
		one = "task:" + a
	case f.Type == "uuid":
		one = a
	case f.Type == "integer":
		one = f.Min
	case f.Type == "boolean":
		one = false
	default:
		one = "x"
	}
	if f.List {
		return []any{one}
	}
	return one
}

func checkField(t *testing.T, f frame.ClientFrame, least map[string]any, field frame.Field) {
	t.Helper()
	oneOf := slices.Contains(f.OneOf, field.Name)
	with := func(value any) map[string]any {
		members := maps.Clone(least)
		if oneOf {
			delete(members, f.OneOf[0])
		}
		members[field.Name] = value
		return members
	}
	checkParses(t, with(some(field)))
	switch {
	case field.Required:
		if f.Name == "" {
			checkRefused(t, with(nil), frame.MissingField, "type") // it is not known for a message
		} else {
			checkRefused(t, with(nil), frame.MissingField, field.Name)
		}
	case oneOf:
		checkRefused(t, with(nil), frame.MissingField, f.OneOf[0])
	default:
		checkParses(t, with(nil))
	}
	if field.Type == "" {
		return // any value
	}
	for _, other := range []any{1.5, "no uuid, no channel", true, map[string]any{}, []any{1.5}} {
		if _, isText := other.(string); isText && field.Type == "string" && field.Pattern == "" || other == true && field.Type == "boolean" {
			continue
		}
		if _, err := frame.Parse(encode(t, with(other))); err == nil || err.Field != field.Name {
			t.Errorf("%s as %v: got %v", field.Name, other, err)
		}
	}
	checkBounds(t, field, with)
}

// checkBounds goes to a field's bounds and beyond.
func checkBounds(t *testing.T, field frame.Field, with func(any) map[string]any) {
	t.Helper()
	of := func(n int64) any {
		switch {
		case field.List:
			one := field
			one.List = false
			return slices.Repeat([]any{some(one)}, int(n))
		case field.Type == "string":
			return strings.Repeat("x", int(n))
		}
		return n
	}
	refused := func(n int64) {
		t.Helper()
		if _, err := frame.Parse(encode(t, with(of(n)))); err == nil || err.Field != field.Name {
			t.Errorf("%s of %d: got %v", field.Name, n, err)
		}
	}
	if field.Min > 0 || field.Type == "integer" {
		checkParses(t, with(of(field.Min)))
		refused(field.Min - 1)
	}
	if field.Max > 0 {
		checkParses(t, with(of(field.Max)))
		refused(field.Max + 1)
	}
}

// checkOneOf sends both of two fields, and neither.
func checkOneOf(t *testing.T, f frame.ClientFrame, least map[string]any) {
	t.Helper()
	both := maps.Clone(least)
	both[f.OneOf[0]], both[f.OneOf[1]] = a, b
	checkRefused(t, both, frame.InvalidField, f.OneOf[1])
	neither := maps.Clone(least)
	delete(neither, f.OneOf[0])
	checkRefused(t, neither, frame.MissingField, f.OneOf[0])
}

func checkParses(t *testing.T, members map[string]any) {
	t.Helper()
	if _, err := frame.Parse(encode(t, members)); err != nil {
		t.Errorf("%.200s: %v", fmt.Sprint(members), err)
	}
}

func checkRefused(t *testing.T, members map[string]any, code frame.Code, field string) {
	t.Helper()
	if _, err := frame.Parse(encode(t, members)); err == nil || err.Code != code || err.Field != field {
		t.Errorf("%.200s: got %v, want %s %s", fmt.Sprint(members), err, code, field)
	}
}

func encode(t *testing.T, members map[string]any) []byte {
	t.Helper()
	raw, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
