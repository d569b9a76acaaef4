package eventstore_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

// knownLeaf is an event and what its leaf is, worked out by another program.
type knownLeaf struct {
	Name           string          `json:"name"`
	Position       domain.Position `json:"position"`
	EventID        domain.ID       `json:"event_id"`
	Stream         domain.StreamID `json:"stream"`
	StreamVersion  domain.Version  `json:"stream_version"`
	Type           domain.Type     `json:"type"`
	Payload        string          `json:"payload"`
	Metadata       string          `json:"metadata"`
	RecordedMicros int64           `json:"recorded_micros"`
	Leaf           string          `json:"leaf"`
	LeafHash       string          `json:"leaf_hash"`
}

func (k knownLeaf) event() domain.Event {
	return domain.Event{
		Position: k.Position, ID: k.EventID, Stream: k.Stream, Version: k.StreamVersion, Type: k.Type,
		Payload: []byte(k.Payload), Metadata: []byte(k.Metadata), RecordedAt: time.UnixMicro(k.RecordedMicros),
	}
}

// Leaves never change: every hash, seal and proof ever given rests on them.
func TestLeafKnownAnswers(t *testing.T) {
	t.Parallel()
	for _, known := range readLeaves(t) {
		t.Run(known.Name, func(t *testing.T) {
			t.Parallel()
			leaf := eventstore.Leaf(known.event())
			if got := hex.EncodeToString(leaf); got != known.Leaf {
				t.Errorf("leaf:\n got %s\nwant %s", got, known.Leaf)
			}
			hash := merkle.LeafHash(leaf)
			if got := hex.EncodeToString(hash[:]); got != known.LeafHash {
				t.Errorf("leaf hash: got %s, want %s", got, known.LeafHash)
			}
		})
	}
}

// RFC 6962 §2.1: the hash of a leaf is not the hash of its bytes, so that no inner node is a leaf.
func TestLeafHashOfNothing(t *testing.T) {
	t.Parallel()
	if got, want := merkle.LeafHash(nil), sha256.Sum256([]byte{0}); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestLeafLeavesOutBodyAndHash(t *testing.T) {
	t.Parallel()
	e := readLeaves(t)[0].event()
	want := eventstore.Leaf(e)
	e.Body, e.LeafHash = []byte(`{"content":"gone some day"}`), [32]byte{1}
	if got := eventstore.Leaf(e); !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

// Every column but body and leaf_hash counts, and no text can pass for its neighbour.
func TestLeafTellsEventsApart(t *testing.T) {
	t.Parallel()
	e := domain.Event{Position: 1, ID: domain.ID{1}, Stream: "s", Version: 1, Type: "t", Payload: []byte("p"), Metadata: []byte("m")}
	seen := map[string]string{string(eventstore.Leaf(e)): "the event"}
	for name, change := range map[string]func(*domain.Event){
		"position":     func(e *domain.Event) { e.Position++ },
		"id":           func(e *domain.Event) { e.ID[15]++ },
		"stream":       func(e *domain.Event) { e.Stream = "S" },
		"version":      func(e *domain.Event) { e.Version++ },
		"type":         func(e *domain.Event) { e.Type = "T" },
		"payload":      func(e *domain.Event) { e.Payload = []byte("P") },
		"metadata":     func(e *domain.Event) { e.Metadata = []byte("M") },
		"time":         func(e *domain.Event) { e.RecordedAt = e.RecordedAt.Add(time.Microsecond) },
		"payload less": func(e *domain.Event) { e.Payload, e.Metadata = nil, []byte("pm") },
		"payload more": func(e *domain.Event) { e.Payload, e.Metadata = []byte("pm"), nil },
	} {
		changed := e
		change(&changed)
		leaf := string(eventstore.Leaf(changed))
		if other, found := seen[leaf]; found {
			t.Errorf("another %s has the leaf of %s", name, other)
		}
		seen[leaf] = name
	}
}

// The database, which hashes what it stores, makes the same bytes.
func TestLeafIsTheDatabases(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	for _, known := range readLeaves(t) {
		checkLeafOfDatabase(t, db, known.event())
	}
	rapid.Check(t, func(rt *rapid.T) {
		for _, e := range rapid.SliceOfN(rapid.Custom(drawEvent), 1, 10).Draw(rt, "events") {
			checkLeafOfDatabase(rt, db, e)
		}
	})
}

func checkLeafOfDatabase(t rapid.TB, db *sql.DB, e domain.Event) {
	t.Helper()
	var leaf, hash []byte
	err := db.QueryRow(`
		SELECT l.leaf, sha256('\x00'::bytea || l.leaf)
		FROM event_leaf($1, $2::uuid, $3, $4, $5, $6, $7, $8) AS l (leaf)`,
		int64(e.Position), e.ID.String(), string(e.Stream), int64(e.Version),
		string(e.Type), string(e.Payload), string(e.Metadata), e.RecordedAt.UnixMicro(),
	).Scan(&leaf, &hash)
	if err != nil {
		t.Fatal(err)
	}
	want := eventstore.Leaf(e)
	if !bytes.Equal(leaf, want) {
		t.Fatalf("%+v:\nPostgreSQL %x\n        Go %x", e, leaf, want)
	}
	if wantHash := merkle.LeafHash(want); !bytes.Equal(hash, wantHash[:]) {
		t.Fatalf("hash: PostgreSQL %x, Go %x", hash, wantHash)
	}
}

// drawEvent makes an event of any text that PostgreSQL takes: all but U+0000.
func drawEvent(t *rapid.T) domain.Event {
	text := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 }))
	return domain.Event{
		Position:   domain.Position(rapid.Int64Min(1).Draw(t, "position")),
		ID:         domain.ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
		Stream:     domain.StreamID(text.Draw(t, "stream")),
		Version:    domain.Version(rapid.Int64Min(1).Draw(t, "version")),
		Type:       domain.Type(text.Draw(t, "type")),
		Payload:    []byte(text.Draw(t, "payload")),
		Metadata:   []byte(text.Draw(t, "metadata")),
		RecordedAt: time.UnixMicro(rapid.Int64Range(0, 253_402_300_799_999_999).Draw(t, "recorded_at")),
	}
}

func readLeaves(t testing.TB) []knownLeaf {
	t.Helper()
	raw, err := os.ReadFile("testdata/leaves.json")
	if err != nil {
		t.Fatal(err)
	}
	var leaves []knownLeaf
	if err := json.Unmarshal(raw, &leaves); err != nil {
		t.Fatal(err)
	}
	if len(leaves) == 0 {
		t.Fatal("no leaves")
	}
	return leaves
}
