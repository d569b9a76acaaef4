package main

import (
	"testing"
	"time"
)

// Only a difference that the answer's way cannot explain is the clock's.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	before := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct{ took, theirs, want time.Duration }{
		"the same":                   {0, 0, 0},
		"a slow answer":              {10 * time.Second, 0, 0},
		"that was long on its way":   {10 * time.Second, 10 * time.Second, 0},
		"behind":                     {time.Second, -3 * time.Second, 3 * time.Second},
		"ahead":                      {time.Second, 4 * time.Second, 3 * time.Second},
		"ahead, and a prompt answer": {0, 3 * time.Second, 3 * time.Second},
	} {
		if got := clockSkew(before, before.Add(test.took), before.Add(test.theirs)); got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}
