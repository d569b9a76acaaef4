package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"chainmail/domain"
)

// A proof is somebody else's text: nothing in it does anything to a terminal.
func TestVerifyPrintsNoControls(t *testing.T) {
	t.Parallel()
	const evil = "\u009b31m\x1b[2J\u202e\n"
	s := shown{
		Origin: "log" + evil, Stream: domain.StreamID("stream" + evil), Type: domain.Type("Type" + evil),
		Payload: json.RawMessage(`{"x":"` + evil + `"}`), SignedBy: []string{"key" + evil},
	}
	var out bytes.Buffer
	if err := s.print(&out); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\u009b\x1b\u202e") {
		t.Errorf("printed raw: %q", out.String())
	}
	const escaped = `\u009b31m\x1b[2J\u202e\n`
	if n := strings.Count(out.String(), escaped); n != 5 {
		t.Errorf("%d values are escaped, want 5:\n%s", n, out.String())
	}
}

// A value is cut between characters, and what is cut is escaped as a whole.
func TestShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 40)
	for value, want := range map[string]string{
		"": "(none)", "null": "null", `"a"`: `"a"`, "\u009b": `\u009b`,
		long: long[:60] + "…", "x" + long: "x" + long[:58] + "…",
		strings.Repeat("\u202e", 30): strings.Repeat(`\u202e`, 20) + "…",
	} {
		if got := short(value); got != want {
			t.Errorf("%q: got %s, want %s", value, got, want)
		}
	}
}
