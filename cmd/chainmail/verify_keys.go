package main

import (
	"slices"

	"golang.org/x/mod/sumdb/note"
)

// trustedKey is a verifier key that the user vouches for.
type trustedKey struct {
	note.Verifier
	text string
}

// openTrustedKeys opens the keys of --log-key: one at least, and none twice.
func openTrustedKeys(value string) ([]trustedKey, error) {
	texts, err := trustedKeys(value)
	if err != nil {
		return nil, err
	}
	var keys []trustedKey
	for _, text := range texts {
		if slices.ContainsFunc(keys, func(k trustedKey) bool { return k.text == text }) {
			continue
		}
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, trustedKey{v, text})
	}
	return keys, nil
}
