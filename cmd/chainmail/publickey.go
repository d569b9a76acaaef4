package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// publicPart derives the verifier key from a signer key of C2SP signed-note, whose form is
// PRIVATE+KEY+<name>+<hash>+<base64 of a type byte and an Ed25519 seed>.
func publicPart(secret string) (name, verifier string, err error) {
	signer, err := note.NewSigner(secret) // checks form and hash
	if err != nil {
		return "", "", fmt.Errorf("log key: %w", err)
	}
	parts := strings.SplitN(secret, "+", 5) // the last one may hold a + of its own
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", "", fmt.Errorf("log key of %s is no Ed25519 seed", signer.Name())
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	verifier, err = note.NewEd25519VerifierKey(signer.Name(), public)
	return signer.Name(), verifier, err
}
