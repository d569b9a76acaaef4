package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// While a server appends, replay sees one moment of the log, and it verifies.
func TestReplayWhileServing(t *testing.T) {
	t.Parallel()
	m := onDatabase(t, pgtest.New(t).DSN)
	s := m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0")
	c := newCrowd(t, m, s, 6)
	c.start()
	defer c.wg.Wait()
	defer close(c.done)
	c.awaitAcks(200)
	last := int64(0)
	for range 3 {
		c.awaitAcks(50) // it goes on
		lines := strings.Split(m.must("replay", "--format", "json", "--state", "--from", "1000000"), "\n")
		var end struct {
			Events   int64
			Verified bool
			Findings []any
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &end); err != nil {
			t.Fatal(err)
		}
		if end.Events <= last || !end.Verified {
			t.Errorf("after %d: %+v", last, end)
		}
		last = end.Events
	}
	path := filepath.Join(t.TempDir(), "log.jsonl.gz")
	m.must("replay", "--export", path)
	if got := m.must("replay", "--file", path, "--log-key", logKeyOf(t, m)); !strings.Contains(got, "no finding") {
		t.Errorf("the export: %s", got)
	}
	close(c.closing)
	eventually(t, "every message is acknowledged", c.quiet)
}

// logKeyOf returns the key that a log began with.
func logKeyOf(t testing.TB, m *machine) string {
	t.Helper()
	var first struct {
		Payload struct {
			PublicKey string `json:"public_key"`
		}
	}
	line, _, _ := strings.Cut(m.must("replay", "--to", "1", "--format", "json"), "\n")
	if err := json.Unmarshal([]byte(line), &first); err != nil {
		t.Fatal(err)
	}
	return first.Payload.PublicKey
}
