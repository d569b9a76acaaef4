package main

import (
	"bytes"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"chainmail/merkle"
)

// signed is a signed note, and whether it is a checkpoint that the key's owner has signed.
type signed struct {
	Name     string `json:"name"`
	Note     string `json:"note"`
	Verifier string `json:"verifier"` // the key to trust (C2SP signed-note)
	Valid    bool   `json:"valid"`
	Why      string `json:"why"` // what is wrong with it, or why it is good all the same

	// What a valid one says.
	Origin string       `json:"origin,omitempty"`
	Size   *int64       `json:"size,omitempty"`
	Root   *merkle.Hash `json:"root,omitempty"`
}

// logName is the log of the notes.
const logName = "example.com/log"

// key is one that signs, and its verifier. Whoever calls with the same seed gets the same.
type key struct {
	note.Signer
	verifier string
}

func keyOf(name string, seed byte) (key, error) {
	secret, verifier, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), name)
	if err != nil {
		return key{}, err
	}
	signer, err := note.NewSigner(secret)
	return key{signer, verifier}, err
}

// keys are those that the notes are signed with.
type keys struct{ own, next, stranger, witness key }

func makeKeys() (k keys, err error) {
	for seed, of := range []struct {
		to   *key
		name string
	}{{&k.own, logName}, {&k.next, logName}, {&k.stranger, "example.org/log"}, {&k.witness, "witness.example"}} {
		if *of.to, err = keyOf(of.name, byte(seed+1)); err != nil {
			return keys{}, err
		}
	}
	return k, nil
}

// sign signs any text.
func sign(text string, signers ...note.Signer) (string, error) {
	raw, err := note.Sign(&note.Note{Text: text}, signers...)
	return string(raw), err
}

// checkpoints returns notes with the verdict of package merkle, which has to be the one that is written here.
func checkpoints(t *tree) ([]signed, error) {
	k, err := makeKeys()
	if err != nil {
		return nil, err
	}
	text := merkle.Checkpoint{Origin: logName, Size: largest, Root: t.roots[largest]}.Text()
	good, err := sign(text, k.own)
	if err != nil {
		return nil, err
	}
	found := damaged(good, t, k)
	for _, s := range []struct {
		name, text string
		signers    []note.Signer
		valid      bool
		why        string
	}{
		{"good", text, []note.Signer{k.own}, true, "signed by the key"},
		{"extended", text + "more of it\n", []note.Signer{k.own}, true, "lines after the root are passed over"},
		{"empty tree", merkle.Checkpoint{Origin: logName, Root: t.roots[0]}.Text(), []note.Signer{k.own}, true, "a tree may be empty"},
		{"cosigned", text, []note.Signer{k.own, k.witness}, true, "signatures of keys that are not known are passed over"},
		{"signed by two keys of the log", text, []note.Signer{k.next, k.own}, true, "one of the signatures is the key's"},
		{"another key", text, []note.Signer{k.stranger}, false, "the key has not signed it"},
		{"a newer key of the same name", text, []note.Signer{k.next}, false, "the key has not signed it: its hash is another"},
		{"another origin", strings.Replace(text, logName, "example.org/log", 1), []note.Signer{k.own}, false, "the origin is not the key's name"},
		{"leading zero", strings.Replace(text, "\n70\n", "\n070\n", 1), []note.Signer{k.own}, false, "the size is not written as a number is"},
		{"short root", strings.Replace(text, t.roots[largest].String(), "AAAA", 1), []note.Signer{k.own}, false, "the root is no hash"},
		{"no root", logName + "\n70\n", []note.Signer{k.own}, false, "there is no root"},
	} {
		raw, err := sign(s.text, s.signers...)
		if err != nil {
			return nil, err
		}
		found = append(found, signed{Name: s.name, Note: raw, Verifier: k.own.verifier, Valid: s.valid, Why: s.why})
	}
	return found, judge(found)
}

// damaged returns a good note with one thing changed after it was signed.
func damaged(good string, t *tree, k keys) []signed {
	text, signature, _ := strings.Cut(good, "\n\n")
	last := len(signature) - 2 // before the newline
	flipped := "A"
	if signature[last-20] == 'A' {
		flipped = "B"
	}
	found := []signed{
		{Name: "size changed", Note: strings.Replace(good, "\n70\n", "\n71\n", 1), Why: "the signature is of another text"},
		{Name: "root changed", Note: strings.Replace(good, t.roots[largest].String(), t.roots[largest-1].String(), 1), Why: "the signature is of another text"},
		{Name: "line added", Note: text + "\nmore\n\n" + signature, Why: "the signature is of another text"},
		{Name: "signature changed", Note: text + "\n\n" + signature[:last-20] + flipped + signature[last-19:], Why: "the signature is wrong"},
		{Name: "no signature", Note: text + "\n", Why: "there is no signature"},
		{Name: "carriage return", Note: strings.Replace(good, "\n70\n", "\r\n70\r\n", 1), Why: "a note has no control characters but newlines"},
		{Name: "cut short", Note: good[:len(good)-1], Why: "the last line does not end"},
		{Name: "nothing", Note: "", Why: "it is empty"},
	}
	for i := range found {
		found[i].Verifier = k.own.verifier
	}
	return found
}

// judge holds package merkle's verdict against the one that is written, and adds what valid notes say.
func judge(found []signed) error {
	for i := range found {
		s := &found[i]
		verifier, err := note.NewVerifier(s.Verifier)
		if err != nil {
			return err
		}
		c, err := merkle.OpenCheckpoint(s.Note, verifier)
		if (err == nil) != s.Valid {
			return fmt.Errorf("the note %q: valid is %t, but %v", s.Name, s.Valid, err)
		}
		if s.Valid {
			s.Origin, s.Size, s.Root = c.Origin, &c.Size, &c.Root
		}
	}
	return nil
}
