package wire_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"chainmail/domain/wire"
)

func TestAppendString(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"empty", "", `""`},
		{"plain", "hello", `"hello"`},
		{"quote and backslash", `a"b\c`, `"a\"b\\c"`},
		{"short escapes", "\b\f\n\r\t", `"\b\f\n\r\t"`},
		{"other controls", "\x00\x01\x1f", `"\u0000\u0001\u001f"`},
		{"DEL is no JSON control", "\x7f", "\"\x7f\""},
		{"nothing for HTML", "<a href='x'>&amp;</a>", `"<a href='x'>&amp;</a>"`},
		{"line separators as they are", "a\u2028b\u2029c", "\"a\u2028b\u2029c\""},
		{"beyond the BMP", "🙂é", `"🙂é"`},
		{"a replacement character that was sent", "\uFFFD", "\"\uFFFD\""},
		{"bytes that are no UTF-8", "a\xffb\xc3", "\"a\uFFFDb\uFFFD\""},
		{"escape at both ends", "\nx\n", `"\nx\n"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := string(wire.AppendString(nil, tc.in)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
			if got := string(wire.AppendString([]byte("x"), tc.in)); got != "x"+tc.want {
				t.Errorf("after a prefix: got %s, want x%s", got, tc.want)
			}
		})
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("plain")
	f.Add("\x00\"\\\u2028<\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(wire.AppendString(nil, s), &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		want := s
		if !utf8.ValidString(s) {
			want = string([]rune(s))
		}
		if back != want {
			t.Errorf("got %q, want %q", back, want)
		}
	})
}

func TestAppendTime(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("east", 2*60*60)
	for _, tc := range []struct {
		name string
		in   time.Time
		want string
	}{
		{"whole second", time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC), `"2025-03-04T05:06:07.000000Z"`},
		{"six digits", time.Date(2025, 3, 4, 5, 6, 7, 120_000, time.UTC), `"2025-03-04T05:06:07.000120Z"`},
		{"finer is cut", time.Date(2025, 3, 4, 5, 6, 7, 999_999_999, time.UTC), `"2025-03-04T05:06:07.999999Z"`},
		{"in UTC", time.Date(2025, 3, 4, 1, 6, 7, 0, zone), `"2025-03-03T23:06:07.000000Z"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := string(wire.AppendTime(nil, tc.in)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestAppendScore(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		in   float64
		want string
	}{
		{0, "0"},
		{1, "1"},
		{0.5, "0.5"},
		{0.07, "0.07"},
		{0.123, "0.12"},
		{0.125001, "0.13"},
		{0.999, "1"},
		{0.001, "0"},
		{-3, "0"},
		{7, "1"},
		{math.Copysign(0, -1), "0"},
		{math.NaN(), "0"},
		{math.Inf(1), "1"},
	} {
		if got := string(wire.AppendScore(nil, tc.in)); got != tc.want {
			t.Errorf("%v: got %s, want %s", tc.in, got, tc.want)
		}
	}
}

func TestNullForNone(t *testing.T) {
	t.Parallel()
	if got := string(wire.AppendStringOrNull(nil, "")); got != "null" {
		t.Errorf("no string: got %s", got)
	}
	if got := string(wire.AppendStringOrNull(nil, "a")); got != `"a"` {
		t.Errorf("a string: got %s", got)
	}
	if got := string(wire.AppendTimeOrNull(nil, time.Time{})); got != "null" {
		t.Errorf("no time: got %s", got)
	}
	if got := string(wire.AppendTimeOrNull(nil, time.Unix(0, 0))); got != `"1970-01-01T00:00:00.000000Z"` {
		t.Errorf("a time: got %s", got)
	}
}

func BenchmarkAppendString(b *testing.B) {
	text := strings.Repeat("a message with ordinary words, ", 6)
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buf = wire.AppendString(buf[:0], text)
	}
}
