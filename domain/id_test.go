package domain_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"chainmail/domain"
)

const canonical = "0190a3b2-77aa-7cde-8123-456789abcdef"

func TestParseID(t *testing.T) {
	t.Parallel()
	for _, text := range []string{canonical, strings.ToUpper(canonical)} {
		id, err := domain.ParseID(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := id.String(); got != canonical {
			t.Errorf("%s: got %s, want %s", text, got, canonical)
		}
	}
	for _, text := range []string{
		"",
		"0190a3b2",
		strings.ReplaceAll(canonical, "-", ""),
		"{" + canonical + "}",
		"urn:uuid:" + canonical,
		canonical + "0",
		canonical[:35],
		" " + canonical[1:],
		"0190a3b2077aa-7cde-8123-456789abcdef",
		"0190a3b2-77aa07cde-8123-456789abcdef",
		"0190a3b2-77aa-7cde08123-456789abcdef",
		"0190a3b2-77aa-7cde-81230456789abcdef",
		"0190a3b-277aa-7cde-8123-456789abcdef",
		"g" + canonical[1:],
		canonical[:35] + "\xff",
		"00000000-0000-0000-0000-000000000000",
	} {
		if id, err := domain.ParseID(text); !errors.Is(err, domain.ErrBadID) || !id.IsZero() {
			t.Errorf("%q: got %s, %v, want ErrBadID", text, id, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	f.Add(canonical)
	f.Add("00000000-0000-0000-0000-000000000000")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := domain.ParseID(text)
		if err != nil {
			return
		}
		if id.IsZero() || id.String() != strings.ToLower(text) {
			t.Errorf("%q: got %s", text, id)
		}
	})
}

func TestIDScan(t *testing.T) {
	t.Parallel()
	want, err := domain.ParseID(canonical)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name string
		src  any
		want domain.ID
		ok   bool
	}{
		{"bytes", []byte(canonical), want, true},
		{"text", canonical, want, true},
		{"NULL", nil, domain.ID{}, true},
		{"no id", "x", id(1), false},
		{"a number", 7, id(1), false},
	} {
		got := id(1)
		if err := got.Scan(tc.src); (err == nil) != tc.ok || got != tc.want {
			t.Errorf("%s: got %s, %v, want %s", tc.name, got, err, tc.want)
		}
	}
}

func TestIDOrder(t *testing.T) {
	t.Parallel()
	ids := []domain.ID{{}, {15: 1}, {6: 0x70}, {0: 1}, {0: 1, 15: 1}, {0: 0xff}}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
		if id.Less(id) || id.Compare(id) != 0 {
			t.Errorf("%s is not equal to itself", id)
		}
		for _, later := range ids[i+1:] {
			if !id.Less(later) || later.Less(id) || id.Compare(later) != -1 || later.Compare(id) != 1 {
				t.Errorf("%s is not before %s", id, later)
			}
		}
	}
	if !slices.IsSorted(texts) {
		t.Errorf("texts are in another order: %v", texts)
	}
}
