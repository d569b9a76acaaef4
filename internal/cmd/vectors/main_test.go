package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// TestVectors counts what is printed: each proof is verified where it is made.
func TestVectors(t *testing.T) {
	t.Parallel()
	var printed, again bytes.Buffer
	for _, to := range []*bytes.Buffer{&printed, &again} {
		if err := run(to); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(printed.Bytes(), again.Bytes()) {
		t.Error("two runs differ")
	}
	var v vectors
	if err := json.Unmarshal(printed.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	const pairs = largest * (largest + 1) / 2
	if len(v.Inclusion) != pairs || len(v.Consistency) != pairs {
		t.Errorf("got %d inclusion and %d consistency proofs, want %d of each", len(v.Inclusion), len(v.Consistency), pairs)
	}
	verdicts := make(map[bool]int)
	for _, n := range v.Notes {
		verdicts[n.Valid]++
		if n.Why == "" || n.Valid != (n.Root != nil) {
			t.Errorf("the note %q: %+v", n.Name, n)
		}
	}
	if verdicts[true] < 3 || verdicts[false] < 10 {
		t.Errorf("got %v notes, good and broken", verdicts)
	}
}
