package merkle

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof shows that a leaf is in the tree of a checkpoint (C2SP tlog-proof). Path is the inclusion
// proof of RFC 6962 §2.1.1; Leaf travels as the proof's extra data.
type Proof struct {
	Index      int64
	Leaf       []byte
	Path       []Hash
	Checkpoint string // the signed note
}

// proofHeader is the first line of a C2SP tlog-proof.
const proofHeader = "c2sp.org/tlog-proof@v1"

var errNoProof = errors.New("not a proof of C2SP tlog-proof")

// Text is the C2SP tlog-proof whose extra is the leaf, which is not empty. ParseProof undoes it.
func (p Proof) Text() string {
	var b strings.Builder
	b.WriteString(proofHeader + "\nextra " + base64.StdEncoding.EncodeToString(p.Leaf) + "\n")
	b.WriteString("index " + strconv.FormatInt(p.Index, 10) + "\n")
	for _, h := range p.Path {
		b.WriteString(h.String() + "\n")
	}
	b.WriteString("\n" + p.Checkpoint)
	return b.String()
}

// ParseProof reads what Text wrote, and nothing that Text would write otherwise. It verifies nothing.
func ParseProof(text string) (Proof, error) {
	var p Proof
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return p, fmt.Errorf("%w: it does not begin with the line %q", errNoProof, proofHeader)
	}
	if !found {
		return p, fmt.Errorf("%w: it has no empty line before a checkpoint", errNoProof)
	}
	if len(lines) < 3 {
		return p, fmt.Errorf("%w: it has no extra or no index", errNoProof)
	}
	p.Checkpoint = checkpoint
	var ok bool
	extra, found := strings.CutPrefix(lines[1], "extra ")
	if p.Leaf, ok = parseBase64(extra); !found || !ok || len(p.Leaf) == 0 {
		return Proof{}, fmt.Errorf("%w: the second line is not extra and the leaf in base64", errNoProof)
	}
	index, found := strings.CutPrefix(lines[2], "index ")
	if p.Index, ok = parseNumber(index); !found || !ok {
		return Proof{}, fmt.Errorf("%w: the third line is not index and a number", errNoProof)
	}
	for _, line := range lines[3:] {
		hash, ok := parseHash(line)
		if !ok {
			return Proof{}, fmt.Errorf("%w: %q in the path is no hash", errNoProof, line)
		}
		p.Path = append(p.Path, hash)
	}
	return p, nil
}

// Verify checks the proof against the keys of the log, and returns the checkpoint that it rests on. It
// accepts what the log's own proofs give, and nothing that does not hash to the signed root.
func (p Proof) Verify(verifiers ...note.Verifier) (Checkpoint, error) {
	c, err := OpenCheckpoint(p.Checkpoint, verifiers...)
	if err != nil {
		return Checkpoint{}, err
	}
	if p.Index < 0 || p.Index >= c.Size {
		return Checkpoint{}, fmt.Errorf("index %d is not in a tree of %d leaves", p.Index, c.Size)
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Index, LeafHash(p.Leaf)); err != nil {
		return Checkpoint{}, fmt.Errorf("the path does not lead from the leaf to the signed root: %w", err)
	}
	return c, nil
}

// VerifyConsistency checks that the tree of size from, 1 or more, begins the tree of size to (RFC 6962 §2.1.2).
func VerifyConsistency(path []Hash, from int64, fromRoot Hash, to int64, toRoot Hash) error {
	if from < 1 || from > to || to > maxSize {
		return fmt.Errorf("no proof shows that a tree of %d leaves begins one of %d", from, to)
	}
	if err := tlog.CheckTree(path, to, toRoot, from, fromRoot); err != nil {
		return fmt.Errorf("the tree of %d leaves does not begin that of %d: %w", from, to, err)
	}
	return nil
}
