package frame

import "unicode/utf8"

// Parse reads one client frame. It returns ErrNotUTF8 for data that is no UTF-8; every other error
// is to be sent, and carries the request's ref and client_message_id where it had usable ones.
// The data is not kept. Any number of goroutines may call Parse. The result is compared with nil as
// it is: put into a variable of type error it would not equal nil.
func Parse(data []byte) (Frame, *Error) {
	if !utf8.Valid(data) {
		return Frame{}, ErrNotUTF8
	}
	var r request
	if err := r.scan(data); err != nil {
		return Frame{}, err
	}
	f, err := r.frame()
	if err != nil {
		err.Ref = r.ref()
		err.ClientMessageID = r.clientMessageID()
		return Frame{}, err
	}
	return f, nil
}

func (r *request) frame() (Frame, *Error) {
	if err := r.checkStrings(); err != nil {
		return Frame{}, err
	}
	s, err := r.shape()
	if err != nil {
		return Frame{}, err
	}
	if err := r.checkSlips(s); err != nil {
		return Frame{}, err
	}
	if err := r.checkRepeats(s); err != nil {
		return Frame{}, err
	}
	f := Frame{Type: s.frame, Ref: r.ref()}
	if f.Ref == "" && r.has(fieldRef) {
		return Frame{}, invalidField(fieldRef, "is too long: shorten it to 256 bytes of JSON")
	}
	if err := s.read(r, &f); err != nil {
		return Frame{}, err
	}
	return f, nil
}

// shape finds out what kind of frame it is.
func (r *request) shape() (*shape, *Error) {
	v := r.fields[fieldType]
	switch {
	case v.kind == absent:
		return r.shapeWithoutType()
	case v.kind != text:
		return nil, invalidField(fieldType, "must be a string")
	}
	name := v.bytes()
	if s, ok := shapes[string(name)]; ok {
		return s, nil
	}
	return nil, unknownType(string(name))
}

// shapeWithoutType takes a frame with a conversation and a content for a chat message. One of the
// two may be misspelled: the slip is then what is reported.
func (r *request) shapeWithoutType() (*shape, *Error) {
	chat := shapes[string(ChatMessage)]
	for i := range r.others {
		if meant, ok := r.meant(chat, &r.others[i]); ok && meant == fieldType {
			return nil, slipped(r.others[i].name.text(), fieldType)
		}
	}
	conversation, content := r.has(fieldConversationID), r.has(fieldContent)
	if conversation && (content || r.misspells(chat, fieldContent)) ||
		content && r.misspells(chat, fieldConversationID) {
		return chat, nil
	}
	return nil, missingField(fieldType, typeList)
}

// checkRepeats refuses a field given twice: which of the two counts would be a guess.
func (r *request) checkRepeats(s *shape) *Error {
	if r.repeated == 0 {
		return nil
	}
	for f := range fieldCount {
		if r.repeated.has(f) && s.knows(f) {
			return invalidField(f, "is given more than once")
		}
	}
	return nil
}
