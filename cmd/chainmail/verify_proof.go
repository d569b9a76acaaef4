package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
)

// words are what a message is said to say.
type words struct {
	content string
	salt    domain.Salt
}

// examineProof checks a proof, in either form, with all that can be checked without the log: the way from the leaf to a
// root that a trusted key has signed, what the leaf says, and the words, those given and those in the proof. It returns
// errWords where only they are wrong.
func examineProof(raw []byte, keys []trustedKey, given *words) (*shown, error) {
	proof, within, err := parseProof(raw)
	if err != nil {
		return nil, err
	}
	verifiers := make([]note.Verifier, len(keys))
	for i, k := range keys {
		verifiers[i] = k.Verifier
	}
	checkpoint, err := proof.Verify(verifiers...)
	if err != nil {
		return nil, err
	}
	s := &shown{Verifies: true, Origin: checkpoint.Origin, TreeSize: checkpoint.Size, RootHash: hex.EncodeToString(checkpoint.Root[:])}
	for _, k := range keys {
		if _, err := merkle.OpenCheckpoint(proof.Checkpoint, k.Verifier); err == nil {
			s.SignedBy = append(s.SignedBy, k.text)
		}
	}
	event, err := eventstore.ParseLeaf(proof.Leaf)
	if err != nil {
		return nil, err
	}
	if int64(event.Position) != proof.Index+1 {
		return nil, fmt.Errorf("the leaf says position %d and has the place of %d", event.Position, proof.Index+1)
	}
	data, err := domain.Decode(event)
	if err != nil && !errors.Is(err, domain.ErrUnknownType) { // what a newer release wrote is proved all the same
		return nil, err
	}
	if !json.Valid(event.Payload) || !json.Valid(event.Metadata) {
		return nil, errors.New("the payload or the metadata in the leaf is not JSON")
	}
	s.describe(event, data)
	for _, w := range []*words{within, given} {
		if w == nil {
			continue
		}
		if err := w.check(data); err != nil {
			return nil, err
		}
		s.Words = wordsMatch
	}
	s.DoesNotShow = s.limits()
	return s, nil
}

// errWords says that the event is in the log, and the words are not its own.
var errWords = errors.New("the event is in the log, but the words do not match")

// check holds the words against the hash in a message's leaf.
func (w *words) check(data domain.Data) error {
	var hash string
	switch d := data.(type) {
	case *domain.MessageSent:
		hash = d.ContentHash
	case *domain.MessageBlocked:
		hash = d.ContentHash
	default:
		return fmt.Errorf("%w: it is no message", errWords)
	}
	if domain.ContentHash(w.salt, w.content) == hash {
		return nil
	}
	for _, end := range []string{"\r\n", "\n"} {
		if less, cut := strings.CutSuffix(w.content, end); cut && domain.ContentHash(w.salt, less) == hash {
			return fmt.Errorf("%w: they would without the line break at their end, which the message does not have", errWords)
		}
	}
	return fmt.Errorf("%w: they, or the salt, are another message's", errWords)
}

// jsonProof is what GET /api/messages/{id}/proof answers.
type jsonProof struct {
	Index      *int64       `json:"index"`
	TreeSize   *int64       `json:"tree_size"`
	Leaf       string       `json:"leaf"`
	Path       []string     `json:"path"`
	Checkpoint string       `json:"checkpoint"`
	Content    *string      `json:"content"`
	Salt       *domain.Salt `json:"salt"`
	TlogProof  string       `json:"tlog_proof"`
}

// parseProof reads the text or the JSON of a proof. Words are nil where it has none.
func parseProof(raw []byte) (merkle.Proof, *words, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		p, err := merkle.ParseProof(string(raw))
		return p, nil, err
	}
	var j jsonProof
	if !utf8.Valid(raw) {
		return merkle.Proof{}, nil, errors.New("the JSON is not UTF-8")
	}
	if err := json.Unmarshal(raw, &j); err != nil {
		return merkle.Proof{}, nil, fmt.Errorf("not a proof as JSON: %w", err)
	}
	p, err := merkle.ParseProof(j.TlogProof)
	if err != nil {
		return merkle.Proof{}, nil, fmt.Errorf("tlog_proof: %w", err)
	}
	if field := j.differsFrom(p); field != "" {
		return merkle.Proof{}, nil, fmt.Errorf("%s is missing, or says something else than tlog_proof", field)
	}
	if (j.Content == nil) != (j.Salt == nil) {
		return merkle.Proof{}, nil, errors.New("of content and salt one is missing")
	}
	if j.Content == nil {
		return p, nil, nil
	}
	return p, &words{*j.Content, *j.Salt}, nil
}

// differsFrom names the first field that does not repeat what the text says, "" for none.
func (j *jsonProof) differsFrom(p merkle.Proof) string {
	size := strings.SplitN(p.Checkpoint, "\n", 3)
	switch {
	case j.Index == nil || *j.Index != p.Index:
		return "index"
	case j.TreeSize == nil || len(size) < 3 || fmt.Sprint(*j.TreeSize) != size[1]:
		return "tree_size"
	case j.Leaf != base64.StdEncoding.EncodeToString(p.Leaf):
		return "leaf"
	case !slices.EqualFunc(j.Path, p.Path, func(text string, hash merkle.Hash) bool { return text == hash.String() }):
		return "path"
	case j.Checkpoint != p.Checkpoint:
		return "checkpoint"
	}
	return ""
}
