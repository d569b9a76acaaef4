package push

import (
	"encoding/hex"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// ChatMessage is a message. Once it is erased it has neither content nor salt.
type ChatMessage struct {
	MessageID       domain.ID       `json:"message_id"`
	ClientMessageID OwnText         `json:"client_message_id,omitzero" type:"string" nullable:"true" doc:"on the sender's connections alone; null where he gave none"`
	ConversationID  domain.ID       `json:"conversation_id"`
	Seq             domain.Seq      `json:"seq" minimum:"2" doc:"its place in the conversation"`
	Position        domain.Position `json:"position" minimum:"1" doc:"its place in the log"`
	SenderID        domain.ID       `json:"sender_id"`
	ReceiverID      *domain.ID      `json:"receiver_id,omitempty" doc:"the other one, in direct conversations alone"`
	Content         *string         `json:"content" doc:"null once it is erased"`
	ContentHash     string          `json:"content_hash" pattern:"^[0-9a-f]{64}$" doc:"lower-case hex SHA-256 over the salt's 16 bytes and the content's UTF-8"`
	Salt            *domain.Salt    `json:"salt" pattern:"^[0-9a-f]{32}$" doc:"32 hex digits; null once it is erased"`
	Timestamp       time.Time       `json:"timestamp" doc:"when it was stored"`
}

// OwnText is a text that only its author gets; the zero value is left out.
type OwnText struct {
	Own  bool
	Text *string // nil for null
}

// MarshalJSON implements json.Marshaler.
func (t OwnText) MarshalJSON() ([]byte, error) { return t.appendJSON(nil), nil }

func (t OwnText) appendJSON(dst []byte) []byte {
	if t.Text == nil {
		return append(dst, `null`...)
	}
	return wire.AppendString(dst, *t.Text)
}

// appendMessage writes a chat_message. The sender's own connections get it with client_message_id.
func appendMessage(dst []byte, e domain.Event, m *domain.MessageSent, own bool) []byte {
	f := ChatMessage{
		MessageID: m.MessageID, ConversationID: m.ConversationID, Seq: domain.Seq(e.Version), Position: e.Position,
		SenderID: m.SenderID, ReceiverID: m.ReceiverID, ContentHash: m.ContentHash, Timestamp: e.RecordedAt,
	}
	if own {
		f.ClientMessageID = OwnText{true, m.ClientMessageID}
	}
	if !m.Erased {
		f.Content, f.Salt = &m.Content, &m.Salt
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *ChatMessage) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"chat_message"`...)
	dst = appendID(dst, "message_id", f.MessageID)
	if f.ClientMessageID.Own {
		dst = f.ClientMessageID.appendJSON(appendName(dst, "client_message_id"))
	}
	dst = appendID(dst, "conversation_id", f.ConversationID)
	dst = appendPlace(dst, f.Seq, f.Position)
	dst = appendID(dst, "sender_id", f.SenderID)
	if f.ReceiverID != nil {
		dst = appendID(dst, "receiver_id", *f.ReceiverID)
	}
	dst = append(dst, `,"content":`...)
	if f.Content == nil {
		dst = append(dst, `null`...)
	} else {
		dst = wire.AppendString(dst, *f.Content)
	}
	dst = append(dst, `,"content_hash":"`...)
	dst = append(dst, f.ContentHash...)
	if f.Salt == nil {
		dst = append(dst, `","salt":null`...)
	} else {
		dst = append(dst, `","salt":"`...)
		dst = hex.AppendEncode(dst, f.Salt[:])
		dst = append(dst, '"')
	}
	return appendEnd(dst, f.Timestamp)
}

// MessageErased says that a message's words are gone.
type MessageErased struct {
	MessageID      domain.ID       `json:"message_id"`
	ConversationID domain.ID       `json:"conversation_id"`
	Seq            domain.Seq      `json:"seq" minimum:"3" doc:"the erasure's place in the conversation"`
	Position       domain.Position `json:"position" minimum:"1" doc:"the erasure's place in the log"`
	Timestamp      time.Time       `json:"timestamp"`
}

// appendErased writes a message_erased.
func appendErased(dst []byte, e domain.Event, d *domain.ContentErased) []byte {
	f := MessageErased{
		MessageID: d.MessageID, ConversationID: *d.ConversationID,
		Seq: domain.Seq(e.Version), Position: e.Position, Timestamp: e.RecordedAt,
	}
	return f.AppendJSON(dst)
}

// AppendJSON appends the frame.
func (f *MessageErased) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"type":"message_erased"`...)
	dst = appendID(dst, "message_id", f.MessageID)
	dst = appendID(dst, "conversation_id", f.ConversationID)
	dst = appendPlace(dst, f.Seq, f.Position)
	return appendEnd(dst, f.Timestamp)
}
