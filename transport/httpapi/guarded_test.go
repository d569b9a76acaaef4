package httpapi_test

import (
	"net/http"
	"testing"

	"chainmail/domain"
	"chainmail/guard"
	"chainmail/transport/command"
	"chainmail/transport/judge"
)

// theft blocks by one word, and finds another one dubious.
const theft = `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
rules:
  - {name: wallet_theft, message: It is after your wallet., weight: 0.95, any: [wallet-thief]}
  - {name: bargain, message: It is too good to be true., weight: 0.25, any: [bargain]}
`

// scam is blocked by theft.
const scam = "<b>ask</b> the wallet-thief & get a bargain"

// guarded lets a guard judge from here on.
func (w *world) guarded() {
	w.t.Helper()
	policy, err := guard.ParsePolicy([]byte(theft))
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := guard.New(policy, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	installed := domain.GuardPolicyInstalled{PolicyHash: policy.Hash(), Policy: theft}
	if err := w.commands.InstallPolicy(w.t.Context(), installed); err != nil {
		w.t.Fatal(err)
	}
	w.commands.UseJudge(&judge.Judge{Guard: func() *guard.Guard { return g }})
}

// blocked sends what the guard blocks and returns the warning.
func (p *person) blocked(conversation, content string, header ...string) reply {
	p.w.t.Helper()
	return p.post("/api/conversations/"+conversation+"/messages", object{"content": content}, header...).
		want(http.StatusUnprocessableEntity).problem(http.StatusUnprocessableEntity, "message_blocked", "content")
}

// blockedTo has the guard block a message to somebody with whom there is no conversation yet.
func (p *person) blockedTo(receiver *person, content string) *command.Blocked {
	p.w.t.Helper()
	done := make(chan error, 1)
	p.w.commands.Send(p.w.t.Context(), command.Send{
		Actor: domain.Actor{ID: p.id, Auth: domain.AuthToken}, ReceiverID: receiver.id, Content: content,
	}, func(domain.ID) {}, func(_ command.Sent, err error) { done <- err })
	err := <-done
	blocked, ok := err.(*command.Blocked)
	if !ok {
		p.w.t.Fatalf("got %v, want it blocked", err)
	}
	return blocked
}

func parseID(t testing.TB, text string) domain.ID {
	t.Helper()
	id, err := domain.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
