package session_test

import (
	"database/sql"
	"testing"

	"github.com/google/uuid"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/migrations/pgtest"
	"chainmail/transport/session"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a database and two servers on it, one of them far away.
type world struct {
	*session.Store
	other *session.Store
}

func newWorld(t *testing.T) world {
	t.Helper()
	db := pgtest.New(t)
	return world{Store: open(t, db.DSN), other: open(t, db.With("TimeZone", "Asia/Tokyo"))}
}

func open(t *testing.T, dsn string) *session.Store {
	t.Helper()
	db, err := eventstore.OpenDB(dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &session.Store{DB: db}
}

// either is one server or the other, by turns.
func (w world) either(n int) *session.Store {
	if n%2 == 0 {
		return w.Store
	}
	return w.other
}

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

// begin starts a session of the user.
func (w world) begin(t *testing.T, user domain.ID) (session.Session, domain.ID) {
	t.Helper()
	begun, refresh, err := w.Begin(t.Context(), user, domain.AuthWallet, "test")
	if err != nil {
		t.Fatal(err)
	}
	return begun, refresh
}

// rotate uses a refresh token that must be good.
func (w world) rotate(t *testing.T, s, refresh domain.ID) domain.ID {
	t.Helper()
	_, next, err := w.Rotate(t.Context(), s, refresh)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

// exec changes rows by hand, such as their times.
func (w world) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := w.DB.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// count runs a query for a number.
func (w world) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := w.DB.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// hold locks rows by a query in a transaction of its own until the test lets go.
func (w world) hold(t *testing.T, query string, args ...any) (letGo func()) {
	t.Helper()
	tx, err := w.DB.BeginTx(t.Context(), &sql.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tx.Rollback() })
	if _, err := tx.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

// waitForLocks returns when so many connections of this database wait for a row.
func (w world) waitForLocks(t *testing.T, want int) {
	t.Helper()
	const query = `
		SELECT count(*)
		FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`
	for w.count(t, query) < want {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}
