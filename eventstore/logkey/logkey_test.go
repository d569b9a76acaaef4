package logkey_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// The key of the example in golang.org/x/mod/sumdb/note, which is another's, and so shows that the form is the same.
const (
	foreignSecret   = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
	foreignVerifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{foreignSecret, foreignSecret + "\n", "  " + foreignSecret + "\r\n\r\n"} {
		key, err := logkey.Parse(secret)
		if err != nil || key.Verifier != foreignVerifier || key.Origin() != "PeterNeumann" {
			t.Errorf("%q: got %+v, %v, want %s", secret, key, err, foreignVerifier)
		}
	}
}

// What is no key is refused, in words that do not tell the secret.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	seed := base64.StdEncoding.EncodeToString(append([]byte{1}, make([]byte, ed25519.SeedSize)...))
	for name, secret := range map[string]string{
		"nothing":              "",
		"a word":               "so very private",
		"a verifier key":       foreignVerifier,
		"a part is missing":    strings.TrimSuffix(foreignSecret, "+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"),
		"a hash of another":    strings.Replace(foreignSecret, "c74f20a3", "c74f20a4", 1),
		"another name":         strings.Replace(foreignSecret, "Peter", "Paul", 1),
		"a seed that is short": foreignSecret[:len(foreignSecret)-4],
		"another algorithm":    strings.Replace(foreignSecret, "AYEK", "AoEK", 1),
		"no name":              "PRIVATE+KEY++c74f20a3+" + seed,
		"two keys":             foreignSecret + "\n" + foreignSecret,
	} {
		key, err := logkey.Parse(secret)
		if err == nil {
			t.Errorf("%s: got the key %s, want an error", name, key.Verifier)
		} else if secret != "" && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"chainmail/01890a5d-ac96-774b-bcce-b302099a8057", "example.org/log", "ünïcode"} {
		secret, key, err := logkey.Generate(origin)
		if err != nil {
			t.Fatal(err)
		}
		again, err := logkey.Parse(secret)
		if err != nil || again.Verifier != key.Verifier || again.Origin() != origin {
			t.Errorf("%s: read back as %+v, %v, want %s", origin, again, err, key.Verifier)
		}
		checkpoint := merkle.Checkpoint{Origin: origin, Size: 1}
		signed, err := checkpoint.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		verifier, err := note.NewVerifier(key.Verifier)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := merkle.OpenCheckpoint(signed, verifier); err != nil || got != checkpoint {
			t.Errorf("%s: got %+v, %v, want %+v", origin, got, err, checkpoint)
		}
	}
	for _, origin := range []string{"", "a b", "a+b", "a\nb", "a\tb", "\xff"} {
		if _, key, err := logkey.Generate(origin); err == nil {
			t.Errorf("%q: got the key %s, want an error", origin, key.Verifier)
		}
	}
	one, _, _ := logkey.Generate("a")
	two, _, _ := logkey.Generate("a")
	if one == two {
		t.Error("the same key twice")
	}
}
