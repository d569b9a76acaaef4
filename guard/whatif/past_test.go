package whatif_test

import (
	"encoding/binary"
	"testing"

	"chainmail/domain"
	"chainmail/guard"
)

// policy blocks what has carrots in it, and is uncertain of cabbages. It has no classifier's word.
const policy = `
version: 1
thresholds: {block: 0.8, uncertain: 0.4}
weights: {model: 0.9}
exceptions:
  users: [00000000-0000-7000-8000-0000000000ee]
rules:
  - {name: carrots, message: It advertises carrots., weight: 0.9, any: ['\bcarrots\b']}
  - {name: cabbages, message: It advertises cabbages., weight: 0.5, any: ['\bcabbages\b']}
`

var (
	sender   = id(0xaa)
	admin    = id(0xad)
	excepted = id(0xee)
)

// id returns an id that ends in these bytes.
func id(n uint64) domain.ID {
	b := domain.ID{6: 0x70, 8: 0x80}
	binary.BigEndian.PutUint32(b[12:], uint32(n))
	return b
}

func newGuard(t testing.TB, text string) *guard.Guard {
	t.Helper()
	p, err := guard.ParsePolicy([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// history is a log made by hand.
type history struct {
	t      testing.TB
	events []domain.Event
}

func (h *history) add(actor domain.ID, data domain.Data) {
	h.t.Helper()
	e, err := domain.Encode(data, domain.Actor{ID: actor, Auth: domain.AuthToken})
	if err != nil {
		h.t.Fatal(err)
	}
	h.events = append(h.events, domain.Event{
		Position: domain.Position(len(h.events) + 1), Type: e.Type, Payload: e.Payload, Metadata: e.Metadata, Body: e.Body,
	})
}

// next is the id of the next event's message.
func (h *history) next() domain.ID { return id(uint64(len(h.events) + 1)) }

func (h *history) sent(from domain.ID, content string, score float64) {
	h.t.Helper()
	hash := "0000000000000000000000000000000000000000000000000000000000000000"
	h.add(from, &domain.MessageSent{
		MessageID: h.next(), ConversationID: id(0xcc), SenderID: from, RiskScore: score, PolicyHash: &hash,
		Content: content, ContentHash: domain.ContentHash(domain.Salt{}, content),
	})
}

// judged is a message with its verdict, which stands before it.
func (h *history) judged(content string, score float64, model *domain.ModelOpinion) {
	h.t.Helper()
	h.judgedOnly(id(uint64(len(h.events)+2)), model)
	h.sent(sender, content, score)
}

func (h *history) judgedOnly(message domain.ID, model *domain.ModelOpinion) {
	h.t.Helper()
	h.add(sender, &domain.MessageJudged{
		MessageID: message, SenderID: sender, Reasons: []domain.RiskReason{}, Model: model,
		PolicyHash: "0000000000000000000000000000000000000000000000000000000000000000",
	})
}

// released is a message that was blocked before, and that its sender, an admin, lets pass himself.
func (h *history) released(content string, opens bool) {
	h.t.Helper()
	n := uint64(len(h.events) + 2)
	if opens {
		n++
	}
	h.add(sender, &domain.MessageReleased{
		MessageID: id(0x97), BlockedPosition: 1, SenderID: sender, ReleasedID: id(n), ConversationID: id(0xcc), ReleasedBy: sender,
	})
	if opens {
		h.add(sender, &domain.ConversationStarted{ConversationID: id(0xcc), StarterID: sender, Direct: true, ParticipantIDs: []domain.ID{sender, admin}})
	}
	h.sent(sender, content, 0.9)
}

func (h *history) blocked(content string, score float64, model *domain.ModelOpinion, reasons ...domain.RiskReason) {
	h.t.Helper()
	if reasons == nil {
		reasons = []domain.RiskReason{}
	}
	conversation := id(0xcc)
	h.add(sender, &domain.MessageBlocked{
		MessageID: h.next(), ConversationID: &conversation, SenderID: sender, RiskScore: score, Reasons: reasons, Model: model,
		PolicyHash: "0000000000000000000000000000000000000000000000000000000000000000",
		Content:    content, ContentHash: domain.ContentHash(domain.Salt{}, content),
	})
}

// erase takes the last event's body.
func (h *history) erase() { h.events[len(h.events)-1].Body = nil }

// said is a language model's answer.
func said(score float64) *domain.ModelOpinion {
	label := "spam"
	return &domain.ModelOpinion{Model: "m", Label: &label, Score: &score}
}

// silent is a language model without an answer.
func silent() *domain.ModelOpinion {
	failure := "timeout"
	return &domain.ModelOpinion{Model: "m", Failure: &failure}
}
