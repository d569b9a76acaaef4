package checkpoint_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
	"chainmail/projections/batches"
	"chainmail/projections/checkpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(pgtest.Runner{M: m}) }

var quiet = slog.New(slog.DiscardHandler)

// world is a log that is sealed on request, and the place of a kept checkpoint.
type world struct {
	t      testing.TB
	db     *pgtest.DB
	log    *eventstore.Log
	key    *logkey.Key
	sealed domain.Position // the last one
	file   checkpoint.File
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: pgtest.New(t), file: checkpoint.File(filepath.Join(t.TempDir(), "folder", "checkpoint"))}
	_, key, err := logkey.Generate("chainmail.example/log")
	if err != nil {
		t.Fatal(err)
	}
	w.key = key
	w.log = w.open()
	w.start(w.log)
	w.append(domain.Draft{Stream: domain.LogStream, Data: &domain.LogCreated{
		LogID: domain.ID{15: 1}, Origin: key.Origin(), PublicKey: key.Verifier,
	}})
	return w
}

// open opens the log as a server that starts; it does not run.
func (w *world) open() *eventstore.Log {
	w.t.Helper()
	log, err := eventstore.Open(w.t.Context(), w.db.DSN, quiet)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = log.Close() })
	return log
}

// start runs the log until the test ends.
func (w *world) start(log *eventstore.Log) { w.run(log.Run) }

func (w *world) run(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
	})
}

func (w *world) append(drafts ...domain.Draft) {
	w.t.Helper()
	d := domain.Decision{Actor: domain.Actor{Auth: domain.AuthSystem}, Drafts: drafts}
	if _, err := w.log.Append(w.t.Context(), d); err != nil {
		w.t.Fatal(err)
	}
}

// grow appends some events that mean nothing.
func (w *world) grow(n int) {
	w.t.Helper()
	drafts := make([]domain.Draft, n)
	for i := range drafts {
		drafts[i] = domain.Draft{Stream: "guard-" + domain.StreamID(fmt.Sprint(i)), Data: &domain.UserBlocked{UserID: domain.ID{15: 6}, BlockedID: domain.ID{15: 7}}}
	}
	w.append(drafts...)
}

// seal seals the log under a key and projects that.
func (w *world) sealWith(key *logkey.Key) (signed string) {
	w.t.Helper()
	head := w.log.Head()
	tree, err := batches.Tree{DB: w.log.DB()}.Recompute(w.t.Context(), int64(head))
	if err != nil {
		w.t.Fatal(err)
	}
	signed, err = merkle.Checkpoint{Origin: key.Origin(), Size: int64(head), Root: tree.Root()}.Sign(key)
	if err != nil {
		w.t.Fatal(err)
	}
	d := domain.NewState().Seal(domain.Batch{First: w.sealed + 1, Last: head, Root: tree.Root(), Checkpoint: signed})
	results, err := w.log.Append(w.t.Context(), d)
	if err != nil {
		w.t.Fatal(err)
	}
	w.sealed = head
	tx, err := w.log.DB().BeginTx(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	defer tx.Rollback()
	if err := batches.Apply(w.t.Context(), tx, results[0].Events); err != nil {
		w.t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		w.t.Fatal(err)
	}
	return signed
}

func (w *world) seal() string { return w.sealWith(w.key) }

// keep has a server that starts keep what is sealed, and waits until it has.
func (w *world) keep(signed string) {
	w.t.Helper()
	log := w.open()
	k, err := checkpoint.Open(w.t.Context(), log, w.file, quiet)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	w.awaitKept(signed)
	cancel()
	if err := <-ended; err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) awaitKept(signed string) {
	w.t.Helper()
	eventually(w.t, "the checkpoint is kept", func() bool {
		got, err := w.file.Read()
		return err == nil && got == signed
	})
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// forge changes what nobody may change.
func (w *world) forge(statement string, args ...any) {
	w.t.Helper()
	for _, s := range []string{`ALTER TABLE events DISABLE TRIGGER USER`, `ALTER TABLE events_000000 DISABLE TRIGGER USER`} {
		if _, err := w.db.SQL.ExecContext(w.t.Context(), s); err != nil {
			w.t.Fatal(err)
		}
	}
	if _, err := w.db.SQL.ExecContext(w.t.Context(), statement, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(name, content string) {
	w.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// doubt is what a server that starts finds wrong with the log, empty if nothing.
func (w *world) doubt() string {
	w.t.Helper()
	log := w.open()
	if _, err := checkpoint.Open(w.t.Context(), log, w.file, quiet); err != nil {
		w.t.Fatal(err)
	}
	if log.Doubt() == nil {
		return ""
	}
	return log.Doubt().Error()
}

func (w *world) wantDoubt(want string) {
	w.t.Helper()
	if got := w.doubt(); !strings.Contains(got, want) || (want == "") != (got == "") {
		w.t.Errorf("doubt: got %q, want %q", got, want)
	}
}
