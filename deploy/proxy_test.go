package deploy_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// The paths that probes and proxy ask for exist, on a real server, and metrics are not where users are.
func TestProbes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	c := manifests(t)["Deployment"].Spec.Template.Spec.Containers[0]
	health := regexp.MustCompile(`health_uri (\S+)`).FindStringSubmatch(read(t, "Caddyfile"))
	for _, path := range []string{c.StartupProbe.HTTPGet.Path, c.LivenessProbe.HTTPGet.Path, c.ReadinessProbe.HTTPGet.Path, health[1]} {
		if err := answers("http://"+s.addresses[0]+path, http.StatusOK); err != nil {
			t.Error(err)
		}
	}
	if err := answers("http://"+s.addresses[0]+"/metrics", http.StatusNotFound); err != nil {
		t.Error(err)
	}
}

// dial opens a socket through the proxy, as a page of the site does, and reads up to synced.
func dial(t *testing.T, address, token, query string) *client {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + token}, "Origin": {"http://" + address}}
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws"+query, header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &client{t, conn}
}

type client struct {
	t    *testing.T
	conn *websocket.Conn
}

// until reads up to a frame of the type and returns it.
func (c *client) until(kind string) map[string]any {
	c.t.Helper()
	for {
		var frame map[string]any
		_ = c.conn.SetReadDeadline(time.Now().Add(patience))
		if err := c.conn.ReadJSON(&frame); err != nil {
			c.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if frame["type"] == kind {
			return frame
		}
	}
}

func (c *client) send(receiver, content string) {
	c.t.Helper()
	if err := c.conn.WriteJSON(map[string]string{"type": "chat_message", "receiver_id": receiver, "content": content}); err != nil {
		c.t.Fatal(err)
	}
}

// startProxy starts Caddy with the Caddyfile in front of the servers, and returns where it is.
func (s *site) startProxy() string {
	s.t.Helper()
	address, home := freeAddress(s.t), s.t.TempDir()
	config := filepath.Join(home, "Caddyfile")
	// Its own interface for changes has a fixed port, on which another may run here.
	write(s.t, config, strings.Replace(read(s.t, "Caddyfile"), "\tgrace_period", "\tadmin off\n\tgrace_period", 1))
	cmd := exec.Command(tool(s.t, "caddy"), "run", "--adapter", "caddyfile", "--config", config)
	cmd.Env = []string{
		"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"SITE=http://" + address, "SERVER_1=" + s.addresses[0], "SERVER_2=" + s.addresses[1],
	}
	start(s.t, cmd)
	eventually(s.t, "proxy", func() error { return answers("http://"+address+"/readyz", http.StatusOK) })
	return address
}

// Two people chat through the proxy while one server after the other is restarted: each is told to come back, finds the other
// server, and misses nothing.
func TestRollingRestartBehindProxy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.startProxy()
	alice, bob := s.must("user", "add", "Alice"), s.must("user", "add", "Bob")
	aliceToken, bobToken := s.must("token", alice), s.must("token", bob)

	a, b := dial(t, address, aliceToken, ""), dial(t, address, bobToken, "")
	a.until("synced")
	b.until("synced")
	a.send(bob, "before")
	seen := b.until("chat_message")
	for i := range s.servers {
		if err := s.serves(i); err != nil {
			t.Errorf("before it ends: %v", err)
		}
		if status := s.servers[i].stop(t); status != 0 {
			t.Errorf("server %d: exit status %d", i+1, status)
		}
		if err := answers("http://"+address+"/readyz", http.StatusOK); err != nil {
			t.Errorf("with one server away: %v", err)
		}
		content := fmt.Sprintf("while server %d is away", i+1)
		a, b = s.comeBack(a, address, aliceToken, seen), s.comeBack(b, address, bobToken, seen)
		a.send(bob, content)
		if seen = b.until("chat_message"); seen["content"] != content {
			t.Errorf("got %q, want %q", seen["content"], content)
		}
		s.serve(i)
		s.awaitReady(i)
		eventually(t, "the proxy sees it again", func() error {
			a = dial(t, address, aliceToken, fmt.Sprintf("?since=%.0f", seen["position"])) // it goes where there are fewer
			a.until("synced")
			err := s.serves(i)
			if err != nil {
				a.conn.Close() // there may be twenty at most
			}
			return err
		})
	}
}

// serves returns an error if a server has no socket.
func (s *site) serves(i int) error {
	response, err := http.Get("http://" + s.admin[i] + "/metrics")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && !regexp.MustCompile(`(?m)^chainmail_connections [1-9]`).Match(text) {
		err = errors.New("no socket is on server " + itoa(i+1))
	}
	return err
}

// Limits by address hold for the client that the proxy sees, whoever he says he is.
func TestProxyNamesItsClients(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := s.startProxy()
	const limit = 60 // nonces a minute; on each server, should they not hear one another
	statuses := make(map[int]int)
	for i := range 2*limit + 10 {
		body := strings.NewReader(`{"address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}`)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+address+"/api/auth/nonce", body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		statuses[response.StatusCode]++
	}
	if statuses[http.StatusOK] == 0 || statuses[http.StatusTooManyRequests] < 10 {
		t.Errorf("got %v: want some answers, then refusals", statuses)
	}
}

// comeBack returns the connection if it lives, else a new one that goes on after what was seen last.
func (s *site) comeBack(c *client, address, token string, seen map[string]any) *client {
	s.t.Helper()
	if err := c.conn.WriteJSON(map[string]string{"type": "ping"}); err == nil {
		var frame map[string]any
		_ = c.conn.SetReadDeadline(time.Now().Add(patience))
		for err == nil && frame["type"] != "pong" {
			frame = nil
			err = c.conn.ReadJSON(&frame)
		}
		if err == nil {
			return c
		}
		if !websocket.IsCloseError(err, websocket.CloseServiceRestart) {
			s.t.Errorf("the socket ended with %v, want 1012", err)
		}
	}
	again := dial(s.t, address, token, fmt.Sprintf("?since=%.0f", seen["position"]))
	again.until("synced")
	return again
}
