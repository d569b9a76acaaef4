package ws_test

import (
	"database/sql"
	"net/url"
	"testing"

	"chainmail/transport/ws/wstest"
)

// TestDatabaseGoesAway: connections live on, and nothing is claimed that isn't so.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	s := wstest.Start(t, wstest.Options{})
	ann, bob := s.User("Ann"), s.User("Bob")
	talk := s.Direct(ann, bob)
	s.Settle() // so that nobody is introduced later
	a, idle := s.Connect(ann), s.Connect(bob)
	address, err := url.Parse(s.DSN)
	if err != nil {
		t.Fatal(err)
	}
	name := address.Path[1:]
	address.Path = "/postgres"
	db, err := sql.Open("postgres", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`)
	run(`SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '` + name + `'`)

	a.Send(Is{"type": "ping"})
	a.Expect("pong")
	idle.Quiet()
	s.Dial(ann, "").ExpectClose(1012, "the database is away: try again")
	frame := Is{"type": "chat_message", "conversation_id": talk.String(), "content": "x", "client_message_id": "1", "ref": 1}
	a.Send(frame)
	if f, err := a.Try(); err == nil { // or else 1012: it isn't known whether it was stored
		if f.Text("code") != "unavailable" || f.Int("ref") != 1 || f.Text("client_message_id") != "1" {
			t.Errorf("got %v, want unavailable", f)
		}
	}
	run(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS true`)
	unanswered := false // a connection of the loop ended before the answer, as one that cannot catch up does
	s.Eventually("a message is stored again", func() bool {
		c := s.Dial(ann, "")
		defer c.Hang()
		c.Send(frame)
		for {
			f, err := c.Try()
			if err != nil || f.Type() == "error" {
				unanswered = unanswered || err != nil
				return false
			}
			if f.Type() == "message_sent" {
				return unanswered || f["duplicate"] == false
			}
		}
	})
	if got := idle.Await("chat_message"); got.Text("content") != "x" {
		t.Errorf("the idle one: got %v", got)
	}
}
