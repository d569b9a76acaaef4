package scale_test

import (
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"chainmail/internal/scale"
)

func TestTouchedIsWhatHappens(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	const partitions, conversations, trials = 16, 30, 20_000
	sum := 0
	for range trials {
		touched := make(map[int]bool)
		for range conversations {
			touched[random.IntN(partitions)] = true
		}
		sum += len(touched)
	}
	near(t, "partitions touched", scale.Touched(partitions, conversations), float64(sum)/trials, 0.005)
}

func TestCursor(t *testing.T) {
	t.Parallel()
	raw, err := base64.RawURLEncoding.DecodeString(scale.Cursor(1, []int64{0, 127, 128, 1 << 27}))
	if err != nil || len(raw) != 1+1+1+2+4 {
		t.Errorf("got %d bytes, %v, want 9", len(raw), err)
	}
}
