package wallet

import (
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
)

// signatureSize is the length of r, s (32 bytes each, big-endian) and v.
const signatureSize = 65

// recoveryOffset is what Bitcoin, then Ethereum, adds to the recovery id 0 or 1 to make v.
const recoveryOffset = 27

// Verify reads a text of EIP-4361 and checks that the account in it signed it. The signature is what
// personal_sign gives: "0x" and 130 hex digits for r, s and v, where v is 27 or 28, or 0 or 1 as
// some hardware wallets have it. Nothing is said about whether the message is meant for this server, is
// new or still holds: see [Check]. The error is an [*Error] of what [Parse] finds, ErrSignature or
// ErrSigner.
func Verify(text, signature string) (Message, error) {
	m, err := Parse(text)
	if err != nil {
		return Message{}, err
	}
	signer, err := recoverSigner(text, signature)
	if err != nil {
		return Message{}, err
	}
	// Both sides are public, so the comparison need not hide how far it came.
	if signer != m.Address {
		return Message{}, &Error{Kind: ErrSigner}
	}
	return m, nil
}

// Hash gives what personal_sign signs: the Keccak-256 of the text behind the prefix of EIP-191,
// version 0x45, with the text's length in bytes as a decimal number.
func Hash(text string) [32]byte {
	return keccak([]byte("\x19Ethereum Signed Message:\n"+strconv.Itoa(len(text))), []byte(text))
}

// recoverSigner says which account made the signature (SEC 1 §4.1.6).
func recoverSigner(text, signature string) (Address, error) {
	compact, err := compactSignature(signature)
	if err != nil {
		return Address{}, err
	}
	hash := Hash(text)
	key, _, err := ecdsa.RecoverCompact(compact, hash[:])
	if err != nil {
		return Address{}, &Error{Kind: ErrSignature, Detail: "its numbers are not those of a secp256k1 signature"}
	}
	return AddressOf(key), nil
}

// AddressOf gives the account of a public key: the last 20 bytes of the Keccak-256 of its two
// coordinates (Ethereum yellow paper, appendix F).
func AddressOf(key *secp256k1.PublicKey) Address {
	hash := keccak(key.SerializeUncompressed()[1:]) // without the 0x04 that says "uncompressed"
	return Address(hash[len(hash)-addressSize:])
}

// compactSignature turns r || s || v into v || r || s, with v 27 or 28, as the curve's package wants it.
//
// Of s and n-s, which sign the same, only the lower is taken. EIP-2 demands that of transactions and
// every wallet does it for texts too; otherwise anybody could make a second signature from a first, and
// what is kept as evidence of a login would have a twin that nobody made.
func compactSignature(text string) ([]byte, error) {
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) != hex.EncodedLen(signatureSize) {
		return nil, &Error{Kind: ErrSignature, Detail: "it should be 0x and 130 hex digits; contract accounts can't log in"}
	}
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil, &Error{Kind: ErrSignature, Detail: "it should be 0x and 130 hex digits"}
	}
	v := raw[signatureSize-1]
	if v <= 1 {
		v += recoveryOffset
	}
	if v != recoveryOffset && v != recoveryOffset+1 {
		return nil, &Error{Kind: ErrSignature, Detail: "its last byte should be 27 or 28, or 0 or 1"}
	}
	var s secp256k1.ModNScalar
	if s.SetByteSlice(raw[32:64]) || s.IsOverHalfOrder() {
		return nil, &Error{Kind: ErrSignature, Detail: "its s is in the upper half of the curve's order (EIP-2)"}
	}
	return append([]byte{v}, raw[:signatureSize-1]...), nil
}
