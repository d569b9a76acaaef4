package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// trustedKeys reads the value of --log-key: a verifier key as text, or the path of a file with one a line.
// A secret key is refused without being repeated.
func trustedKeys(value string) ([]string, error) {
	if strings.HasPrefix(value, secretKeyPrefix) {
		return nil, errSecretKey
	}
	if _, err := note.NewVerifier(value); err == nil {
		return []string{value}, nil
	}
	raw, err := os.ReadFile(value)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q is neither a verifier key (name+hash+base64, as /api/log-key gives it) nor a file", value)
	}
	if err != nil {
		return nil, err
	}
	var keys []string
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if strings.HasPrefix(line, secretKeyPrefix) {
			return nil, errSecretKey
		}
		if _, err := note.NewVerifier(line); err != nil {
			return nil, fmt.Errorf("%s: a line is no verifier key (name+hash+base64, as /api/log-key gives it)", value)
		}
		keys = append(keys, line)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s has no key in it", value)
	}
	return keys, nil
}

// secretKeyPrefix begins the secret half of a key (C2SP signed-note).
const secretKeyPrefix = "PRIVATE+KEY+"

var errSecretKey = errors.New("this is the secret half of a key: give the verifier key, which does not begin with PRIVATE, and keep the secret with the log")
