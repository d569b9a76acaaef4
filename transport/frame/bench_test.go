package frame_test

import (
	"strings"
	"testing"
	"time"

	"chainmail/transport/frame"
)

func BenchmarkParse(b *testing.B) {
	for name, in := range map[string]string{
		"chat_message": expand(`{"type":"chat_message","conversation_id":A,"content":"See you at the station at half past six?","client_message_id":"0f8fad5b-d9cb-469f-a165-70867728950e"}`),
		"escaped":      expand(`{"type":"chat_message","conversation_id":A,"content":"See you\n\"at the station\"\nat half past six? \ud83d\ude42","client_message_id":"0f8fad5b-d9cb-469f-a165-70867728"}`),
		"no type":      expand(`{"conversation_id":A,"content":"See you at the station at half past six, or at the usual place, if it rains as it did last time?"}`),
		"long":         expand(`{"type":"chat_message","conversation_id":A,"content":"` + strings.Repeat("ten bytes ", 1000) + `"}`),
		"delivered":    expand(`{"type":"delivered","message_id":A}`),
		"read":         expand(`{"type":"read","message_ids":[A,B]}`),
		"slip":         expand(`{"type":"chat_message","conversation_id":A,"content":"hi","clientMessageId":"c"}`),
	} {
		b.Run(name, func(b *testing.B) {
			data := []byte(in)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = frame.Parse(data)
			}
		})
	}
}

func BenchmarkMessageSent(b *testing.B) {
	m := &frame.MessageSent{MessageID: id(a), ClientMessageID: "c", ConversationID: id(a), Seq: 2, Position: 30, ContentHash: strings.Repeat("0", 64), RiskScore: 0.12, Timestamp: time.Unix(1, 0)}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = m.AppendJSON(buf[:0])
	}
}
