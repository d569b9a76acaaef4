package guard

import (
	"os"
	"strings"
	"testing"
)

// The scorer, which goes by hashes and sums made ready, adds up what the model says of the names that Features finds.
func TestScorerAgreesWithFeatures(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	c := ShippedClassifier()
	texts := append(strings.Split(string(data), "\n"), "", "localhost http://localhost", strings.Repeat("scam", 200), strings.Repeat("скам", 100), string(data[:5000]))
	s := newScorer(c.table)
	for _, text := range texts {
		normal := Normalise(text)
		var sums [4][maxHeads]int32
		var count [4]int
		seen := map[string]bool{}
		for _, name := range Features(normal) {
			kind := strings.IndexByte(featureKinds, name[0])
			count[kind]++
			if seen[name] {
				continue
			}
			seen[name] = true
			for h, w := range c.model.weights(name) {
				sums[kind][h] += int32(w)
			}
		}
		s.run(normal)
		count[traitKind] = s.count[traitKind] // says nothing
		if s.sums != sums || s.count != count {
			t.Errorf("%.60q: got sums %v of %v features, want %v of %v", text, s.sums, s.count, sums, count)
		}
	}
}
