// Package logkey has the Ed25519 keys that vouch for a log: how they are written down, and how
// one takes over from another. Keys are those of C2SP signed-note, named by the log's origin.
package logkey

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Key can sign for a log.
type Key struct {
	note.Signer
	// Verifier is the public half, as text: <origin>+<hash>+<key>.
	Verifier string
}

// Origin is the log's name in checkpoints.
func (k *Key) Origin() string { return k.Name() }

// Generate makes a key. The secret is what Parse reads, for a file that its owner alone may read. An origin
// with white space or a + is refused.
func Generate(origin string) (secret string, key *Key, err error) {
	secret, _, err = note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return "", nil, err
	}
	if key, err = Parse(secret); err != nil { // GenerateKey takes any name
		return "", nil, fmt.Errorf("%q cannot name a log: it must have no white space and no +", origin)
	}
	return secret, key, nil
}

var errForm = errors.New("not a signer key of C2SP signed-note with an Ed25519 seed")

// Parse reads a signer key, PRIVATE+KEY+<name>+<hash>+<base64 of a type byte and an Ed25519 seed>, with
// white space around it or not.
func Parse(secret string) (*Key, error) {
	secret = strings.TrimSpace(secret)
	signer, err := note.NewSigner(secret) // checks form and hash
	if err != nil {
		return nil, errForm
	}
	parts := strings.SplitN(secret, "+", 5) // the last one may hold a + of its own
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, errForm
	}
	public := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	verifier, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return nil, errForm
	}
	return &Key{signer, verifier}, nil
}
