package domain

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// readCanonical reads the payloads that come with every message from exactly the bytes that
// marshal writes. It returns nil for other types and for all other bytes, escapes in strings
// included: encoding/json, which is ten times slower, reads those.
func readCanonical(t Type, payload []byte) Data {
	r := reader{rest: payload}
	var d Data
	switch t {
	case TypeMessageSent:
		d = r.messageSent()
	case TypeMessageDelivered:
		m := new(MessageDelivered)
		m.MessageID, m.ConversationID, m.SenderID, m.UserID = r.receipt()
		d = m
	case TypeMessageRead:
		m := new(MessageRead)
		m.MessageID, m.ConversationID, m.SenderID, m.UserID = r.receipt()
		d = m
	}
	if r.failed || len(r.rest) > 0 {
		return nil
	}
	return d
}

// readCanonicalContent is readCanonical for the body of a message.
func readCanonicalContent(body []byte) (b contentBody, ok bool) {
	r := reader{rest: body}
	r.skip(`{"content":`)
	b.Content = r.text()
	r.skip(`,"salt":"`)
	if n, err := hex.Decode(b.Salt[:], r.take(2*len(b.Salt))); n < len(b.Salt) || err != nil {
		return contentBody{}, false
	}
	r.skip(`"}`)
	return b, !r.failed && len(r.rest) == 0
}

// reader takes one thing after the other from rest. Once something else is there than was asked
// for, it has failed, and what it returns means nothing.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) messageSent() *MessageSent {
	m := new(MessageSent)
	r.skip(`{"message_id":`)
	m.MessageID = r.id()
	r.skip(`,"conversation_id":`)
	m.ConversationID = r.id()
	r.skip(`,"sender_id":`)
	m.SenderID = r.id()
	r.skip(`,"receiver_id":`)
	if !r.null() {
		receiver := r.id()
		m.ReceiverID = &receiver
	}
	r.skip(`,"client_message_id":`)
	m.ClientMessageID = r.textOrNull()
	r.skip(`,"content_hash":`)
	m.ContentHash = r.text()
	r.skip(`,"risk_score":`)
	m.RiskScore = r.number()
	r.skip(`,"policy_hash":`)
	m.PolicyHash = r.textOrNull()
	r.skip(`}`)
	return m
}

func (r *reader) receipt() (message, conversation, sender, user ID) {
	r.skip(`{"message_id":`)
	message = r.id()
	r.skip(`,"conversation_id":`)
	conversation = r.id()
	r.skip(`,"sender_id":`)
	sender = r.id()
	r.skip(`,"user_id":`)
	user = r.id()
	r.skip(`}`)
	return message, conversation, sender, user
}

func (r *reader) take(n int) []byte {
	if r.failed || len(r.rest) < n {
		r.failed = true
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) skip(literal string) {
	if string(r.take(len(literal))) != literal {
		r.failed = true
	}
}

func (r *reader) null() bool {
	rest, found := bytes.CutPrefix(r.rest, []byte("null"))
	r.rest = rest
	return found
}

func (r *reader) id() ID {
	r.skip(`"`)
	id, err := parseID(r.take(36))
	if err != nil {
		r.failed = true
	}
	r.skip(`"`)
	return id
}

// text takes a string without escapes, in valid UTF-8.
func (r *reader) text() string {
	r.skip(`"`)
	text := r.take(max(0, bytes.IndexByte(r.rest, '"')))
	r.skip(`"`)
	for _, c := range text {
		if c < ' ' || c == '\\' {
			r.failed = true
			return ""
		}
	}
	r.failed = r.failed || !utf8.Valid(text)
	return string(text)
}

func (r *reader) textOrNull() *string {
	if r.null() {
		return nil
	}
	text := r.text()
	return &text
}

// number takes what stands before the next comma.
func (r *reader) number() float64 {
	digits := r.take(max(0, bytes.IndexByte(r.rest, ',')))
	if string(digits) == "0" {
		return 0
	}
	n, err := strconv.ParseFloat(string(digits), 64)
	if err != nil || !json.Valid(digits) {
		r.failed = true
	}
	return n
}
