package merkle_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/merkle"
)

// A checkpoint is its text and the text is the checkpoint.
func TestCheckpointText(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 1, 20852163, 1 << 62} {
		want := merkle.Checkpoint{Origin: "example.com/log", Size: size, Root: merkle.LeafHash([]byte{byte(size)})}
		signed, verifier := sign(t, size, want.Root)
		if got, err := merkle.OpenCheckpoint(signed, verifier); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

// signText signs whatever it is given, as a log does that has gone mad.
func signText(t *testing.T, text string, keys ...string) string {
	t.Helper()
	var signers []note.Signer
	for _, key := range keys {
		signer, err := note.NewSigner(key)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, signer)
	}
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		t.Fatal(err)
	}
	return string(signed)
}

// Even with the log's signature, what is no checkpoint is not taken for one (C2SP tlog-checkpoint, note text).
func TestOpenCheckpointRefusesOtherNotes(t *testing.T) {
	t.Parallel()
	const root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
	verifier := openVerifier(t, verifierKey)
	for name, text := range map[string]string{
		"another origin":        "example.com/fog\n7\n" + root + "\n",
		"no origin":             "\n7\n" + root + "\n",
		"no root":               "example.com/log\n7\n",
		"one line":              "example.com/log\n",
		"leading zero":          "example.com/log\n07\n" + root + "\n",
		"plus":                  "example.com/log\n+7\n" + root + "\n",
		"negative":              "example.com/log\n-7\n" + root + "\n",
		"hexadecimal":           "example.com/log\n0x7\n" + root + "\n",
		"space":                 "example.com/log\n7 \n" + root + "\n",
		"too many leaves":       "example.com/log\n9223372036854775808\n" + root + "\n",
		"short root":            "example.com/log\n7\n" + base64.StdEncoding.EncodeToString(make([]byte, 31)) + "\n",
		"long root":             "example.com/log\n7\n" + base64.StdEncoding.EncodeToString(make([]byte, 33)) + "\n",
		"root without padding":  "example.com/log\n7\n" + strings.TrimSuffix(root, "=") + "\n",
		"root in other base64":  "example.com/log\n7\n" + strings.ReplaceAll(root, "/", "_") + "\n",
		"root not canonical":    "example.com/log\n7\n" + strings.Replace(root, "q2I=", "q2J=", 1) + "\n",
		"empty line":            "example.com/log\n7\n" + root + "\n\nmore\n",
		"empty line at the end": "example.com/log\n7\n" + root + "\n\n",
		"announcement of a key": "chainmail log key rotation v1\nexample.com/log+1\nexample.com/log+2\n",
	} {
		if c, err := merkle.OpenCheckpoint(signText(t, text, signerKey), verifier); err == nil {
			t.Errorf("%s: got %+v", name, c)
		}
	}
	extended := signText(t, "example.com/log\n7\n"+root+"\nan extension\nand another\n", signerKey)
	if c, err := merkle.OpenCheckpoint(extended, verifier); err != nil || c.Size != 7 {
		t.Errorf("extension lines: got %+v, %v", c, err)
	}
}

// Who has signed decides, and the callers can tell that from a text that is no checkpoint.
func TestOpenCheckpointNeedsTheLogsSignature(t *testing.T) {
	t.Parallel()
	signed, verifier := sign(t, 7, merkle.LeafHash(nil))
	witness, witnessKey, err := note.GenerateKey(zeros{}, "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(signed, "\n\n")
	text += "\n"
	both := signText(t, text, witness, signerKey)
	onlyWitness := signText(t, text, witness)
	forged := strings.Replace(signed, "\n7\n", "\n8\n", 1)
	for _, c := range []struct {
		name      string
		signed    string
		verifiers []note.Verifier
		unsigned  bool
	}{
		{"the log", signed, []note.Verifier{verifier}, false},
		{"the log and a stranger", both, []note.Verifier{verifier}, false},
		{"the log and a witness", both, []note.Verifier{openVerifier(t, witnessKey), verifier}, false},
		{"no keys", signed, nil, true},
		{"another key", signed, []note.Verifier{openVerifier(t, witnessKey)}, true},
		{"a witness alone", onlyWitness, []note.Verifier{openVerifier(t, witnessKey), verifier}, true},
		{"forged", forged, []note.Verifier{verifier}, true},
	} {
		_, err := merkle.OpenCheckpoint(c.signed, c.verifiers...)
		if (err != nil) != c.unsigned || errors.Is(err, merkle.ErrUnsigned) != c.unsigned {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
	if _, err := merkle.OpenCheckpoint("no checkpoint", verifier); err == nil || errors.Is(err, merkle.ErrUnsigned) {
		t.Errorf("no checkpoint: got %v", err)
	}
}

// zeros is a source of keys that are always the same.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// A signature has one text: RFC 4648 §3.5.
func TestOpenCheckpointTakesOneTextOfASignature(t *testing.T) {
	t.Parallel()
	signed, verifier := sign(t, 7, merkle.LeafHash(nil))
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.LastIndex(signed, "=") - 1
	digit := strings.IndexByte(alphabet, signed[last])
	for other := digit &^ 3; other < digit&^3+4; other++ { // its last two bits are not used
		changed := signed[:last] + alphabet[other:other+1] + signed[last+1:]
		if _, err := merkle.OpenCheckpoint(changed, verifier); (err == nil) != (changed == signed) {
			t.Errorf("%q in place of %q: %v", alphabet[other], signed[last], err)
		}
	}
}
