package main

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"chainmail/guard/llm"
	"chainmail/transport/judge/judgetest"
)

// answered is what an HTTP request got.
type answered struct {
	status int
	body   string
}

// askMeanwhile sends a message over HTTP in the background. Without an answer the channel is closed.
func (s *served) askMeanwhile(token, conversation, content string) <-chan answered {
	got := make(chan answered, 1)
	go func() { // ends with the answer, for which there is a bound
		defer close(got)
		status, body := s.ask(token, "POST", "/api/conversations/"+conversation+"/messages", fmt.Sprintf(`{"content":%q}`, content), "http")
		got <- answered{status, body}
	}()
	return got
}

// flooded is what one who goes on and on got.
type flooded struct {
	code    int // that the connection was closed with
	refused int // messages that were not taken because the server ends
}

// flood sends messages until the server ends the connection.
func (c *socket) flood(to, content string) <-chan flooded {
	got := make(chan flooded, 1)
	c.limit()
	go func() { // ends with the connection
		for i := 0; ; i++ {
			f := map[string]any{"type": "chat_message", "receiver_id": to, "client_message_id": fmt.Sprint(i), "content": content}
			if c.conn.WriteJSON(f) != nil {
				return
			}
		}
	}()
	go func() { // as above
		var all flooded
		f, err := readFrame(c.conn)
		for ; err == nil; f, err = readFrame(c.conn) {
			if f.Type == "error" && f.Code == "unavailable" {
				all.refused++
			}
		}
		if closed := new(websocket.CloseError); errors.As(err, &closed) {
			all.code = closed.Code
		}
		_ = c.conn.Close()
		got <- all
	}()
	return got
}

// A server that is told to end while a silent model is asked, over a socket, over HTTP, and by one who goes on and on, ends in time.
// What the model was asked about is answered, and what is sent again is stored once.
func TestEndWhileTheModelIsAsked(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 100) // more than are asked
	m := judgetest.Start(t, func(q judgetest.Question) judgetest.Answer {
		asked <- q.Text
		return judgetest.Silent
	})
	g := newGuarded(t, "CHAINMAIL_GUARD_LLM_KEY="+judgetest.Key)
	awaitAsked := func(word string) {
		for !strings.HasPrefix(<-asked, word) {
		}
	}
	args := []string{"--guard-llm-url", m.URL, "--guard-llm-model", judgetest.Name, "--guard-llm-timeout", "3s", "--guard-llm-failure", "block"}
	s := g.start(args...)
	token := g.must("token", g.ann)
	a, c := s.connect(token), s.connect(g.must("token", g.must("user", "add", "Carl")))
	a.say(g.bob, "0", "hello")
	conversation := a.await("message_sent").ConversationID
	flood := c.flood(g.bob, "flood: a "+judgetest.Doubtful)
	awaitAsked("flood")
	a.say(g.bob, "1", "frame: a "+judgetest.Doubtful)
	awaitAsked("frame")
	requested := s.askMeanwhile(g.must("token", g.bob), conversation, "request: a "+judgetest.Doubtful)
	awaitAsked("request")
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
	if said := s.said(); strings.Contains(said, "not everything has ended") {
		t.Errorf("the server said %s", said)
	}
	first := a.await("warning")
	if code := a.awaitClose(); code != 1012 {
		t.Errorf("close code: got %d, want 1012", code)
	}
	if got := <-flood; got.code != 1012 || got.refused == 0 {
		t.Errorf("the one who went on: got %+v, want refusals and 1012", got)
	}
	if got := <-requested; got.status != 422 || !strings.Contains(got.body, "message_blocked") {
		t.Errorf("the request: got %+v, want a blocked message", got)
	}
	s = g.start(args...)
	a = s.connect(token)
	for range 2 {
		a.say(g.bob, "1", "frame: a "+judgetest.Doubtful)
		if again := a.await("warning"); again.MessageID != first.MessageID {
			t.Errorf("sent again: got %+v, want %+v", again, first)
		}
	}
	g.verify()
}

// Sockets take no more from the moment when HTTP takes no more, and not only when what is under way there is finished.
func TestSocketsEndWithHTTP(t *testing.T) {
	t.Parallel()
	asked, released := make(chan struct{}), make(chan struct{})
	m := judgetest.Start(t, func(judgetest.Question) judgetest.Answer {
		close(asked) // it is asked once
		return judgetest.After(released, judgetest.Says(llm.Benign, 0))
	})
	g := newGuarded(t, "CHAINMAIL_GUARD_LLM_KEY="+judgetest.Key)
	s := g.start("--guard-llm-url", m.URL, "--guard-llm-model", judgetest.Name, "--guard-llm-timeout", "3s", "--guard-llm-failure", "block")
	token := g.must("token", g.ann)
	a := s.connect(token)
	a.say(g.bob, "0", "hello")
	requested := s.askMeanwhile(token, a.await("message_sent").ConversationID, judgetest.Doubtful)
	<-asked
	if got := s.metric("chainmail_guard_llm_questions_underway"); got != 1 {
		t.Errorf("questions under way: got %v, want 1", got)
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := a.awaitClose(); code != 1012 {
		t.Errorf("close code: got %d, want 1012", code)
	}
	close(released) // the answer comes after the socket's end
	if got := <-requested; got.status != 201 {
		t.Errorf("the request: got %+v, want it sent", got)
	}
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("the server does not end")
	}
	if got := s.cmd.ProcessState.ExitCode(); got != 0 {
		t.Errorf("exit status: got %d, want 0", got)
	}
}
