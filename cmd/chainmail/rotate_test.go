package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chainmail/eventstore/logkey"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
)

// awaitSeal waits for a seal of the whole log but its own and other seals, and returns what the newest says.
func awaitSeal(t testing.TB, db *sql.DB) (signed string) {
	t.Helper()
	const query = `
		SELECT payload->>'checkpoint'
		FROM events AS s
		WHERE stream = 'seals' AND (payload->>'last_position')::bigint >=
			(SELECT max(position) FROM events WHERE type <> 'MerkleBatchSealed')
		ORDER BY position DESC
		LIMIT 1`
	eventually(t, "everything is sealed", func() bool {
		return db.QueryRowContext(t.Context(), query).Scan(&signed) == nil
	})
	return signed
}

func wantSignedBy(t testing.TB, signed, verifier string) {
	t.Helper()
	v, err := note.NewVerifier(verifier)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := merkle.OpenCheckpoint(signed, v); err != nil {
		t.Errorf("the checkpoint is not signed by %s: %v\n%s", verifier, err, signed)
	}
}

// Running servers seal with a new key as soon as it is announced, those that have its file. One without says so and serves.
func TestRotationUnderServers(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	first := m.serve("--listen", "127.0.0.1:0", "--batch-interval", "50ms")
	keyless := onDatabase(t, db.DSN).serve("--listen", "127.0.0.1:0", "--batch-interval", "50ms")
	old := m.must("log-key", "show")
	wantSignedBy(t, awaitSeal(t, db.SQL), old)
	next := m.must("log-key", "rotate")
	m.must("user", "add", "Alice")
	wantSignedBy(t, awaitSeal(t, db.SQL), next)
	if got, want := m.must("log-key", "show"), next+"\n"+old; got != want {
		t.Errorf("keys: got\n%s\nwant\n%s", got, want)
	}
	eventually(t, "the metrics tell who seals", func() bool {
		_, has := first.get("/metrics")
		_, lacks := keyless.get("/metrics")
		return strings.Contains(has, "\nchainmail_sealing 1\n") && strings.Contains(has, "\nchainmail_unsealed_events 0\n") &&
			strings.Contains(lacks, "\nchainmail_sealing 0\n")
	})
	said, err := os.ReadFile(keyless.log)
	if err != nil || strings.Count(string(said), "never seals; set --log-key-file") != 1 {
		t.Errorf("the server without a key said (%v):\n%s", err, said)
	}
	for _, s := range []*served{first, keyless} {
		if status := s.stop(); status != 0 {
			t.Errorf("exit status: got %d, want 0", status)
		}
	}
}

// Of rotations at once each wins alone or is refused; the file has the log's key in the end.
func TestRotationsAtOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	m.must("user", "add", "Alice")
	elsewhere := t.TempDir() // another machine, with a copy of the key
	copyFile(t, filepath.Join(dataDir(m), "log.key"), filepath.Join(elsewhere, "log.key"))
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 6 {
		dir := []string{dataDir(m), elsewhere}[i%2]
		wg.Go(func() {
			_, stderr, status := m.run("log-key", "rotate", "--data-dir", dir)
			mu.Lock()
			defer mu.Unlock()
			if status == 0 {
				won++
			} else if status != 1 {
				t.Errorf("status %d: %s", status, stderr)
			}
		})
	}
	wg.Wait()
	keys := strings.Fields(m.must("log-key", "show"))
	if won == 0 || len(keys) != won+1 {
		t.Errorf("%d won, and the log has %d keys", won, len(keys))
	}
	have := 0
	for _, dir := range []string{dataDir(m), elsewhere} {
		file := keyFile(filepath.Join(dir, "log.key"))
		if key, err := file.read(); err == nil && key.Verifier == keys[0] {
			have++
		}
		if _, err := os.Stat(string(file.next())); err == nil {
			t.Errorf("%s is left over", file.next())
		}
	}
	if have != 1 {
		t.Errorf("%d of the two have the log's key, want one", have)
	}
}

func dataDir(m *machine) string {
	for _, entry := range m.env {
		if dir, ok := strings.CutPrefix(entry, "CHAINMAIL_DATA_DIR="); ok {
			return dir
		}
	}
	return ""
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The change of files may be cut short after each of its steps: the key is found, and the change made up for, once.
func TestChangeOfKeyFilesCutShort(t *testing.T) {
	t.Parallel()
	for steps := range 3 {
		t.Run(fmt.Sprint(steps), func(t *testing.T) {
			t.Parallel()
			file := keyFile(filepath.Join(t.TempDir(), "log.key"))
			old, err := file.makeKey("chainmail/x")
			if err != nil {
				t.Fatal(err)
			}
			next, err := file.makeNext("chainmail/x")
			if err != nil {
				t.Fatal(err)
			}
			if again, err := file.makeNext("chainmail/x"); err != nil || again.Verifier != next.Verifier {
				t.Fatalf("a key that may be announced already was replaced: %v", err)
			}
			if steps > 0 {
				if err := os.Link(string(file), string(file.retired(old.Verifier))); err != nil {
					t.Fatal(err)
				}
			}
			if steps > 1 {
				if err := os.Remove(string(file)); err != nil { // as when somebody moved it by hand
					t.Fatal(err)
				}
			}
			for range 2 {
				if key, err := file.current(next.Verifier); err != nil || key.Verifier != next.Verifier {
					t.Fatalf("got %v, %v, want %s", key, err, next.Verifier)
				}
				if key, err := file.read(); err != nil || key.Verifier != next.Verifier {
					t.Errorf("the file has %v, %v, want %s", key, err, next.Verifier)
				}
			}
			if !file.has(old.Verifier) || !file.has(next.Verifier) {
				t.Error("a key is gone")
			}
			if key, err := file.current(old.Verifier); err == nil {
				t.Errorf("the old key is taken for the current one: %s", key.Verifier)
			}
		})
	}
}

// While somebody else changes the files, the key is used from where it is.
func TestKeyWhileFilesChange(t *testing.T) {
	t.Parallel()
	file := keyFile(filepath.Join(t.TempDir(), "log.key"))
	if _, err := file.makeKey("chainmail/x"); err != nil {
		t.Fatal(err)
	}
	next, err := file.makeNext("chainmail/x")
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := file.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.lock(); err != errLocked {
		t.Errorf("a second lock: got %v, want %v", err, errLocked)
	}
	if key, err := file.current(next.Verifier); err != nil || key.Verifier != next.Verifier {
		t.Errorf("got %v, %v, want %s", key, err, next.Verifier)
	}
	if _, err := file.next().read(); err != nil {
		t.Errorf("the next key was moved by another: %v", err)
	}
	unlock()
}

// makeKey makes the file's first key.
func (f keyFile) makeKey(origin string) (*logkey.Key, error) {
	flags := logKeyFlags{LogKeyFile: string(f)}
	return flags.ensureKey(new(databaseFlags), origin)
}
