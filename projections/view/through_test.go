package view_test

import (
	"testing"

	"chainmail/domain"
)

// A view that was given some of the events knows what they say, is true as of the position that it was told, and does not claim to
// know when anything last moved.
func TestApplyThrough(t *testing.T) {
	t.Parallel()
	m := started(t)
	v := load(t, m)
	v.Apply(m.message(t, group, 2)) // position 5
	m.message(t, group, 3)
	kept := m.message(t, group, 4)
	m.message(t, group, 5)
	v.ApplyThrough(kept, 8)
	if v.Position() != 8 || v.Unfit() != 0 {
		t.Errorf("position %d, unfit %d; want 8 and 0", v.Position(), v.Unfit())
	}
	if _, ok := v.Message(domain.ID{0: 1, 15: 4}); !ok {
		t.Error("the message that was given is not known")
	}
	if at, known := v.LastActivity(group); at != 8 || known {
		t.Errorf("activity %d, %t; want at most 8", at, known)
	}
	v.ApplyThrough(nil, 9)
	if at, known := v.LastActivity(group); v.Position() != 9 || at != 9 || known {
		t.Errorf("position %d, activity %d, %t; want at most 9", v.Position(), at, known)
	}
	m.message(t, group, 6)
	v.ApplyThrough(m.message(t, group, 7), 10)
	if at, known := v.LastActivity(group); at != 10 || !known {
		t.Errorf("activity %d, %t; want 10, since nothing was left out", at, known)
	}
}
