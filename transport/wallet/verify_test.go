package wallet_test

import (
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"testing"

	"chainmail/transport/wallet"
	"chainmail/transport/wallet/wallettest"
)

// order is n, the order of secp256k1's group (SEC 2 §2.4.1).
const order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"

// TestHash has known answers of EIP-191, version 0x45: the examples of ethers.js and web3.js.
func TestHash(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Hello World": "a1de988600a42c4b4ab089b619297c17d53cffae5d5120d82d8a92d0bb3b78f2",
		"hello world": "d9eba16ed0ecae432b71fe008c98cc872bb4cc214d3220a36f365326cf807d68",
		"Some data":   "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655",
		"":            "5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad",
	} {
		hash := wallet.Hash(text)
		if got := hex.EncodeToString(hash[:]); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestSign is web3.js's example of a whole signature, so that the tests' wallet is a real one.
func TestSign(t *testing.T) {
	t.Parallel()
	w := wallettest.FromKey(t, "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
	if got, want := w.Address().String(), "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23"; got != want {
		t.Errorf("address %s, want %s", got, want)
	}
	const want = "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd" +
		"6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c"
	if got := w.Sign("Some data"); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

// signed is a text and its signature by somebody.
func signed(name string) (text, signature string) {
	w := wallettest.Of(name)
	m := answer()
	m.Address = w.Address()
	return m.Text(), w.Sign(m.Text())
}

func TestVerify(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"alice", "bob", "carol", "dave", "erin", "frank"} {
		text, signature := signed(name)
		m, err := wallet.Verify(text, signature)
		if err != nil || m.Text() != text || m.Address != wallettest.Of(name).Address() {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := wallet.Verify(text, "0x"+strings.ToUpper(signature[2:])); err != nil {
			t.Errorf("%s in upper case: %v", name, err)
		}
		v := map[string]string{"1b": "00", "1c": "01"}[signature[130:]]
		if _, err := wallet.Verify(text, signature[:130]+v); err != nil {
			t.Errorf("%s with v from 0: %v", name, err)
		}
	}
}

// TestSignatureForms: r and s are 64 digits each behind 0x, then come two of v.
func TestSignatureForms(t *testing.T) {
	t.Parallel()
	text, good := signed("alice")
	r, s, v := good[2:66], good[66:130], good[130:]
	zero, wrong := strings.Repeat("0", 64), map[string]string{"1b": "1c", "1c": "1b"}
	tests := []struct {
		name, signature string
		want            error
	}{
		{"empty", "", wallet.ErrSignature},
		{"no prefix", good[2:], wallet.ErrSignature},
		{"upper prefix", "0X" + good[2:], wallet.ErrSignature},
		{"a digit short", good[:131], wallet.ErrSignature},
		{"a byte short", good[:130], wallet.ErrSignature},
		{"a byte long", good + "00", wallet.ErrSignature},
		{"no hex", good[:131] + "g", wallet.ErrSignature},
		{"the other v", "0x" + r + s + wrong[v], wallet.ErrSigner},
		{"v of 2", "0x" + r + s + "02", wallet.ErrSignature},
		{"v of 26", "0x" + r + s + "1a", wallet.ErrSignature},
		{"v of 29", "0x" + r + s + "1d", wallet.ErrSignature},
		{"v of 31, a compressed key's", "0x" + r + s + "1f", wallet.ErrSignature},
		{"v of EIP-155", "0x" + r + s + "25", wallet.ErrSignature},
		{"s of the upper half", "0x" + r + negated(s) + wrong[v], wallet.ErrSignature},
		{"s of the upper half, same v", "0x" + r + negated(s) + v, wallet.ErrSignature},
		{"r of 0", "0x" + zero + s + v, wallet.ErrSignature},
		{"s of 0", "0x" + r + zero + v, wallet.ErrSignature},
		{"r of the order", "0x" + order + s + v, wallet.ErrSignature},
		{"s of the order", "0x" + r + order + v, wallet.ErrSignature},
		{"s past the order", "0x" + r + strings.Repeat("f", 64) + v, wallet.ErrSignature},
		{"r on no point", "0x" + zero[:63] + "5" + s + v, wallet.ErrSignature},
		{"r and s exchanged", "0x" + s + r + v, nil},
		{"bob's", second(signed("bob")), wallet.ErrSigner},
	}
	for _, tt := range tests {
		m, err := wallet.Verify(text, tt.signature)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		if m.Domain != "" {
			t.Errorf("%s: gave a message", tt.name)
		}
	}
}

// TestOneByte changes each byte of the text and of the signature: none verifies.
func TestOneByte(t *testing.T) {
	t.Parallel()
	text, signature := signed("alice")
	for i := range len(text) {
		for _, bit := range []byte{1, 0x20} {
			changed := []byte(text)
			changed[i] ^= bit
			if _, err := wallet.Verify(string(changed), signature); err == nil {
				t.Errorf("byte %d of the text", i)
			}
		}
	}
	raw, _ := hex.DecodeString(signature[2:])
	for i := range raw {
		raw[i] ^= 1
		if _, err := wallet.Verify(text, "0x"+hex.EncodeToString(raw)); err == nil {
			t.Errorf("byte %d of the signature", i)
		}
		raw[i] ^= 1
	}
}

// negated gives n-s, which signs what s signs.
func negated(s string) string {
	n, _ := new(big.Int).SetString(order, 16)
	x, _ := new(big.Int).SetString(s, 16)
	return hex.EncodeToString(n.Sub(n, x).FillBytes(make([]byte, 32)))
}

func second(_, b string) string { return b }

func BenchmarkVerify(b *testing.B) {
	text, signature := signed("alice")
	for b.Loop() {
		if _, err := wallet.Verify(text, signature); err != nil {
			b.Fatal(err)
		}
	}
}
