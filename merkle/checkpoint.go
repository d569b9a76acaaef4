package merkle

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is what a log claims of its first Size leaves (C2SP tlog-checkpoint). Origin names
// the log and is the name of its keys.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// ErrUnsigned says that no given key has signed a checkpoint.
var ErrUnsigned = errors.New("the checkpoint is not signed by a trusted key")

// errMalformed says that a text is no checkpoint.
var errMalformed = errors.New("not a checkpoint of C2SP tlog-checkpoint")

// Text is the note's text: three lines, each with its newline.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// Sign makes the signed note.
func (c Checkpoint) Sign(signer note.Signer) (string, error) {
	signed, err := note.Sign(&note.Note{Text: c.Text()}, signer)
	if err != nil {
		return "", fmt.Errorf("sign checkpoint of size %d: %w", c.Size, err)
	}
	return string(signed), nil
}

// OpenCheckpoint reads a signed checkpoint that at least one of the verifiers has signed under its own
// name as the origin. Signatures of others are passed over. It returns ErrUnsigned when none has, or when what
// stands there as the signature of one of them is not. Of the verifiers no two are equal.
func OpenCheckpoint(signed string, verifiers ...note.Verifier) (Checkpoint, error) {
	n, err := note.Open([]byte(signed), note.VerifierList(verifiers...))
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return Checkpoint{}, ErrUnsigned
	}
	var invalid *note.InvalidSignatureError
	if errors.As(err, &invalid) {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrUnsigned, err)
	}
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	own := false
	for _, s := range n.Sigs {
		if _, canonical := parseBase64(s.Base64); !canonical {
			return Checkpoint{}, fmt.Errorf("%w: the signature of %q is not canonical base64", errMalformed, s.Name)
		}
		own = own || s.Name == c.Origin
	}
	if !own {
		return Checkpoint{}, fmt.Errorf("%w: the origin %q is not the name of the key", ErrUnsigned, c.Origin)
	}
	return c, nil
}

// ReadCheckpoint reads a signed checkpoint and believes it, whoever has signed it: for those who have kept one, and say what it
// says. OpenCheckpoint verifies it.
func ReadCheckpoint(signed string) (Checkpoint, error) {
	_, err := note.Open([]byte(signed), note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return Checkpoint{}, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return parseCheckpoint(unverified.Note.Text)
}

// parseCheckpoint reads the text of a note. Extension lines are passed over.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[len(lines)-1] != "" {
		return Checkpoint{}, errMalformed
	}
	c := Checkpoint{Origin: lines[0]}
	var ok bool
	if c.Size, ok = parseNumber(lines[1]); !ok {
		return Checkpoint{}, fmt.Errorf("%w: the tree size is %q", errMalformed, lines[1])
	}
	if c.Root, ok = parseHash(lines[2]); !ok {
		return Checkpoint{}, fmt.Errorf("%w: the root hash is %q", errMalformed, lines[2])
	}
	for _, line := range lines[:len(lines)-1] {
		if line == "" {
			return Checkpoint{}, fmt.Errorf("%w: an empty line", errMalformed)
		}
	}
	return c, nil
}
