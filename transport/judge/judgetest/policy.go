package judgetest

import (
	"testing"

	"chainmail/guard"
	"chainmail/transport/judge"
)

// Policy blocks what has [Scam] in it, is uncertain about [Doubtful], and lets the user [Excepted] write anything. The rule
// small_doubt alone is far from uncertain.
const Policy = `version: 1
thresholds: {block: 0.8, uncertain: 0.4}
weights: {rules: 1, classifier: 0, classifier_from: 1, model: 0.9}
classifier: {message: It resembles messages that were reported as harmful.}
exceptions:
  users: [` + Excepted + `]
rules:
  - name: wallet_drain
    message: It drains a wallet.
    weight: 0.9
    any: ['\bdrain the wallet\b']
  - name: doubtful_offer
    message: Its offer is doubtful.
    weight: 0.5
    any: ['\bdoubtful offer\b']
  - name: small_doubt
    message: It is a little strange.
    weight: 0.1
    any: ['\bstrange\b']
`

// What Policy is made for.
const (
	Scam     = "drain the wallet" // score 0.9, rule wallet_drain
	Doubtful = "doubtful offer"   // score 0.5, rule doubtful_offer
	Excepted = "0190b5d2-7c00-7e00-8000-0000000000ee"
)

// Guard returns a guard of Policy, without a classifier.
func Guard(t testing.TB) *guard.Guard {
	t.Helper()
	policy, err := guard.ParsePolicy([]byte(Policy))
	if err != nil {
		t.Fatal(err)
	}
	g, err := guard.New(policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Judge returns a judge by Policy, without a language model.
func Judge(t testing.TB) *judge.Judge {
	g := Guard(t)
	return &judge.Judge{Guard: func() *guard.Guard { return g }}
}
