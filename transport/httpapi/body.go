package httpapi

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"chainmail/transport/frame"
)

// maxBody has room for 1,000 ids, and for the longest content with every byte escaped.
const maxBody = 128 << 10

// maxDiscarded bounds what is read of a body that is too long, beyond maxBody.
const maxDiscarded = 1 << 20

// bodyTimeout bounds how long a client may take to send a body.
const bodyTimeout = 10 * time.Second

// readBody reads the body before huma does, whose deadline would stay on the connection and end a
// request that waits longer. It is JSON, whatever the client calls it.
func readBody(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	deadline := http.NewResponseController(w)
	_ = deadline.SetReadDeadline(time.Now().Add(bodyTimeout)) // not supported by recorders in tests
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	switch {
	case len(raw) > maxBody:
		// Many clients read the answer only when they have written everything: a connection that ends before takes it away from them.
		_, _ = io.CopyN(io.Discard, r.Body, maxDiscarded)
		newProblem(frame.TooLarge, "", "the body is longer than "+strconv.Itoa(maxBody)+" bytes").
			as(http.StatusRequestEntityTooLarge).write(w)
		return
	case err != nil:
		newProblem(frame.InvalidJSON, "", "the body did not arrive").write(w)
		return
	}
	_ = deadline.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(raw))
	r.Header.Del("Content-Type")
	next(ctx)
}

// payload is a body of type T. Its bytes are kept until the handler decodes them, so that it can say
// which field is wrong.
type payload[T any] struct{ raw []byte }

// Schema implements huma.SchemaProvider.
func (*payload[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "")
}

func (p *payload[T]) take(raw []byte) { p.raw = bytes.Clone(raw) }

// decode reads the body. T is a struct; its fields are required unless tagged omitempty, unknown ones
// are ignored, and null is as good as absent. A field's doc says what it must be, and after a colon what it means.
func (p *payload[T]) decode() (body T, err error) {
	fields, err := members(p.raw)
	if err != nil {
		return body, err
	}
	v := reflect.ValueOf(&body).Elem()
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		raw, given := fields[name]
		if !given || string(raw) == "null" {
			if options == "omitempty" {
				continue
			}
			return body, missing(name)
		}
		if fault := faultOf(raw); fault != "" {
			return body, invalid(name, "has "+fault+": remove it")
		}
		if err := json.Unmarshal(raw, v.Field(i).Addr().Interface()); err != nil || hasNull(raw) {
			what, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("doc"), ":")
			return body, invalid(name, "must be "+what)
		}
	}
	return body, nil
}

// hasNull reports whether a value is a list with null for an item, of which encoding/json makes the zero value.
func hasNull(raw []byte) bool {
	if raw[0] != '[' {
		return false // at once: most values are long texts
	}
	var items []json.RawMessage
	return json.Unmarshal(raw, &items) == nil &&
		slices.ContainsFunc(items, func(item json.RawMessage) bool { return string(item) == "null" })
}

// members splits an object. Names are matched with their case; one that is given twice is refused, since
// which of the two counts would be a guess.
func members(raw []byte) (map[string]json.RawMessage, error) {
	switch {
	case !utf8.Valid(raw):
		return nil, newProblem(frame.InvalidJSON, "", "the body is not UTF-8")
	case !json.Valid(raw):
		return nil, newProblem(frame.InvalidJSON, "", "the body is not valid JSON")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, _ := d.Token(); open != json.Delim('{') {
		return nil, newProblem(frame.InvalidJSON, "", "the body must be a JSON object").as(http.StatusUnprocessableEntity)
	}
	fields := make(map[string]json.RawMessage)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		if _, twice := fields[name.(string)]; twice {
			return nil, invalid(name.(string), "is given twice")
		}
		fields[name.(string)] = value
	}
	return fields, nil
}

// faultOf names what makes a string in a JSON value unusable, empty for nothing: NUL, which PostgreSQL
// cannot store, or half of a surrogate pair, which UTF-8 cannot hold (RFC 3629 §3).
func faultOf(raw []byte) string {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		if i++; raw[i] != 'u' {
			continue
		}
		unit := hexUnit(raw[i+1:])
		i += 4
		switch {
		case unit == 0:
			return `NUL (\u0000)`
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return "half of a surrogate pair"
		case unit < 0xD800 || unit > 0xDBFF:
			continue
		}
		rest := raw[i+1:]
		if !bytes.HasPrefix(rest, []byte(`\u`)) {
			return "half of a surrogate pair"
		}
		if low := hexUnit(rest[2:]); low < 0xDC00 || low > 0xDFFF {
			return "half of a surrogate pair"
		}
		i += 6
	}
	return ""
}

// hexUnit reads the four digits of an escape in valid JSON.
func hexUnit(digits []byte) uint64 {
	n, _ := strconv.ParseUint(string(digits[:4]), 16, 16)
	return n
}

// jsonFormat leaves bodies to their payloads, and text as it is: no escaping for HTML.
func jsonFormat() huma.Format {
	return huma.Format{
		Marshal: huma.DefaultJSONFormat.Marshal,
		Unmarshal: func(raw []byte, v any) error {
			v.(interface{ take([]byte) }).take(raw)
			return nil
		},
	}
}
