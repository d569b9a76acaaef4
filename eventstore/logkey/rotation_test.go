package logkey_test

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
	"chainmail/eventstore/logkey"
)

func newKey(t testing.TB, origin string) *logkey.Key {
	t.Helper()
	_, key, err := logkey.Generate(origin)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestAnnouncement(t *testing.T) {
	t.Parallel()
	old, next, other := newKey(t, "log"), newKey(t, "log"), newKey(t, "log")
	announced, err := logkey.Announce(old, next)
	if err != nil {
		t.Fatal(err)
	}
	if announced.PreviousKey != old.Verifier || announced.PublicKey != next.Verifier {
		t.Errorf("got %+v", announced)
	}
	if err := logkey.CheckAnnouncement(&announced); err != nil {
		t.Errorf("what was announced is refused: %v", err)
	}
	if _, err := logkey.Announce(old, newKey(t, "another")); err == nil {
		t.Error("a key of another origin was announced")
	}
	signed := func(text string, keys ...note.Signer) string {
		n, err := note.Sign(&note.Note{Text: text}, keys...)
		if err != nil {
			t.Fatal(err)
		}
		return string(n)
	}
	text, _, _ := strings.Cut(announced.Announcement, "\n\n")
	text += "\n"
	for name, change := range map[string]func(*domain.LogKeyRotated){
		"another new key":             func(d *domain.LogKeyRotated) { d.PublicKey = other.Verifier },
		"another old key":             func(d *domain.LogKeyRotated) { d.PreviousKey = other.Verifier },
		"the keys exchanged":          func(d *domain.LogKeyRotated) { d.PreviousKey, d.PublicKey = d.PublicKey, d.PreviousKey },
		"signed by the old one alone": func(d *domain.LogKeyRotated) { d.Announcement = signed(text, old) },
		"signed by the new one alone": func(d *domain.LogKeyRotated) { d.Announcement = signed(text, next) },
		"signed by another":           func(d *domain.LogKeyRotated) { d.Announcement = signed(text, other, next) },
		"another text": func(d *domain.LogKeyRotated) {
			d.Announcement = signed(strings.Replace(text, " v1", " v2", 1), old, next)
		},
		"a line more":        func(d *domain.LogKeyRotated) { d.Announcement = signed(text+"more\n", old, next) },
		"no signature":       func(d *domain.LogKeyRotated) { d.Announcement = text },
		"nothing":            func(d *domain.LogKeyRotated) { d.Announcement = "" },
		"no key":             func(d *domain.LogKeyRotated) { d.PublicKey = "log" },
		"no old key":         func(d *domain.LogKeyRotated) { d.PreviousKey = "" },
		"itself":             func(d *domain.LogKeyRotated) { *d = mustAnnounce(t, old, old) },
		"a key of elsewhere": func(d *domain.LogKeyRotated) { d.PublicKey = newKey(t, "another").Verifier },
		"a checkpoint": func(d *domain.LogKeyRotated) {
			d.Announcement = signed("log\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", old, next)
		},
	} {
		damaged := announced
		change(&damaged)
		if err := logkey.CheckAnnouncement(&damaged); err == nil {
			t.Errorf("%s: it was accepted", name)
		}
	}
}

// mustAnnounce returns what Announce makes, also where that is of no use.
func mustAnnounce(t testing.TB, old, next *logkey.Key) domain.LogKeyRotated {
	t.Helper()
	d, err := logkey.Announce(old, next)
	if err != nil {
		return domain.LogKeyRotated{PreviousKey: old.Verifier, PublicKey: next.Verifier}
	}
	return d
}
