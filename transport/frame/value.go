package frame

import (
	"iter"
	"unicode/utf16"
	"unicode/utf8"
)

// kind is what a JSON value is.
type kind uint8

const (
	absent kind = iota
	null
	boolean
	number
	text
	array
	object
)

// fault is what makes a string unusable though it is JSON.
type fault uint8

const (
	none      fault = iota
	nul             // the escape of NUL, which PostgreSQL cannot store
	surrogate       // half of a surrogate pair, which UTF-8 cannot hold (RFC 3629 §3)
)

// or keeps the first of two faults.
func (f fault) or(other fault) fault {
	if f == none {
		return other
	}
	return f
}

// value is one JSON value where it lies in the data.
type value struct {
	raw     []byte // as it was sent; a string with its quotes
	kind    kind
	escaped bool  // the string has an escape
	fault   fault // the first of a string in it, however deep
}

// given reports whether the value is there. null stands for absent.
func (v value) given() bool { return v.kind > null }

// inner is the bytes between a string's quotes.
func (v value) inner() []byte { return v.raw[1 : len(v.raw)-1] }

// bytes is what a string says; of the data itself where nothing is escaped.
func (v value) bytes() []byte {
	if v.escaped {
		return []byte(v.text())
	}
	return v.inner()
}

// text returns what a string says, in memory of its own. Halves of surrogate pairs become U+FFFD.
func (v value) text() string {
	if !v.escaped {
		return string(v.inner())
	}
	in := v.inner()
	out := make([]byte, 0, len(in))
	for len(in) > 0 {
		if in[0] != '\\' {
			out = append(out, in[0])
			in = in[1:]
			continue
		}
		r, size, _ := unescape(in)
		out = utf8.AppendRune(out, r)
		in = in[size:]
	}
	return string(out)
}

// elements yields what is in a list. The value must be one.
func (v value) elements() iter.Seq[value] {
	return func(yield func(value) bool) {
		s := scanner{data: v.raw, pos: 1}
		for s.next() != ']' {
			e, ok := s.value(0)
			if !ok || !yield(e) {
				return
			}
			if s.next() == ',' {
				s.pos++
			}
		}
	}
}

// unescape reads the escape that b begins with (RFC 8259 §7), a surrogate pair as one. The size
// is 0 where it is not JSON.
func unescape(b []byte) (r rune, size int, f fault) {
	if len(b) < 2 {
		return 0, 0, none
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2, none
	case 'b':
		return '\b', 2, none
	case 'f':
		return '\f', 2, none
	case 'n':
		return '\n', 2, none
	case 'r':
		return '\r', 2, none
	case 't':
		return '\t', 2, none
	}
	r, ok := unescapeUnit(b)
	switch {
	case !ok:
		return 0, 0, none
	case r == 0:
		return 0, 6, nul
	case !utf16.IsSurrogate(r):
		return r, 6, none
	}
	if low, ok := unescapeUnit(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12, none
		}
	}
	return utf8.RuneError, 6, surrogate
}

// unescapeUnit reads the six bytes \uXXXX.
func unescapeUnit(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range b[2:6] {
		switch {
		case isDigit(c):
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
