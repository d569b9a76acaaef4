package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
	"chainmail/merkle"
)

// secondVerifier is written from docs/verification.md alone and shares no code with this program.
const secondVerifier = "../../docs/verify.py"

// runSecond runs the second verifier without any package but Python's own.
func runSecond(t *testing.T, key string, files ...string) (said string, status int) {
	t.Helper()
	if _, err := os.Stat(secondVerifier); err != nil { // and tells the cache of go test that it counts
		t.Fatal(err)
	}
	cmd := exec.Command("python3", append([]string{"-I", "-S", secondVerifier, "--log-key", key}, files...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if errors.Is(err, exec.ErrNotFound) {
		t.Fatal("the second verifier needs Python 3: install it (Debian: apt-get install python3; 'make python' does it where that is allowed)")
	}
	if cmd.ProcessState == nil || stderr.Len() > 0 {
		t.Fatalf("%s: %v\n%s", secondVerifier, err, stderr.Bytes())
	}
	return stdout.String(), cmd.ProcessState.ExitCode()
}

// proofFiles lists the good or the broken proofs.
func proofFiles(t *testing.T, kind string) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{treeProofs + "/" + kind + "/*.tlog-proof", eventProofs + "/" + kind + "/*"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	return files
}

// Two programs that share no code say the same of every proof in testdata: that it holds, or that it does not.
func TestVerifiersAgree(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(treeProofs, "log.keys")
	good, broken := proofFiles(t, "good"), proofFiles(t, "broken")
	said, status := runSecond(t, keys, append(good, broken...)...)
	if status != 1 {
		t.Errorf("the second verifier ends with %d", status)
	}
	verdicts := make(map[string]string) // of the second verifier, by file
	for line := range strings.Lines(said) {
		verdict, rest, _ := strings.Cut(line, " ")
		file, _, _ := strings.Cut(rest, ": ")
		verdicts[file] = verdict
	}
	check := func(files []string, status int, verdict string) {
		for _, file := range files {
			if verdicts[file] != verdict {
				t.Errorf("%s: the second verifier says %q, want %q", file, verdicts[file], verdict)
			}
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), []string{"verify", file, "--log-key", keys}, &stdout, &stderr); got != status {
				t.Errorf("%s: exit status %d, want %d: %s", file, got, status, stderr.Bytes())
			}
			if done := status == 0; (stdout.Len() > 0) != done || (stderr.Len() > 0) == done {
				t.Errorf("%s: printed %q and %q", file, stdout.Bytes(), stderr.Bytes())
			}
		}
	}
	check(good, exitDone, "HOLDS")
	check(broken, exitFinding, "FALSE")
}

// Neither verifier believes a key that is in the proof: without the log's key, or with another, nothing holds.
func TestVerifiersNeedTheLogsKey(t *testing.T) {
	t.Parallel()
	for _, key := range []string{strangeKey.Verifier, otherKey.Verifier, witnessKey.Verifier} {
		for _, file := range proofFiles(t, "good") {
			if strings.Contains(file, "stranger") {
				continue // a stranger did sign that one
			}
			var stdout, stderr bytes.Buffer
			if got := run(t.Context(), []string{"verify", file, "--log-key", key}, &stdout, &stderr); got != exitFinding {
				t.Errorf("%s with %s: exit status %d", file, key, got)
			}
		}
		if said, status := runSecond(t, key, treeProofs+"/good/message.tlog-proof"); status != 1 || !strings.HasPrefix(said, "FALSE") {
			t.Errorf("the second verifier with %s: status %d, %s", key, status, said)
		}
	}
}

// The numbers of the example in docs/verification.md are those of the proof that it names.
func TestVerificationPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/verification.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(treeProofs + "/good/message.tlog-proof")
	if err != nil {
		t.Fatal(err)
	}
	p, err := merkle.ParseProof(string(text))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(secondKey.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Verify(verifier)
	if err != nil {
		t.Fatal(err)
	}
	short := func(h merkle.Hash) string { return fmt.Sprintf("%x…%x", h[:4], h[28:]) }
	r := merkle.LeafHash(p.Leaf)
	numbers := []string{
		secondKey.Verifier, fmt.Sprintf("The leaf is %d bytes", len(p.Leaf)), hex.EncodeToString(p.Leaf[9:25]), hex.EncodeToString(p.Leaf[len(p.Leaf)-8:]),
		hex.EncodeToString(r[:]), "    " + strings.ReplaceAll(strings.TrimSuffix(c.Text(), "\n"), "\n", "\n    ") + "\n",
		fmt.Sprintf("is this, %d bytes", len(c.Text())), domain.ContentHash(saltOfGreeting, greeting), saltOfGreeting.String(), "printf %s '" + greeting + "'",
	}
	for i, side := range []string{"right", "right", "left", "right"} { // the path of index 4 in a tree of 12
		if side == "right" {
			r = merkle.NodeHash(r, p.Path[i])
		} else {
			r = merkle.NodeHash(p.Path[i], r)
		}
		numbers = append(numbers, fmt.Sprintf("| `%s` |", short(p.Path[i])), fmt.Sprintf("| %s | `%x` |", side, r[:]))
	}
	if r != c.Root {
		t.Errorf("the path leads to %x, want %x", r, c.Root)
	}
	for _, number := range numbers {
		if !strings.Contains(string(page), number) {
			t.Errorf("the page lacks %q", number)
		}
	}
}
