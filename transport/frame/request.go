package frame

import (
	"strconv"
	"strings"

	"chainmail/domain"
)

// maxRef bounds ref, in bytes of JSON, since the server keeps it until it answers.
const maxRef = 256

// member is one field of a frame, its name still as it was sent.
type member struct {
	name, value value
}

// request is a frame's fields before they are understood. It refers to the data.
type request struct {
	fields   [fieldCount]value
	others   []member // fields of other names, in the order sent
	repeated fieldSet
	faulty   string // name of the first field with a fault
	fault    fault
}

// scan sorts the data's fields. The only error is InvalidJSON.
func (r *request) scan(data []byte) *Error {
	s := scanner{data: data}
	if s.next() != '{' {
		return &Error{Code: InvalidJSON, Message: `a frame is a JSON object, such as {"type":"ping"}`}
	}
	_, ok := s.object(0, func(name, val value) { r.add(name, val) })
	if ok && s.next() == 0 && s.pos == len(data) {
		return nil
	}
	if s.deep {
		return &Error{Code: InvalidJSON, Message: "the frame is nested more than " + strconv.Itoa(maxDepth) + " deep"}
	}
	return &Error{Code: InvalidJSON, Message: "the frame is not valid JSON at byte " + strconv.Itoa(s.pos)}
}

func (r *request) add(name, val value) {
	if f := name.fault.or(val.fault); f != none && r.fault == none {
		r.fault, r.faulty = f, name.text()
	}
	f, ok := lookUp(name.bytes())
	if !ok {
		r.others = append(r.others, member{name, val})
		return
	}
	if r.fields[f].kind != absent {
		r.repeated |= setOf(f)
	}
	r.fields[f] = val
}

// has reports whether the field is there and not null.
func (r *request) has(f field) bool { return r.fields[f].given() }

// text reads a field that must be a string; empty where it is absent.
func (r *request) text(f field) (string, *Error) {
	switch v := r.fields[f]; {
	case !v.given():
		return "", nil
	case v.kind != text:
		return "", invalidField(f, "must be a string")
	default:
		return v.text(), nil
	}
}

// id reads a field that must be a UUID; the zero ID where it is absent.
func (r *request) id(f field) (domain.ID, *Error) {
	if !r.has(f) {
		return domain.ID{}, nil
	}
	return parseID(f, r.fields[f])
}

func parseID(f field, v value) (domain.ID, *Error) {
	if v.kind != text {
		return domain.ID{}, invalidField(f, "must be a UUID in a string")
	}
	id, err := domain.ParseID(v.text())
	if err != nil {
		return domain.ID{}, invalidField(f, "must be a UUID such as 01234567-89ab-7cde-8123-456789abcdef")
	}
	return id, nil
}

// ref is the request's ref if it can be sent back, else empty.
func (r *request) ref() string {
	v := r.fields[fieldRef]
	if !v.given() || v.fault != none || len(v.raw) > maxRef {
		return ""
	}
	return string(v.raw)
}

// clientMessageID is the request's client_message_id if it can be sent back, else empty.
func (r *request) clientMessageID() string {
	v := r.fields[fieldClientMessageID]
	if v.kind != text || v.fault != none {
		return ""
	}
	if id := v.text(); len(id) <= domain.MaxClientMessageID {
		return id
	}
	return ""
}

// checkStrings refuses NUL and lone surrogates, wherever they are.
func (r *request) checkStrings() *Error {
	what := "NUL (\\u0000)"
	switch r.fault {
	case none:
		return nil
	case surrogate:
		what = "half of a surrogate pair"
	}
	name := echo(strings.ReplaceAll(r.faulty, "\x00", "\uFFFD"))
	return &Error{Code: InvalidField, Field: name, Message: "the field has " + what + ": remove it"}
}
