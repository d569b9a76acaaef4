package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"chainmail/audit"
)

// Every sort of value in a state table is printed as people read it, and does nothing to a terminal.
func TestPrintable(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 5, 4, 9, 30, 0, 123456000, time.UTC)
	table := printable(audit.Table{
		Name: "t", Columns: []string{"id", "text", "json", "time", "number", "none"},
		Rows: [][]any{{testID(1, 2), "a\x1b", json.RawMessage("[{\"rule\":\"\u202e\"}]"), at, int64(7), nil}},
	})
	var out bytes.Buffer
	if err := table.print(&out, false); err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(out.String(), "\n")
	want := testID(1, 2).String() + ` a\x1b [{"rule":"\u202e"}] 2026-05-04T09:30:00.123456Z 7 -`
	if got := strings.Join(strings.Fields(row), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
