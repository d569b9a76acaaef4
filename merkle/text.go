package merkle

import (
	"encoding/base64"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"
)

// parseBase64 reads standard base64 in its one canonical form (RFC 4648 §3.5). The decoder alone is not enough:
// it passes over line breaks, so that one proof would have many texts.
func parseBase64(text string) ([]byte, bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	return raw, err == nil && base64.StdEncoding.EncodedLen(len(raw)) == len(text)
}

// parseHash reads what Hash.String wrote.
func parseHash(text string) (Hash, bool) {
	raw, ok := parseBase64(text)
	if !ok || len(raw) != tlog.HashSize {
		return Hash{}, false
	}
	return Hash(raw), true
}

// parseNumber reads a decimal from 0 to maxSize without leading zeros.
func parseNumber(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0 && n <= maxSize && strconv.FormatInt(n, 10) == text
}

// maxSize is how many leaves a tree can have here; package tlog does not end with more.
const maxSize = 1 << 62
