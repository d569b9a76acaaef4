package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lib/pq"
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

// One that refuses what no waiting mends is not waited for. Its refusal is told as one.
func TestDatabaseThatRefusesForGood(t *testing.T) {
	t.Parallel()
	for code, message := range map[string]string{
		"28P01": `password authentication failed for user "alice"`,
		"28000": `role "alice" does not exist`,
		"3D000": `database "chat" does not exist`,
		"42501": `permission denied for database "chat"`,
	} {
		address := refusing(t, code, message)
		stderr := refusedAtOnce(t, "postgres://alice:tellnone@"+address+"/chat?sslmode=disable")
		if want := "chainmail: the database at postgres://alice:xxxxx@" + address; !strings.HasPrefix(stderr, want) ||
			!strings.Contains(stderr, " refuses: pq: "+message) {
			t.Errorf("said %s, want %s… refuses: %s", stderr, want, message)
		}
	}
	if stderr := refusedAtOnce(t, "postgres://alice@"+refusing(t, "", "N")+"/chat?sslmode=require"); !strings.Contains(stderr, "refuses: pq: SSL is not enabled") {
		t.Errorf("without TLS: said %s", stderr)
	}
}

// Of several hosts all have to: one of them may be on its way.
func TestHopeless(t *testing.T) {
	t.Parallel()
	wrong, starting := &pq.Error{Code: "28P01"}, &pq.Error{Code: "57P03"}
	for _, test := range []struct {
		err  error
		want bool
	}{
		{wrong, true},
		{starting, false},
		{fmt.Errorf("connect: %w", wrong), true},
		{&net.OpError{Op: "connect", Err: fmt.Errorf("hosts: %w", errors.Join(wrong, wrong))}, true},
		{&net.OpError{Op: "connect", Err: fmt.Errorf("hosts: %w", errors.Join(wrong, starting))}, false},
		{errors.Join(errors.New("connection refused"), wrong), false},
		{io.EOF, false},
	} {
		if got := hopeless(test.err); got != test.want {
			t.Errorf("%v: got %t, want %t", test.err, got, test.want)
		}
	}
}

// refusedAtOnce runs a command on an address and returns what it says.
func refusedAtOnce(t *testing.T, dsn string) (stderr string) {
	t.Helper()
	began := time.Now()
	_, stderr, status := onDatabase(t, dsn).run("user", "list")
	if took := time.Since(began); status != exitUsage || took >= reachTimeout {
		t.Errorf("status %d after %s, want %d at once", status, took, exitUsage)
	}
	return stderr
}

// refusing is the address of a server that answers whoever comes with an error of that code; without one, with the bare message.
func refusing(t *testing.T, code, message string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answer := []byte(message)
	if code != "" { // PostgreSQL, §55.7: ErrorResponse
		fields := "SFATAL\x00C" + code + "\x00M" + message + "\x00\x00"
		answer = append(binary.BigEndian.AppendUint32([]byte("E"), uint32(len(fields)+4)), fields...)
	}
	ended := make(chan struct{})
	go func() { // the cleanup waits for it
		defer close(ended)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 1024))
			conn.Write(answer)
			conn.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-ended })
	return listener.Addr().String()
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
	if took := time.Since(began); status != exitUsage || took > reachTimeout+patience {
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
