package audit

import (
	"bytes"
	"encoding/json"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// AppendJSON adds an event as a line of JSON with its newline: every column of its row, in order. Payload,
// metadata and body are the objects themselves; what is no JSON is given as a string.
func AppendJSON(dst []byte, e *domain.Event) []byte {
	return append(appendEvent(dst, e, appendObject), '\n')
}

// appendObject adds JSON text as it is, on one line.
func appendObject(dst, text []byte) []byte {
	if !json.Valid(text) {
		return wire.AppendString(dst, string(text))
	}
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return append(dst, text...)
	}
	line := bytes.NewBuffer(dst)
	if err := json.Compact(line, text); err != nil {
		panic(err) // it is valid
	}
	return line.Bytes()
}
