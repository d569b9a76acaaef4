package train

import (
	"testing"

	"chainmail/guard"
)

func TestGroupsJoinNearCopies(t *testing.T) {
	t.Parallel()
	texts := []string{
		0: "you have won a prize, call 0800 now",
		1: "hello there",
		2: "Dear customer: YOU have won a PRIZE!",        // five words in a row with 0
		3: "dear customer you have called us, thank you", // only four with 2
		4: "hello, there!",                               // the same words as 1
		5: "so dear customer you have won it",            // five with 2, and so in its group
		6: "12345",
		7: "67890", // no words at all: a copy of 6
	}
	var normal []*guard.Text
	for _, text := range texts {
		normal = append(normal, guard.Normalise(text))
	}
	want := []int{0, 1, 0, 3, 1, 0, 6, 6}
	for i, got := range groups(normal) {
		if got != want[i] {
			t.Errorf("%q is in group %d, want %d", texts[i], got, want[i])
		}
	}
}

func TestFoldsAreEven(t *testing.T) {
	t.Parallel()
	n := make([]int, Folds)
	for group := range 10000 {
		fold := foldOf(group)
		if fold != foldOf(group) {
			t.Fatal("a group is in two folds")
		}
		n[fold]++
	}
	for fold, size := range n {
		if size < 1800 || size > 2200 {
			t.Errorf("fold %d has %d of 10,000 groups", fold, size)
		}
	}
}
