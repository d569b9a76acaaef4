package logkey_test

import (
	"slices"
	"testing"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/eventstore/logkey"
	"chainmail/migrations/pgtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

// appendToLog appends an event of the log about itself, and returns its position.
func appendToLog(t testing.TB, log *eventstore.Log, data domain.Data) domain.Position {
	t.Helper()
	results, err := log.Append(t.Context(), domain.Decision{
		Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: []domain.Draft{{Stream: domain.LogStream, Data: data}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return results[0].Events[0].Position
}

// All keys are read, the newest first, over more than a page of them.
func TestReadAnnounced(t *testing.T) {
	t.Parallel()
	log := eventstoretest.Open(t, pgtest.New(t).DSN)
	if keys, err := logkey.ReadAnnounced(t.Context(), log); len(keys) != 0 || err != nil {
		t.Errorf("an empty log: got %v, %v", keys, err)
	}
	key := newKey(t, "log")
	id := domain.ID{15: 1}
	at := appendToLog(t, log, &domain.LogCreated{LogID: id, Origin: "log", PublicKey: key.Verifier})
	want := []logkey.Announced{{Verifier: key.Verifier, Position: at}}
	for range 230 {
		next := newKey(t, "log")
		announced, err := logkey.Announce(key, next)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, logkey.Announced{Verifier: next.Verifier, Position: appendToLog(t, log, &announced), Announcement: announced.Announcement})
		key = next
	}
	slices.Reverse(want)
	got, err := logkey.ReadAnnounced(t.Context(), log)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %d keys, %v, want %d, the newest first", len(got), err, len(want))
	}
}
