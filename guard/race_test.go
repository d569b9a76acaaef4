//go:build race

package guard

import "testing"

// InFull leaves a test of very many texts, which is one goroutine's work, to the run without the race detector: it takes ten
// times as long here and finds nothing more. make test does both.
func InFull(t *testing.T) { t.Skip("runs in full without the race detector") }
