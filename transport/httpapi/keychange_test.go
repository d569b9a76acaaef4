package httpapi_test

import (
	"encoding/json"
	"testing"

	"chainmail/eventstore/logkey"
)

// Who trusts the first key gets from it to the newest, by the notes alone.
func TestKeyAnnouncements(t *testing.T) {
	t.Parallel()
	l := newSealedLog(t)
	r := l.get("/api/log-key/announcements")
	r.headers("application/json", "max-age=2")
	if r.raw != `{"items":[]}`+"\n" {
		t.Errorf("before a change: %q", r.raw)
	}
	keys := []*logkey.Key{l.key, newKey(t), newKey(t)}
	for i, next := range keys[1:] {
		rotated, err := logkey.Announce(keys[i], next)
		if err != nil {
			t.Fatal(err)
		}
		l.append(&rotated)
	}
	var got struct {
		Items []struct {
			Position     int64
			Announcement string
		}
	}
	if err := json.Unmarshal([]byte(l.get("/api/log-key/announcements").raw), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Items) != 2 {
		t.Fatalf("got %+v", got.Items)
	}
	for i, item := range got.Items {
		want, err := logkey.Announce(keys[i], keys[i+1])
		if err != nil {
			t.Fatal(err)
		}
		if item.Position != int64(i+2) || item.Announcement != want.Announcement { // Ed25519 signs alike each time
			t.Errorf("announcement %d: got %+v, want %q", i, item, want.Announcement)
		}
	}
}
