package main

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A database that is not there is waited for, for 30 s. In a synctest bubble they pass at once.
func TestDatabaseThatRefuses(t *testing.T) {
	dsn := "postgres://alice:tellnone@/chat?host=" + t.TempDir() // no socket there
	for _, args := range [][]string{
		{"user", "list"}, {"user", "add", "Alice"}, {"migrate", "up"}, {"doctor"},
		{"serve", "--listen", "127.0.0.1:0", "--jwt-secret", testSecret},
	} {
		synctest.Test(t, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			began := time.Now()
			status := run(t.Context(), append(args, "--database-url", dsn, "--data-dir", "/nonexistent"), &stdout, &stderr)
			took := time.Since(began)
			if status != exitUsage || took < 29*time.Second || took > reachTimeout+time.Second {
				t.Errorf("%s: status %d after %s, want %d after 30 s", args, status, took, exitUsage)
			}
			want := "chainmail: the database at postgres://alice:xxxxx@/chat"
			if got := stderr.String(); !strings.HasPrefix(got, want) || strings.Contains(got, "tellnone") {
				t.Errorf("%s: said %s, want %s…", args, got, want)
			}
		})
	}
}

// One that takes connections and says nothing is given up after 30 s too.
func TestDatabaseThatIsSilent(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 30 s; run without -short")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() // the kernel takes the connections
	m := onDatabase(t, "postgres://alice@"+listener.Addr().String()+"/chat?sslmode=disable")
	began := time.Now()
	_, stderr, status := m.run("user", "list")
	if took := time.Since(began); status != exitUsage || took > reachTimeout+10*time.Second {
		t.Errorf("status %d after %s, want %d after 30 s; said %s", status, took, exitUsage, stderr)
	}
}

func TestMaskedAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ dsn, want string }{
		{"postgres://alice:tellnone@db/chat?sslmode=require", "postgres://alice:xxxxx@db/chat?sslmode=require"},
		{"postgres://alice@db/chat", "postgres://alice@db/chat"},
		{"postgres://db/chat?user=alice&password=tellnone", "postgres://db/chat?password=xxxxx&user=alice"},
		{"postgres://db/chat?sslkey=k&sslpassword=tellnone", "postgres://db/chat?sslkey=k&sslpassword=xxxxx"},
		{"host=db user=alice password=tellnone dbname=chat", "postgres://alice:xxxxx@db:5432/chat"},
		{"host=db user=alice dbname=chat", "postgres://alice@db:5432/chat"},
	} {
		if got := (&database{dsn: test.dsn}).masked(); got != test.want {
			t.Errorf("%s: got %s, want %s", test.dsn, got, test.want)
		}
	}
}
