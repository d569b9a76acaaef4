package guard_test

import (
	"testing"

	"chainmail/guard"
)

func BenchmarkScore(b *testing.B) {
	text := guard.Normalise("Hey, are we still on for dinner tonight? I can be there around 7, let me know if that works. See you")
	classifier := guard.ShippedClassifier()
	b.ReportAllocs()
	for b.Loop() {
		classifier.Score(text)
	}
}
