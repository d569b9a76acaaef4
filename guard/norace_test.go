//go:build !race

package guard

import "testing"

// InFull lets a test run.
func InFull(*testing.T) {}
