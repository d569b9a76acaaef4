package merkle_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/merkle"
)

// reasons are what is said of a broken proof, by the beginning of its file's name; the longest one counts.
var reasons = map[string]string{
	"leaf-":                         "does not lead from the leaf",
	"leaf-empty":                    "the second line is not extra",
	"extra-":                        "the second line is not extra",
	"extra-broken-line":             "the third line is not index",
	"extra-twice":                   "the third line is not index",
	"index-":                        "the third line is not index",
	"index-one-":                    "does not lead from the leaf",
	"index-of-its-mirror":           "does not lead from the leaf",
	"index-is-size":                 "index 12 is not in a tree of 12",
	"index-beyond-size":             "index 16 is not in a tree of 12",
	"index-twice":                   "in the path is no hash",
	"path-":                         "in the path is no hash",
	"path-bit":                      "does not lead from the leaf",
	"path-last-bit":                 "does not lead from the leaf",
	"path-first-missing":            "does not lead from the leaf",
	"path-last-missing":             "does not lead from the leaf",
	"path-empty":                    "does not lead from the leaf",
	"path-one-more-":                "does not lead from the leaf",
	"path-two-exchanged":            "does not lead from the leaf",
	"path-reversed":                 "does not lead from the leaf",
	"path-short-of-its-tree":        "does not lead from the leaf",
	"path-beyond-its-tree":          "does not lead from the leaf",
	"path-of-another":               "does not lead from the leaf",
	"checkpoint-size-":              "invalid signature",
	"checkpoint-size-leading-zero":  "the tree size is",
	"checkpoint-root-bit":           "invalid signature",
	"checkpoint-root-31-bytes":      "the root hash is",
	"checkpoint-root-not-canonical": "the root hash is",
	"checkpoint-origin-changed":     "invalid signature",
	"checkpoint-origin-other":       "is not the name of the key",
	"checkpoint-of-another-log":     "not signed by a trusted key",
	"checkpoint-older":              "does not lead from the leaf",
	"checkpoint-newer":              "does not lead from the leaf",
	"checkpoint-empty-tree":         "index 4 is not in a tree of 0",
	"checkpoint-beyond-62-bits":     "the tree size is",
	"checkpoint-extended":           "invalid signature",
	"checkpoint-empty-line":         "an empty line",
	"checkpoint-without-root":       "not a checkpoint",
	"checkpoint-missing":            "malformed note",
	"checkpoint-an-announcement":    "not a checkpoint",
	"checkpoint-not-utf8":           "malformed note",
	"checkpoint-tab":                "malformed note",
	"checkpoint-no-empty-row":       "in the path is no hash",
	"signature-":                    "malformed note",
	"signature-bit":                 "invalid signature",
	"signature-shorter":             "invalid signature",
	"signature-longer":              "invalid signature",
	"signature-plus-order":          "invalid signature",
	"signature-id-borrowed":         "invalid signature",
	"signature-of-older":            "invalid signature",
	"signature-second-wrong":        "invalid signature",
	"signature-key-id":              "not signed by a trusted key",
	"signature-of-stranger":         "not signed by a trusted key",
	"signature-of-witness":          "not signed by a trusted key",
	"signature-other-name":          "not signed by a trusted key",
	"signature-not-canonical":       "not canonical base64",
	"header-":                       "does not begin with",
	"form-":                         "does not begin with",
	"form-trailing-":                "malformed note",
	"form-one-line":                 "no empty line before a checkpoint",
	"form-truncated":                "no empty line before a checkpoint",
	"form-truncated-late":           "malformed note",
	"form-twice":                    "invalid signature",
}

// reasonFor finds the reason that is due.
func reasonFor(name string) string {
	longest := ""
	for prefix := range reasons {
		if strings.HasPrefix(name, prefix) && len(prefix) > len(longest) {
			longest = prefix
		}
	}
	return reasons[longest]
}

// Each broken proof in testdata is refused for what is wrong with it, and each good one is accepted.
func TestProofsInTestdata(t *testing.T) {
	t.Parallel()
	verifiers := readVerifiers(t)
	for _, dir := range []string{"good", "broken"} {
		files, err := filepath.Glob(filepath.Join("testdata", dir, "*.tlog-proof"))
		if err != nil || len(files) < 10 {
			t.Fatalf("%d proofs in %s: %v", len(files), dir, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := merkle.ParseProof(string(text))
			if err == nil {
				_, err = p.Verify(verifiers...)
			}
			switch due := reasonFor(filepath.Base(file)); {
			case dir == "good" && err != nil:
				t.Errorf("%s: %v", file, err)
			case dir == "broken" && err == nil:
				t.Errorf("%s: accepted", file)
			case dir == "broken" && (due == "" || !strings.Contains(err.Error(), due)):
				t.Errorf("%s: got %v, want %q", file, err, due)
			}
		}
	}
}

func readVerifiers(t testing.TB) []note.Verifier {
	t.Helper()
	keys, err := os.ReadFile("testdata/log.keys")
	if err != nil {
		t.Fatal(err)
	}
	var verifiers []note.Verifier
	for _, key := range strings.Fields(string(keys)) {
		verifiers = append(verifiers, openVerifier(t, key))
	}
	return verifiers
}
