package state_test

import (
	"errors"
	"slices"
	"testing"

	"chainmail/domain"
	"chainmail/projections/state"
)

func TestSearchUsers(t *testing.T) {
	t.Parallel()
	db := open(t)
	h := newHistory()
	names := map[string]domain.ID{}
	for _, name := range []string{"Änne Müller", "Hanna Mull", "MÜLLERIN", "100% Bob_", "aaaaaa"} {
		names[name] = h.register(name, domain.RoleMember)
	}
	h.deactivate(h.register("Müller Gone", domain.RoleMember))
	mustApply(t, db, h.events)
	tests := map[string][]string{
		"müller": {"MÜLLERIN", "Änne Müller"},
		"MÜL":    {"MÜLLERIN", "Änne Müller"},
		"mull":   {"Hanna Mull"},
		"änn":    {"Änne Müller"},
		"0% ":    {"100% Bob_"},
		"ob_":    {"100% Bob_"},
		"aaaa":   {"aaaaaa"},
		"___":    nil,
		"%%%":    nil,
		"rin mü": nil,
	}
	for text, want := range tests {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := state.SearchUsers(t.Context(), tx, text, 10)
		_ = tx.Rollback()
		var ids []domain.ID
		for _, name := range want {
			ids = append(ids, names[name])
		}
		if err != nil || !slices.Equal(got, ids) {
			t.Errorf("%q: %v, %v, want %v", text, got, err, ids)
		}
	}
	if _, err := state.SearchUsers(t.Context(), nil, "ab", 10); !errors.Is(err, state.ErrShortQuery) {
		t.Errorf("two characters: %v, want ErrShortQuery", err)
	}
}
