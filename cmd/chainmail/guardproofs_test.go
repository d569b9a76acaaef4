package main

import (
	"testing"

	"chainmail/domain"
)

// keepBack makes a log in which the guard blocks two messages, the first before there is a conversation, and an admin lets
// the second pass: always the same bytes.
func keepBack(t testing.TB) *provenLog {
	t.Helper()
	l := &provenLog{t: t}
	alice, bob, root, conversation := testID(0xaa, 1), testID(0xbb, 2), testID(0xaa, 3), testID(0xcc, 3)
	policy := domain.BodyHash([]byte("strict"))
	block := func(n byte, conversation *domain.ID) *domain.MessageBlocked {
		return &domain.MessageBlocked{
			MessageID: testID(0xdd, n), ConversationID: conversation, SenderID: alice, ReceiverID: &bob, RiskScore: 0.93, PolicyHash: policy,
			Reasons: []domain.RiskReason{{Rule: "seed_phrase", Weight: 0.9}, {Rule: "haste", Weight: 0.3}},
			Content: greeting, Salt: saltOfGreeting, ContentHash: domain.ContentHash(saltOfGreeting, greeting),
		}
	}
	byAlice, byRoot := domain.Actor{ID: alice, Auth: domain.AuthToken}, domain.Actor{ID: root, Auth: domain.AuthToken}
	l.say(domain.GuardStream(alice), byAlice, block(1, nil))
	l.say(domain.GuardStream(alice), byAlice, block(2, &conversation))
	l.say(domain.GuardStream(alice), byRoot, &domain.MessageReleased{
		MessageID: testID(0xdd, 2), BlockedPosition: 2, SenderID: alice, ReleasedID: testID(0xdd, 3), ConversationID: conversation, ReleasedBy: root,
	})
	l.say(domain.ConversationStream(conversation), byRoot, &domain.MessageSent{
		MessageID: testID(0xdd, 3), ConversationID: conversation, SenderID: alice, ReceiverID: &bob, RiskScore: 0.93, PolicyHash: &policy,
		Content: greeting, Salt: saltOfGreeting, ContentHash: domain.ContentHash(saltOfGreeting, greeting),
	})
	return l
}
