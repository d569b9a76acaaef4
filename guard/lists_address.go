package guard

import (
	"bytes"
	"errors"
	"strings"
)

// Bounds of a wallet address's length: from the shortest in Base58 to the longest in bech32.
const (
	minAddress = 26
	maxAddress = 90
)

// checkAddress returns an address as it is looked up. Those whose case means nothing (0x…, and bech32 as BIP 173 has it) are kept in
// lower case, others (Base58) as written.
func checkAddress(entry []byte) ([]byte, error) {
	if len(entry) < minAddress || len(entry) > maxAddress {
		return nil, errors.New("not a wallet address: it has from 26 to 90 letters and digits")
	}
	for _, c := range entry {
		if !isAddressByte(c) {
			return nil, errors.New("not a wallet address: it has letters and digits only")
		}
	}
	return addressKey(entry), nil
}

func isAddressByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func addressKey(address []byte) []byte {
	if len(address) > 3 && (hasPrefixFold(address, "0x") || hasPrefixFold(address, "bc1") || hasPrefixFold(address, "ltc1")) {
		return bytes.ToLower(address)
	}
	return address
}

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && strings.EqualFold(string(b[:len(prefix)]), prefix)
}

// addressIn says whether the message as written names an address of one of the lists.
func (m *matcher) addressIn(lists []string, rule string, explain *[]Finding) bool {
	text := m.text.Original
	holds := false
	for start := 0; start < len(text); {
		end := start
		for end < len(text) && isAddressByte(text[end]) {
			end++
		}
		if word := text[start:end]; len(word) >= minAddress && len(word) <= maxAddress {
			key := addressKey([]byte(word))
			for _, name := range lists {
				if !m.lists[name].has(key) {
					continue
				}
				if explain == nil {
					return true
				}
				holds = true
				*explain = append(*explain, Finding{Rule: rule, In: "address", Text: strings.Clone(word)})
			}
		}
		start = end + 1
	}
	return holds
}
