package frame_test

import (
	"strings"
	"testing"

	"chainmail/transport/frame"
)

func TestSlips(t *testing.T) {
	t.Parallel()
	const (
		toConversation = `{"type":"chat_message","conversation_id":A,"content":"hi",`
		toNobody       = `{"type":"chat_message","content":"hi",`
		wordless       = `{"type":"chat_message","conversation_id":A,`
	)
	for _, tc := range []struct{ in, field, hint string }{
		// What would go unnoticed: the frame is good without it.
		{toConversation + `"clientMessageId":"c"}`, "clientMessageId", "client_message_id"},
		{toConversation + `"ClientMessageID":"c"}`, "ClientMessageID", "client_message_id"},
		{toConversation + `"client-message-id":"c"}`, "client-message-id", "client_message_id"},
		{toConversation + `"clientmessage_id":"c"}`, "clientmessage_id", "client_message_id"},
		{toConversation + `"client_msg_id":"c"}`, "client_msg_id", "client_message_id"},
		{toConversation + `"message_id":"c"}`, "message_id", "client_message_id"},
		{toConversation + `"messageId":"c"}`, "messageId", "client_message_id"},
		{toConversation + `"tempId":"c"}`, "tempId", "client_message_id"},
		{toConversation + `"nonce":"c"}`, "nonce", "client_message_id"},
		{toConversation + `"idempotency_key":"c"}`, "idempotency_key", "client_message_id"},
		{toConversation + `"Ref":"c"}`, "Ref", "ref"},
		{toConversation + `"receiverId":B}`, "receiverId", "receiver_id"},
		{toConversation + `"to":B}`, "to", "receiver_id"},
		{`{"type":"chat_message","receiver_id":B,"content":"hi","roomId":A}`, "roomId", "conversation_id"},
		{`{"type":"typing","conversation_id":A,"isTyping":false}`, "isTyping", "is_typing"},
		{`{"type":"typing","conversation_id":A,"typing":false}`, "typing", "is_typing"},
		{`{"type":"typing","conversation_id":A,"status":"stopped"}`, "status", "is_typing"},
		{`{"type":"sync","since":1,"logId":A}`, "logId", "log_id"},
		{`{"type":"ping","REF":1}`, "REF", "ref"},

		// What would be missing: the slip says more.
		{toNobody + `"conversationId":A}`, "conversationId", "conversation_id"},
		{toNobody + `"conversation":A}`, "conversation", "conversation_id"},
		{toNobody + `"room_id":A}`, "room_id", "conversation_id"},
		{toNobody + `"chat_id":A}`, "chat_id", "conversation_id"},
		{toNobody + `"thread":A}`, "thread", "conversation_id"},
		{toNobody + `"channel":A}`, "channel", "conversation_id"},
		{toNobody + `"receiverId":B}`, "receiverId", "receiver_id"},
		{toNobody + `"recipient_id":B}`, "recipient_id", "receiver_id"},
		{toNobody + `"user_id":B}`, "user_id", "receiver_id"},
		{toNobody + `"conversation_id":null,"conversationId":A}`, "conversationId", "conversation_id"},
		{wordless + `"text":"hi"}`, "text", "content"},
		{wordless + `"message":"hi"}`, "message", "content"},
		{wordless + `"body":"hi"}`, "body", "content"},
		{wordless + `"Content":"hi"}`, "Content", "content"},
		{wordless + `"c\u006fntent ":"hi"}`, "content ", "content"},
		{`{"type":"delivered","messageId":A}`, "messageId", "message_id"},
		{`{"type":"delivered","id":A}`, "id", "message_id"},
		{`{"type":"delivered","message_ids":[A]}`, "message_ids", "message_id"},
		{`{"type":"message_received","messageId":A}`, "messageId", "message_id"},
		{`{"type":"read","messageIds":[A]}`, "messageIds", "message_ids"},
		{`{"type":"read","message_id":A}`, "message_id", "message_ids"},
		{`{"type":"read","ids":[A]}`, "ids", "message_ids"},
		{`{"type":"read_receipt","messageId":A}`, "messageId", "message_id"},
		{`{"type":"subscribe","topic":"task:x"}`, "topic", "channel"},
		{`{"type":"subscribe","task_id":A}`, "task_id", "channel"},
		{`{"type":"sync","position":5}`, "position", "since"},
		{`{"type":"authenticate","jwt":"x"}`, "jwt", "token"},
		{`{"type":"authenticate","accessToken":"x"}`, "accessToken", "token"},

		// The first of two.
		{`{"type":"chat_message","roomId":A,"text":"hi"}`, "roomId", "conversation_id"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			t.Parallel()
			_, err := frame.Parse([]byte(expand(tc.in)))
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Code != frame.UnknownField || err.Field != tc.field || err.Hint != tc.hint {
				t.Errorf("got %s %q, hint %q; want unknown_field %q, hint %q", err.Code, err.Field, err.Hint, tc.field, tc.hint)
			}
			if !strings.Contains(err.Message, tc.hint) {
				t.Errorf("message %q does not say what was meant", err.Message)
			}
		})
	}
}

func TestUnknownTypes(t *testing.T) {
	t.Parallel()
	const all = "chat_message, delivered, read, read_receipt, typing, ping, subscribe, unsubscribe, sync, authenticate"
	for _, tc := range []struct{ sent, hint string }{
		{"chatMessage", "chat_message"},
		{"ChatMessage", "chat_message"},
		{"chat-message", "chat_message"},
		{"CHAT_MESSAGE", "chat_message"},
		{"chat_mesage", "chat_message"},
		{"message", "chat_message"},
		{"sendMessage", "chat_message"},
		{"send_message", "chat_message"},
		{"Ping", "ping"},
		{"pong", "ping"},
		{"heart_beat", "heartbeat"},
		{"readReceipt", "read_receipt"},
		{"messageReceived", "message_received"},
		{"seen", "read"},
		{"mark_read", "read"},
		{"ack", "delivered"},
		{"typing_start", "typing"},
		{"subscribed", "subscribe"},
		{"un-subscribe", "unsubscribe"},
		{"auth", "authenticate"},
		{"resume", "sync"},
		{"nonsense", all},
		{"sun", all},
		{"x", all},
		{"", all},
		{strings.Repeat("chat_message", 9), all},
	} {
		_, err := frame.Parse([]byte(`{"type":"` + tc.sent + `"}`))
		if err == nil {
			t.Errorf("%s: accepted", tc.sent)
			continue
		}
		if err.Code != frame.UnknownType || err.Field != "type" || err.Hint != tc.hint {
			t.Errorf("%s: got %s %q, hint %q; want hint %q", tc.sent, err.Code, err.Field, err.Hint, tc.hint)
		}
	}
}
