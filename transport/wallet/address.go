package wallet

import (
	"encoding/hex"
	"strings"

	"golang.org/x/crypto/sha3"
)

// addressSize is the length of an address in bytes.
const addressSize = 20

// Address is an Ethereum account: the last 20 bytes of its public key's Keccak-256 hash.
type Address [addressSize]byte

// ParseAddress reads "0x" and 40 hex digits. Their case is either the one that EIP-55 gives, or lower
// throughout, which says nothing about typing errors but is how many programs write addresses. In
// a message to sign, [Parse] takes EIP-55 alone. The error is an [*Error] of ErrAddress.
func ParseAddress(text string) (Address, error) {
	a, ok := decodeAddress(text)
	if !ok {
		return Address{}, &Error{Kind: ErrAddress, Detail: "it should be 0x and 40 hex digits"}
	}
	if text != a.Lower() && text != a.String() {
		return Address{}, &Error{Kind: ErrAddress, Detail: "the case of its digits does not fit, so a digit may be mistyped"}
	}
	return a, nil
}

// Lower gives the address with its digits in lower case, as users.wallet_address has it.
func (a Address) Lower() string { return "0x" + hex.EncodeToString(a[:]) }

// String gives the address with its digits in the case of EIP-55: a letter is upper where the same
// place of the lower-case digits' Keccak-256 hash, in hex, is 8 or more. [ParseAddress] undoes it.
func (a Address) String() string {
	digits := []byte(hex.EncodeToString(a[:]))
	hash := keccak(digits)
	for i, c := range digits {
		nibble := hash[i/2] >> 4
		if i%2 == 1 {
			nibble = hash[i/2] & 0x0f
		}
		if c >= 'a' && nibble >= 8 {
			digits[i] = c - 'a' + 'A'
		}
	}
	return "0x" + string(digits)
}

// decodeAddress reads the digits, whatever their case.
func decodeAddress(text string) (Address, bool) {
	var a Address
	digits, ok := strings.CutPrefix(text, "0x")
	if !ok || len(digits) != hex.EncodedLen(addressSize) {
		return a, false
	}
	if _, err := hex.Decode(a[:], []byte(digits)); err != nil {
		return Address{}, false
	}
	return a, true
}

// keccak is the Keccak-256 of Ethereum, from before SHA-3 changed the padding.
func keccak(parts ...[]byte) [32]byte {
	h := sha3.NewLegacyKeccak256()
	for _, p := range parts {
		h.Write(p)
	}
	return [32]byte(h.Sum(nil))
}
