package domain_test

import (
	"strings"
	"testing"

	"chainmail/domain"
)

// hot are the events of every message: what is encoded for each append and decoded for each read.
func hot() map[string]domain.Data {
	message, conversation, sender, receiver := domain.ID{0: 1, 15: 1}, domain.ID{0: 1, 15: 2}, domain.ID{0: 1, 15: 3}, domain.ID{0: 1, 15: 4}
	client := "0198f1a2-77aa-7000-8000-000000000001"
	content := strings.Repeat("Words as people write them. ", 5)
	return map[string]domain.Data{
		"MessageSent": &domain.MessageSent{
			MessageID: message, ConversationID: conversation, SenderID: sender, ReceiverID: &receiver,
			ClientMessageID: &client, ContentHash: domain.ContentHash(domain.Salt{}, content), Content: content,
		},
		"MessageDelivered": &domain.MessageDelivered{
			MessageID: message, ConversationID: conversation, SenderID: sender, UserID: receiver,
		},
		"MessageRead": &domain.MessageRead{
			MessageID: message, ConversationID: conversation, SenderID: sender, UserID: receiver,
		},
		"MessageJudged": &domain.MessageJudged{ // of those that the guard has something to say of
			MessageID: message, SenderID: sender, RiskScore: 0.42, PolicyHash: hashOf(strict),
			Reasons: []domain.RiskReason{because("disguised_text", 0.35), because("urgency", 0.1)},
		},
	}
}

func BenchmarkEncode(b *testing.B) {
	actor := domain.Actor{ID: domain.ID{15: 3}, SessionID: domain.ID{15: 9}, Auth: domain.AuthToken}
	for name, data := range hot() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := domain.Encode(data, actor); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, data := range hot() {
		b.Run(name, func(b *testing.B) {
			encoded, err := domain.Encode(data, domain.Actor{Auth: domain.AuthSystem})
			if err != nil {
				b.Fatal(err)
			}
			e := domain.Event{
				Position: 1, Type: encoded.Type,
				Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := domain.Decode(e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
