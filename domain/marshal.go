package domain

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// plain is a payload or body that writes itself without reflection, for events that come with
// every message. It writes what reflected would, to the byte, or reports false to leave a rare
// value to it.
type plain interface {
	appendJSON(dst []byte) ([]byte, bool)
	// sizeHint is how long the JSON will be, more or less.
	sizeHint() int
}

// marshal makes the bytes of a payload or body. They are decided for ever: a JSON object with no
// white space, all fields in the order of the struct, and
//   - strings as wire.AppendString writes them: escaped are only the quote, the backslash and the
//     controls below U+0020 (\b \f \n \r \t, else \u00xx in lower case); all else is UTF-8 as it is,
//     U+2028 and '<' included; bytes that are no UTF-8 are U+FFFD;
//   - ids and hashes in lower case, ids in the form of RFC 9562;
//   - numbers as ECMAScript prints them, which encoding/json follows;
//   - null for what may be absent, unless the field is left out by omitempty.
func marshal(v any) ([]byte, error) {
	if p, ok := v.(plain); ok {
		if raw, ok := p.appendJSON(make([]byte, 0, p.sizeHint())); ok {
			return raw, nil
		}
	}
	return reflected(v)
}

// reflected is marshal by encoding/json, for all types.
func reflected(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return literal(bytes.TrimSuffix(buf.Bytes(), []byte("\n"))), nil
}

// literal replaces the escapes that encoding/json makes and wire.AppendString doesn't. It works
// in place, since no escape is shorter than its character.
func literal(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u`)) {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			out = append(out, text[i])
			i++
			continue
		}
		if r, ok := needless(text[i:]); ok {
			out = utf8.AppendRune(out, r)
			i += 6
			continue
		}
		out = append(out, text[i], text[i+1]) // the escaped character may be a backslash
		i += 2
	}
	return out
}

func needless(escape []byte) (rune, bool) {
	switch {
	case bytes.HasPrefix(escape, []byte(`\u2028`)):
		return '\u2028', true
	case bytes.HasPrefix(escape, []byte(`\u2029`)):
		return '\u2029', true
	case bytes.HasPrefix(escape, []byte(`\ufffd`)):
		return utf8.RuneError, true
	}
	return 0, false
}
