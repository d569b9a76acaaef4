package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// ErrRateLimited says that the server limits messages, so that it is the limit which would be measured.
var ErrRateLimited = errors.New("the server limits the rate of messages: start it with --rate-limit 0")

// chatMessage appends the frame of a message.
func chatMessage(dst []byte, to address, clientMessageID, content string) []byte {
	dst = append(dst, `{"type":"chat_message","`...)
	dst = append(dst, to.field...)
	dst = append(dst, `":"`...)
	dst = append(dst, to.id...)
	dst = append(dst, `","client_message_id":"`...)
	dst = append(dst, clientMessageID...)
	dst = append(dst, `","content":"`...)
	dst = append(dst, content...)
	return append(dst, `"}`...)
}

// address is where a message goes: a field of chat_message and its value.
type address struct{ field, id string }

// delivered appends the frame that acknowledges the receipt of a message.
func delivered(dst, message []byte) []byte {
	dst = append(dst, `{"type":"delivered","message_id":"`...)
	dst = append(dst, message...)
	return append(dst, `"}`...)
}

// read appends the frame that says a message was read.
func read(dst, message []byte) []byte {
	dst = append(dst, `{"type":"read","message_ids":["`...)
	dst = append(dst, message...)
	return append(dst, `"]}`...)
}

// frameType returns the value of type. The server writes it first; other places cost more time.
func frameType(frame []byte) string {
	const prefix = `{"type":"`
	if bytes.HasPrefix(frame, []byte(prefix)) {
		rest := frame[len(prefix):]
		if end := bytes.IndexByte(rest, '"'); end >= 0 {
			return known(rest[:end])
		}
	}
	var f struct{ Type string }
	if json.Unmarshal(frame, &f) != nil {
		return ""
	}
	return f.Type
}

// known spares an allocation for the frequent types.
func known(name []byte) string {
	switch string(name) {
	case "message_sent":
		return "message_sent"
	case "chat_message":
		return "chat_message"
	case "message_status":
		return "message_status"
	}
	return string(name)
}

// The beginnings of fields that text looks for. A quote inside a string is escaped, so that no value can look
// like one of them.
const (
	messageIDField = `"message_id":"`
	contentField   = `"content":"`
)

// text returns the value of a field that is a string without escapes, nil if there is none.
func text(frame []byte, field string) []byte {
	_, rest, found := bytes.Cut(frame, []byte(field))
	if !found {
		return nil
	}
	value, _, found := bytes.Cut(rest, []byte{'"'})
	if !found {
		return nil
	}
	return value
}

// refusal is the error that an error or warning frame stands for.
func refusal(frame []byte) error {
	var f struct {
		Type, Code, Message, Field string
		RiskScore                  float64 `json:"risk_score"`
		Reasons                    []string
	}
	if err := json.Unmarshal(frame, &f); err != nil {
		return fmt.Errorf("frame %.200q: %w", frame, err)
	}
	if f.Code == "rate_limited" {
		return ErrRateLimited
	}
	if f.Type == "warning" {
		return fmt.Errorf("the server blocked a message: %s (risk %s, %q)",
			f.Message, strconv.FormatFloat(f.RiskScore, 'f', 2, 64), f.Reasons)
	}
	return fmt.Errorf("the server refused a frame: %s: %s", f.Code, f.Message)
}
