package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// trustedKey is a verifier key that the user vouches for.
type trustedKey struct {
	note.Verifier
	text string
}

// trustedKeys is readTrustedKeys for one who wants the texts alone.
func trustedKeys(value string) ([]string, error) {
	keys, err := readTrustedKeys(value)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(keys))
	for i, k := range keys {
		texts[i] = k.text
	}
	return texts, nil
}

// readTrustedKeys reads the value of --log-key: a verifier key as text, or the path of a file with one a line.
// It returns one at least, and none twice. A secret key is refused without being repeated.
func readTrustedKeys(value string) ([]trustedKey, error) {
	if strings.HasPrefix(value, secretKeyPrefix) {
		return nil, errSecretKey
	}
	if v, err := note.NewVerifier(value); err == nil {
		return []trustedKey{{v, value}}, nil
	}
	raw, err := os.ReadFile(value)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q is neither a verifier key (name+hash+base64, as /api/log-key gives it) nor a file", value)
	}
	if err != nil {
		return nil, err
	}
	var keys []trustedKey
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if strings.HasPrefix(line, secretKeyPrefix) {
			return nil, errSecretKey
		}
		v, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%s: a line is no verifier key (name+hash+base64, as /api/log-key gives it)", value)
		}
		if !slices.ContainsFunc(keys, func(k trustedKey) bool { return k.text == line }) {
			keys = append(keys, trustedKey{v, line})
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no key in it", value)
	}
	return keys, nil
}

// secretKeyPrefix begins the secret half of a key (C2SP signed-note).
const secretKeyPrefix = "PRIVATE+KEY+"

var errSecretKey = errors.New("this is the secret half of a key: give the verifier key, which does not begin with PRIVATE, and keep the secret with the log")
