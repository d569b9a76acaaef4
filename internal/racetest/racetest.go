// Package racetest tells tests whether they have the race detector, under which one goroutine's work takes up to ten times as long
// and shows nothing more.
package racetest

import (
	"math/rand/v2"
	"testing"
)

// InFull leaves a test of very many cases in one goroutine to the run without the race detector. `make test` does both, for
// the packages that its Makefile names.
func InFull(t testing.TB) {
	t.Helper()
	if On {
		t.Skip("runs in full without the race detector")
	}
}

// Sample is for a test of very many cases that are alike: it returns which to try, the first and every so manieth after it. Without
// the race detector it is all of them; with it one in n, others at each run.
func Sample(n int) (first, step int) {
	if !On {
		return 0, 1
	}
	return rand.IntN(n), n
}
