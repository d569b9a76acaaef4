package httpapi_test

import (
	"net/http"
	"testing"

	"chainmail/merkle"
)

// TestBatches lists the seals of a log, whole and by pages.
func TestBatches(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	const path = "/api/log/batches"
	empty := l.get(path)
	empty.headers("application/json", "max-age=2")
	if got := empty.items(); len(got) != 0 || empty.body["next_cursor"] != nil {
		t.Errorf("of nothing: %s", empty.raw)
	}
	for range 5 {
		l.fill(3)
		l.seal()
	}
	whole := l.get(path).items()
	l.checkBatches(whole)
	var joined []map[string]any
	for cursor := ""; ; {
		page := l.get(path + "?limit=2" + cursor)
		joined = append(joined, page.items()...)
		if page.body["next_cursor"] == nil {
			break
		}
		if len(page.items()) != 2 {
			t.Errorf("a page of %d", len(page.items()))
		}
		cursor = "&cursor=" + page.text("next_cursor")
	}
	l.checkBatches(joined)
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=x": "limit", "cursor=x": "cursor", "cursor=YmxvY2tzCjE": "cursor", "cursor=%00": "cursor",
	} {
		l.get(path+"?"+query).problem(http.StatusUnprocessableEntity, "invalid_field", field)
	}
	if got := l.get(path + "?limit=100000").items(); len(got) != len(whole) {
		t.Errorf("with a large limit: %d", len(got))
	}
}

// checkBatches holds a list against the checkpoints that were made, and the tree that they are of.
func (l *sealedLog) checkBatches(items []map[string]any) {
	l.t.Helper()
	if len(items) != len(l.checkpoints) {
		l.t.Fatalf("got %d batches, want %d", len(items), len(l.checkpoints))
	}
	first := int64(1)
	for i, c := range l.checkpoints {
		got := items[len(items)-1-i]
		for field, want := range map[string]any{
			"first_position": float64(first), "last_position": float64(c.Size), "tree_size": float64(c.Size),
			"root": c.Root.String(), "position": float64(c.Size + 1), // the seal follows what it seals here
		} {
			if got[field] != want {
				l.t.Errorf("batch %d: %s: got %v, want %v", i, field, got[field], want)
			}
		}
		if _, is := got["sealed_at"].(string); !is || len(got) != 6 {
			l.t.Errorf("batch %d: %v", i, got)
		}
		first = c.Size + 1
	}
	latest, err := merkle.OpenCheckpoint(l.get("/checkpoint").raw, l.verifier())
	if err != nil || items[0]["root"] != latest.Root.String() {
		l.t.Errorf("the newest is %v, the checkpoint %+v, %v", items[0], latest, err)
	}
}
