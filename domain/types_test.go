package domain_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
)

// The types are those of the golden files, and none of them is a newer release's.
func TestTypes(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir("testdata/events")
	if err != nil {
		t.Fatal(err)
	}
	var golden []domain.Type
	for _, f := range files {
		name, _, _ := strings.Cut(f.Name(), ".")
		golden = append(golden, domain.Type(name))
	}
	slices.Sort(golden)
	golden = slices.Compact(golden)
	types := domain.Types()
	slices.Sort(types)
	if !slices.Equal(types, golden) {
		t.Errorf("got %v, and the golden files are of %v", types, golden)
	}
}
