package worktest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// CheckBuilds fails unless the tables, for any history, are those that a model gives: built event by event, in batches, in one
// go, and from the events of the projection's types alone. The model lists a table's rows as Rows does.
func CheckBuilds(t *testing.T, x Tables, model func(events []domain.Event, table string) []string) {
	rapid.Check(t, func(t *rapid.T) {
		events := Random(t).Events
		steps := make([]int, len(events))
		for i := range steps {
			steps[i] = i
		}
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(events)), 0, 10).Draw(t, "cuts")
		check := func(how string, given []domain.Event, cuts []int) {
			if err := x.Build(t.Context(), given, cuts); err != nil {
				t.Fatalf("%s: %v", how, err)
			}
			for _, table := range x.Projection.Tables {
				got, err := x.Rows(t.Context(), table)
				if err != nil {
					t.Fatal(err)
				}
				compareRows(t, how+": "+table, got, model(events, table))
			}
		}
		check("event by event", events, steps)
		check("in batches", events, cuts)
		check("in one go", events, nil)
		types := x.Projection.Types
		alone := slices.DeleteFunc(slices.Clone(events), func(e domain.Event) bool { return !slices.Contains(types, e.Type) })
		check("of its types", alone, nil)
	})
}

func compareRows(t *rapid.T, what string, got, want []string) {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("%s lacks %s", what, want[i])
		case i >= len(want):
			t.Errorf("%s has   %s", what, got[i])
		case got[i] != want[i]:
			t.Errorf("%s\ngot  %s\nwant %s", what, got[i], want[i])
		}
	}
}
