// Package wallettest is a wallet for tests: it signs what a server asks it to sign.
package wallettest

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"chainmail/transport/wallet"
)

// Wallet holds one account's private key.
type Wallet struct{ key *secp256k1.PrivateKey }

// Of gives the wallet of somebody: the same name gives the same account. Its key is no secret.
func Of(name string) *Wallet {
	seed := sha256.Sum256([]byte(name))
	return &Wallet{secp256k1.PrivKeyFromBytes(seed[:])}
}

// FromKey gives the wallet of a private key: 64 hex digits, with no prefix.
func FromKey(tb testing.TB, digits string) *Wallet {
	tb.Helper()
	key, err := hex.DecodeString(digits)
	if err != nil {
		tb.Fatal(err)
	}
	return &Wallet{secp256k1.PrivKeyFromBytes(key)}
}

// Address gives the account.
func (w *Wallet) Address() wallet.Address { return wallet.AddressOf(w.key.PubKey()) }

// Sign does what personal_sign does: r || s || v as 0x and 130 hex digits, v 27 or 28. The nonce is
// that of RFC 6979, so one text has one signature.
func (w *Wallet) Sign(text string) string {
	hash := wallet.Hash(text)
	compact := ecdsa.SignCompact(w.key, hash[:], false)
	return "0x" + hex.EncodeToString(append(compact[1:], compact[0]))
}
