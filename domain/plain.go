package domain

import (
	"encoding/hex"
	"strconv"

	"chainmail/domain/wire"
)

func (m *MessageSent) sizeHint() int { return 480 }

func (m *MessageSent) appendJSON(dst []byte) ([]byte, bool) {
	if !isShare(m.RiskScore) {
		return nil, false
	}
	dst = appendID(dst, `{"message_id":"`, m.MessageID)
	dst = appendID(dst, `","conversation_id":"`, m.ConversationID)
	dst = appendID(dst, `","sender_id":"`, m.SenderID)
	dst = append(dst, `","receiver_id":`...)
	dst = appendIDOrAbsent(dst, m.ReceiverID)
	dst = append(dst, `,"client_message_id":`...)
	dst = appendTextOrNull(dst, m.ClientMessageID)
	dst = append(dst, `,"content_hash":`...)
	dst = wire.AppendString(dst, m.ContentHash)
	dst = append(dst, `,"risk_score":`...)
	dst = strconv.AppendFloat(dst, m.RiskScore, 'f', -1, 64)
	dst = append(dst, `,"policy_hash":`...)
	dst = appendTextOrNull(dst, m.PolicyHash)
	return append(dst, '}'), true
}

func (m *MessageDelivered) sizeHint() int { return receiptSize }

func (m *MessageDelivered) appendJSON(dst []byte) ([]byte, bool) {
	return appendReceipt(dst, m.MessageID, m.ConversationID, m.SenderID, m.UserID), true
}

func (m *MessageRead) sizeHint() int { return receiptSize }

func (m *MessageRead) appendJSON(dst []byte) ([]byte, bool) {
	return appendReceipt(dst, m.MessageID, m.ConversationID, m.SenderID, m.UserID), true
}

const receiptSize = len(`{"message_id":"","conversation_id":"","sender_id":"","user_id":""}`) + 4*36

func appendReceipt(dst []byte, message, conversation, sender, user ID) []byte {
	dst = appendID(dst, `{"message_id":"`, message)
	dst = appendID(dst, `","conversation_id":"`, conversation)
	dst = appendID(dst, `","sender_id":"`, sender)
	dst = appendID(dst, `","user_id":"`, user)
	return append(dst, `"}`...)
}

func (b contentBody) sizeHint() int {
	return len(`{"content":"","salt":""}`) + len(b.Content) + len(b.Content)/16 + 2*len(b.Salt)
}

func (b contentBody) appendJSON(dst []byte) ([]byte, bool) {
	dst = append(dst, `{"content":`...)
	dst = wire.AppendString(dst, b.Content)
	dst = append(dst, `,"salt":"`...)
	dst = hex.AppendEncode(dst, b.Salt[:])
	return append(dst, `"}`...), true
}

func appendID(dst []byte, before string, id ID) []byte {
	return id.Append(append(dst, before...))
}

func appendIDOrAbsent(dst []byte, id *ID) []byte {
	if id == nil {
		return append(dst, "null"...)
	}
	return append(appendID(dst, `"`, *id), '"')
}

func appendTextOrNull(dst []byte, text *string) []byte {
	if text == nil {
		return append(dst, "null"...)
	}
	return wire.AppendString(dst, *text)
}
