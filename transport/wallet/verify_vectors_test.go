package wallet_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chainmail/transport/wallet"
)

// ours are the vectors that end otherwise here, each with its reason.
var ours = map[string]struct {
	kind   error
	reason string
}{
	"positive/expired message": {
		kind:   wallet.ErrIssuedInFuture,
		reason: "it is checked at a time two years before it was issued; the reference implementation never looks at issued-at",
	},
}

// login does with a vector what a login does, at the vector's time.
func login(o object) error {
	m, err := wallet.Verify(o.text(), o.Signature)
	if err != nil {
		return err
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if o.Time != "" {
		if now, err = time.Parse(time.RFC3339, o.Time); err != nil {
			return err
		}
	}
	want := wallet.Expected{
		Domain: o.Domain, Origin: o.URI, ChainIDs: []uint64{1}, Nonce: o.Nonce,
		MaxAge: 250 * 365 * 24 * time.Hour, // the reference implementation has no limit
	}
	if o.DomainBinding != "" {
		want.Domain = o.DomainBinding
	}
	if o.MatchNonce != "" {
		want.Nonce = o.MatchNonce
	}
	return wallet.Check(m, want, now)
}

func TestVerificationPositive(t *testing.T) {
	t.Parallel()
	for name, o := range vectors[object](t, "verification_positive.json") {
		// Whatever the times say, the signature is good.
		if _, err := wallet.Verify(o.text(), o.Signature); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := login(o); !errors.Is(err, ours["positive/"+name].kind) {
			t.Errorf("%s: got %v, want %v", name, err, ours["positive/"+name].kind)
		}
	}
}

func TestVerificationNegative(t *testing.T) {
	t.Parallel()
	kinds := map[string]error{
		"expired message":        wallet.ErrExpired,
		"domain binding":         wallet.ErrDomain,
		"custom time":            wallet.ErrExpired,
		"custom nonce":           wallet.ErrNonce,
		"malformed signature":    wallet.ErrSignature,
		"wrong signature":        wallet.ErrSigner,
		"not yet valid":          wallet.ErrNotYetValid,
		"invalid issuedAt":       wallet.ErrMalformed, // 31 February
		"invalid notBefore":      wallet.ErrMalformed,
		"invalid expirationTime": wallet.ErrMalformed,
	}
	set := vectors[object](t, "verification_negative.json")
	if len(set) != len(kinds) {
		t.Fatalf("%d vectors, %d known", len(set), len(kinds))
	}
	for name, o := range set {
		if err := login(o); kinds[name] == nil || !errors.Is(err, kinds[name]) {
			t.Errorf("%s: got %v, want %v", name, err, kinds[name])
		}
	}
}

// TestContractAccounts: these signatures are good on their chain, which can't be asked here.
func TestContractAccounts(t *testing.T) {
	t.Parallel()
	type vector struct{ Message, Signature string }
	kinds := map[string]error{
		"argent": wallet.ErrSigner, "loopring": wallet.ErrSignature, "6492": wallet.ErrSignature,
	}
	for name, v := range vectors[vector](t, "eip1271.json") {
		if _, err := wallet.Parse(v.Message); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := wallet.Verify(v.Message, v.Signature); kinds[name] == nil || !errors.Is(err, kinds[name]) {
			t.Errorf("%s: got %v, want %v", name, err, kinds[name])
		}
	}
}

// TestDifferencesAreExplained keeps the table honest: each entry is a vector and has a reason.
func TestDifferencesAreExplained(t *testing.T) {
	t.Parallel()
	positive := vectors[object](t, "verification_positive.json")
	for name, d := range ours {
		short, _ := strings.CutPrefix(name, "positive/")
		if _, ok := positive[short]; !ok || d.reason == "" || d.kind == nil {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
