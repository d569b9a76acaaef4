package checkpoint_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
	"chainmail/projections/checkpoint"
)

// The first checkpoint that is seen is kept, then each newer one, to the byte, and nothing is left lying about.
func TestKeep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k, err := checkpoint.Open(t.Context(), w.log, w.file, quiet)
	if err != nil {
		t.Fatal(err)
	}
	w.run(k.Run)
	for range 3 {
		w.grow(5)
		w.awaitKept(w.seal())
	}
	eventually(t, "the size is told", func() bool { return k.Size() == int64(w.sealed) })
	names, err := os.ReadDir(filepath.Dir(string(w.file)))
	if err != nil || len(names) != 2 || names[1].Name() != "checkpoint.lock" {
		t.Errorf("files: %v, %v", names, err)
	}
	w.wantDoubt("")
}

// A checkpoint that the log does not bear out is not kept.
func TestAForgedSealIsNotKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.seal()
	w.keep(first)
	_, other, err := logkey.Generate(w.key.Origin())
	if err != nil {
		t.Fatal(err)
	}
	w.grow(2)
	w.sealWith(other)
	if _, _, err := checkpoint.Latest(t.Context(), w.log); err == nil || !strings.Contains(err.Error(), "contradicts the log") {
		t.Errorf("a stranger's seal: got %v", err)
	}
	k, err := checkpoint.Open(t.Context(), w.log, w.file, quiet)
	if err != nil {
		t.Fatal(err)
	}
	w.run(k.Run)
	w.grow(2)
	w.awaitKept(w.seal())
}

// What a start finds, for each way in which a log can lack what was kept. Nothing is found where only the projection's tables do.
func TestDoubts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*world, string)
		want   string
	}{
		"nothing":       {func(*world, string) {}, ""},
		"more events":   {func(w *world, _ string) { w.grow(3) }, ""},
		"no tree":       {func(w *world, _ string) { w.forge(`TRUNCATE merkle_nodes, merkle_batches`) }, ""},
		"a wrong tree":  {func(w *world, _ string) { w.forge(`UPDATE merkle_nodes SET hash = sha256('x')`) }, ""},
		"a shorter log": {func(w *world, _ string) { w.forge(`DELETE FROM events WHERE position > 100`) }, "has 100 events, and had 301 at least"},
		"another event": {func(w *world, _ string) {
			w.forge(`UPDATE events SET leaf_hash = sha256('x') WHERE position = 301`)
		}, "another root"},
		"a file of rubble": {func(w *world, _ string) { w.write(string(w.file), "rubble") }, "cannot be read"},
		"another log": {func(w *world, signed string) {
			w.write(string(w.file), strings.Replace(signed, "chainmail.example/log\n", "other.example/log\n", 1))
		}, "this is another log"},
		"a stranger's key": {func(w *world, signed string) {
			_, other, err := logkey.Generate(w.key.Origin())
			if err != nil {
				w.t.Fatal(err)
			}
			c, err := merkle.ReadCheckpoint(signed)
			if err != nil {
				w.t.Fatal(err)
			}
			forged, err := c.Sign(other)
			if err != nil {
				w.t.Fatal(err)
			}
			w.write(string(w.file), forged)
		}, "not signed by a key that the log knows"},
		"a loss": {func(w *world, _ string) {
			w.write(string(w.file)+".lost", `{"position":5,"event_id":"01890a5d-ac96-774b-bcce-b302099a8057"}`)
		}, "position 5 is gone, or another has its place"},
		"a loss of what nobody saw": {func(w *world, _ string) { w.write(string(w.file)+".lost", `{"position":5,"event_id":null}`) }, "position 5 is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.grow(300)
			signed := w.seal()
			w.keep(signed)
			c.change(w, signed)
			w.wantDoubt(c.want)
			if c.want != "" {
				w.wantDoubt(c.want) // it stays so
			}
		})
	}
}

// A log whose lost event is there again is trusted again.
func TestALossThatIsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.grow(2)
	events, err := w.log.At(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	lost := string(w.file) + ".lost"
	w.write(lost, `{"position":2,"event_id":"`+events[0].ID.String()+`"}`)
	w.wantDoubt("")
	if _, err := os.Stat(lost); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note of the loss: %v, want it gone", err)
	}
}

// A log in which something was kept does not begin anew.
func TestAnEmptyLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.keep(w.seal())
	empty := &world{t: t, db: pgtest.New(t)}
	if _, err := checkpoint.Open(t.Context(), empty.open(), w.file, quiet); !errors.Is(err, checkpoint.ErrEmpty) {
		t.Errorf("got %v, want ErrEmpty", err)
	}
}

// A server that runs notices at its next connection that the log no longer contains what is kept, though it is as long as ever.
func TestNoticedWhenConnectingAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.grow(3)
	w.keep(w.seal())
	log := w.open()
	if _, err := checkpoint.Open(t.Context(), log, w.file, quiet); err != nil {
		t.Fatal(err)
	}
	w.start(log)
	d := domain.Decision{
		Actor:  domain.Actor{Auth: domain.AuthSystem},
		Drafts: []domain.Draft{{Stream: "guard-1", Data: &domain.UserBlocked{UserID: domain.ID{15: 6}, BlockedID: domain.ID{15: 7}}}},
	}
	if _, err := log.Append(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	w.forge(`UPDATE events SET leaf_hash = sha256('x') WHERE position = 2`)
	before := log.Head()
	w.forge(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	eventually(t, "the log is cut short", func() bool {
		_, err := log.Append(t.Context(), d)
		return errors.Is(err, eventstore.ErrCutShort)
	})
	if head, err := log.Fresh(t.Context()); err != nil || head != before {
		t.Errorf("the head: got %d, %v, want %d: nothing was appended, and reads are served", head, err, before)
	}
}

// What is accepted takes the place of what was kept, which is set aside with what was noted as lost.
func TestAccept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.seal()
	w.keep(old)
	w.write(string(w.file)+".lost", "{}")
	now := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	for i, signed := range []string{"signed\n", ""} {
		aside, err := w.file.Accept(signed, now.Add(time.Duration(i)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.file.Read(); err != nil || got != signed {
			t.Errorf("kept: got %q, %v, want %q", got, err, signed)
		}
		if i > 0 {
			continue
		}
		want := []string{string(w.file) + ".1.20261122T101500.000Z", string(w.file) + ".lost.20261122T101500.000Z"}
		if len(aside) != 2 || aside[0] != want[0] || aside[1] != want[1] {
			t.Fatalf("set aside %q, want %q", aside, want)
		}
		if got, err := checkpoint.File(aside[0]).Read(); err != nil || got != old {
			t.Errorf("set aside: got %q, %v, want what was kept", got, err)
		}
	}
	w.wantDoubt("")
}
