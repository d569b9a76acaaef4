package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chainmail/migrations/pgtest"
)

// While the tables are swapped, every read is answered, and every message is pushed once.
func TestRebuildBesideAServer(t *testing.T) {
	t.Parallel()
	const sends = 600
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	alice, bob := m.must("user", "add", "Alice"), m.must("user", "add", "Bob")
	tokenA, tokenB := m.must("token", alice), m.must("token", bob)
	s := m.serve("--listen", "127.0.0.1:0", "--rate-limit", "0", "--batch-interval", "200ms")
	a, b := s.connect(tokenA), s.connect(tokenB)
	a.say(bob, "first", "the first")
	conversation := a.await("message_sent").ConversationID
	b.await("chat_message")

	eventually(t, "the tables have the first", inTables(t, db.SQL, 1))

	ctx, stop := context.WithCancel(t.Context())
	var beside sync.WaitGroup
	for _, path := range []string{
		"/api/conversations", "/api/conversations/" + conversation, "/api/conversations/" + conversation + "/messages", "/api/users?query=ali",
	} {
		beside.Go(func() { s.readAgainAndAgain(ctx, path, tokenA) })
	}
	beside.Go(func() {
		for i := range sends {
			a.say(bob, fmt.Sprint(i), "one of many")
			sent := a.await("message_sent")
			b.acknowledge(sent.MessageID, i)
		}
	})
	pushed, different, ended := make(map[string]int), new(atomic.Int64), make(chan struct{}) // pushed is the reader's until it has ended
	go func() {                                                                              // reads on to the pong, since who does not is dropped
		defer close(ended)
		for f := b.next(); f.Type != "pong"; f = b.next() {
			if f.Type == "chat_message" {
				pushed[f.MessageID]++
				different.Store(int64(len(pushed)))
			}
		}
	}()
	for range 4 {
		m.must("rebuild")
	}
	for range 2 {
		m.must("rebuild", "--verify")
	}
	eventually(t, "all is sent and projected", inTables(t, db.SQL, sends+1))
	eventually(t, "all is pushed", func() bool { return different.Load() == sends })
	m.must("rebuild")
	stop()
	beside.Wait()
	b.send(map[string]any{"type": "ping"}) // what is pushed again comes before the answer
	<-ended
	for id, n := range pushed {
		if n != 1 {
			t.Errorf("message %s was pushed %d times", id, n)
		}
	}
	m.must("rebuild", "--verify")
}

// inTables asks whether the tables have so many messages.
func inTables(t testing.TB, db *sql.DB, messages int) func() bool {
	return func() bool {
		var n int
		err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM messages`).Scan(&n)
		return err == nil && n == messages
	}
}

// acknowledge sends a receipt: of two messages one is also read.
func (c *socket) acknowledge(id string, i int) {
	c.send(map[string]any{"type": "delivered", "message_id": id})
	if i%2 == 0 {
		c.send(map[string]any{"type": "read", "message_ids": []string{id}})
	}
}

// next returns the next frame, whatever it is.
func (c *socket) next() frame {
	c.t.Helper()
	c.limit()
	f, err := readFrame(c.conn)
	if err != nil {
		c.t.Fatal(err)
	}
	return f
}

// readAgainAndAgain reads as a client does, and fails at any answer but a full one.
func (s *served) readAgainAndAgain(ctx context.Context, path, token string) {
	client := http.Client{Timeout: patience}
	defer client.CloseIdleConnections()
	for ctx.Err() == nil {
		request, err := http.NewRequest(http.MethodGet, "http://"+s.address+path, nil)
		if err != nil {
			s.t.Error(err)
			return
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err != nil {
			s.t.Error(err)
			return
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK || strings.Contains(string(body), `"items":[]`) {
			s.t.Errorf("%s: got %d %s (%v)", path, response.StatusCode, body, err)
			return
		}
	}
}

// A rebuild that is killed as kill -9 does leaves the live tables as they were, and the next one clears up.
func TestRebuildIsKilled(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	for i := range 3 {
		m.must("user", "add", fmt.Sprintf("User %d", i))
	}
	m.must("rebuild")
	checksums := func() string {
		var list []string
		for _, line := range strings.Split(m.must("rebuild", "--verify"), "\n")[1:] {
			list = append(list, strings.Fields(line)[4])
		}
		return strings.Join(list, " ")
	}
	start := time.Now()
	want := checksums()
	whole := time.Since(start)
	for range 5 {
		cmd := m.command("rebuild")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		moment := time.AfterFunc(time.Duration(rand.Int64N(int64(whole))), func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait() // killed, or done
		moment.Stop()
		eventually(t, "PostgreSQL has noticed", func() bool {
			_, _, status := m.run("rebuild", "--verify")
			return status == 0
		})
		if got := checksums(); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	m.must("rebuild")
	if got := checksums(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
