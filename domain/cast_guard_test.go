package domain_test

import (
	"crypto/sha256"
	"encoding/hex"

	"chainmail/domain"
)

// strict is the policy by which the guard judges in these tests.
const strict = "version: 1\nthresholds: {block: 0.8}\n"

// later is the id under which a message is sent that was blocked as hello.
var later = id(0x22)

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func policy(text string) *domain.GuardPolicyInstalled {
	return &domain.GuardPolicyInstalled{
		PolicyHash: hashOf(text), Lists: []domain.PolicyList{}, Policy: text, Salt: salt,
	}
}

func installed(text string) []domain.Data { return events(policy(text)) }

// judged is a verdict of the policy strict: block or send, for these reasons.
func judged(blocked bool, score float64, reasons ...domain.RiskReason) domain.Verdict {
	return domain.Verdict{PolicyHash: hashOf(strict), Blocked: blocked, RiskScore: score, Reasons: reasons}
}

func because(rule string, weight float64) domain.RiskReason {
	return domain.RiskReason{Rule: rule, Weight: weight}
}

// asked is the opinion of a language model.
func asked(label string, score float64) *domain.ModelOpinion {
	return &domain.ModelOpinion{Model: "small-1", Label: &label, Score: &score}
}

// keptBack is hello, to all of a group, blocked for one reason.
func keptBack(conversation, by domain.ID) []domain.Data {
	m := keptBackTo(domain.ID{}, by)[0].(*domain.MessageBlocked)
	m.ConversationID, m.ReceiverID = &conversation, nil
	return events(m)
}

// keptBackTo is hello, to one with whom there was no conversation, blocked for one reason.
func keptBackTo(receiver, by domain.ID) []domain.Data {
	return events(&domain.MessageBlocked{
		MessageID: hello, SenderID: by, ReceiverID: &receiver,
		RiskScore: 0.9, PolicyHash: hashOf(strict), Reasons: []domain.RiskReason{because("phrase_request", 0.9)},
		Content: "hello", Salt: salt, ContentHash: domain.ContentHash(salt, "hello"),
	})
}

// keptBackIn is hello, in a direct conversation, blocked for one reason.
func keptBackIn(conversation, receiver, by domain.ID) []domain.Data {
	m := keptBackTo(receiver, by)[0].(*domain.MessageBlocked)
	m.ConversationID = &conversation
	return events(m)
}

// named gives a blocked message the client_message_id c-1.
func named(kept []domain.Data) []domain.Data {
	client := "c-1"
	kept[0].(*domain.MessageBlocked).ClientMessageID = &client
	return kept
}

// erasedKeptBack is the end of the words of hello of alice, which was blocked.
func erasedKeptBack(by domain.ID, at domain.Position, reason domain.Reason) []domain.Data {
	sender := alice
	return events(&domain.ContentErased{MessageID: hello, SenderID: &sender, ErasedPosition: at, ErasedBy: by, Reason: reason})
}

// erasedLater is the end of the words of the same message where it was released.
func erasedLater(conversation, by domain.ID, at domain.Position, reason domain.Reason) []domain.Data {
	return events(&domain.ContentErased{
		MessageID: later, ConversationID: &conversation, ErasedPosition: at, ErasedBy: by, Reason: reason,
	})
}

// released is what lets hello of alice pass into a conversation, and sends it: to all of a group, or to a receiver.
func released(at domain.Position, conversation domain.ID, receiver *domain.ID) []domain.Data {
	return events(releasedAt(at, conversation), sentLater(conversation, receiver))
}

// releasedInto is released with the direct conversation that it opens.
func releasedInto(at domain.Position, conversation, receiver domain.ID) []domain.Data {
	return given(events(releasedAt(at, conversation)), direct(conversation, alice, receiver), events(sentLater(conversation, &receiver)))
}

func releasedAt(at domain.Position, conversation domain.ID) *domain.MessageReleased {
	return &domain.MessageReleased{
		MessageID: hello, BlockedPosition: at, SenderID: alice, ReleasedID: later, ConversationID: conversation, ReleasedBy: root,
	}
}

func sentLater(conversation domain.ID, receiver *domain.ID) *domain.MessageSent {
	m, hash := messageSent(later, conversation, alice), hashOf(strict)
	m.ReceiverID, m.RiskScore, m.PolicyHash = receiver, 0.9, &hash
	return m
}
