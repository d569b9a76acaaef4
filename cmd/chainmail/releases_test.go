package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"chainmail/internal/racetest"
	"chainmail/migrations/pgtest"
)

// beforeVariable names the release before, as git knows it. Without it that is the commit before this one, or, where something is not
// committed, this one.
const beforeVariable = "CHAINMAIL_BEFORE"

// Every release runs beside the one before, on one database: the old one begins, the new one migrates and joins, each is restarted in its
// turn, the old one goes, and comes back on a schema that is newer than it is. People on both hear of each other all the time.
func TestBesideTheReleaseBefore(t *testing.T) {
	t.Parallel()
	program := buildBefore(t)
	db := pgtest.Empty(t)
	after := onDatabase(t, db.DSN)
	before := onDatabase(t, db.DSN)
	before.program = program

	old := before.serve("--listen", "127.0.0.1:0")
	p := &pair{t: t, alice: before.must("user", "add", "Alice"), bob: before.must("user", "add", "Bob")}
	p.tokenA, p.tokenB = before.must("token", p.alice), before.must("token", p.bob)
	new := after.serve("--listen", "127.0.0.1:0")
	p.talk("beside each other", old, new)
	p.talk("the other way round", new, old)

	p.restart(&old, before)
	p.talk("the old one was restarted", old, new)
	p.restart(&new, after)
	p.talk("the new one was restarted", new, old)

	p.end(old)
	p.talk("the new one alone", new, new)

	// The release after this one adds to the schema.
	for _, statement := range []string{
		`ALTER TABLE messages ADD COLUMN mood text`, `CREATE TABLE moods (id uuid PRIMARY KEY)`,
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`,
	} {
		if _, err := db.SQL.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	p.restart(&new, after)
	old = before.serve("--listen", "127.0.0.1:0")
	p.talk("both on a newer schema", old, new)
	p.end(new)
	p.talk("back to the old one", old, old)
	p.end(old)

	for _, m := range []*machine{before, after} {
		m.must("replay", "--format", "json")
	}
}

// pair are two people who talk, and hear of it.
type pair struct {
	t              testing.TB
	alice, bob     string // ids
	tokenA, tokenB string
	said           int
}

// talk has Alice, on one server, and Bob, on another, do what people do.
func (p *pair) talk(when string, one, other *served) {
	p.t.Helper()
	for _, s := range []*served{one, other} {
		s.awaitReady(200, `"status":"ready"`)
	}
	p.said++
	a, b := one.connect(p.tokenA), other.connect(p.tokenB)
	exchange(p.t, a, b, p.alice, p.bob)
	a.say(p.bob, when, when)
	got := b.await("chat_message")
	if got.Content != when || got.SenderID != p.alice {
		p.t.Errorf("%s: Bob got %+v", when, got)
	}
	b.send(map[string]any{"type": "delivered", "message_id": got.MessageID})
	b.send(map[string]any{"type": "read", "message_ids": []string{got.MessageID}})
	for _, want := range []string{"delivered", "read"} {
		if f := a.await("message_status"); f.Status != want || f.MessageID != got.MessageID {
			p.t.Errorf("%s: Alice got %+v, want %s", when, f, want)
		}
	}
	a.say(p.bob, when, when) // a repeat
	if f := a.awaitSent(when); !f.Duplicate || f.MessageID != got.MessageID {
		p.t.Errorf("%s: a repeat got %+v", when, f)
	}
	made := one.call(p.tokenA, "POST", "/api/conversations", `{"title":"group","participant_ids":["`+p.bob+`"]}`, 201)
	group, _ := made["id"].(string)
	if f := b.await("conversation"); f.ConversationID != group {
		p.t.Errorf("%s: Bob got %+v, want the group %s", when, f, group)
	}
	b.send(map[string]any{"type": "chat_message", "conversation_id": group, "content": "in the group"})
	if f := a.await("chat_message"); f.ConversationID != group {
		p.t.Errorf("%s: Alice got %+v, want a message to the group", when, f)
	}
	for _, s := range []*served{one, other} { // the tables have it, whoever wrote them
		eventually(p.t, when+": the history shows that it was read", func() bool {
			return s.shows(p.tokenB, got.ConversationID, got.MessageID)
		})
	}
	_ = a.conn.Close()
	_ = b.conn.Close()
}

// shows reports whether the history has a message as read.
func (s *served) shows(token, conversation, message string) bool {
	s.t.Helper()
	status, body := s.ask(token, "GET", "/api/conversations/"+conversation+"/messages", "", "")
	var page struct {
		Items []struct {
			MessageID string `json:"message_id"`
			IsRead    bool   `json:"is_read"`
		}
	}
	if status != 200 || json.Unmarshal([]byte(body), &page) != nil {
		return false
	}
	for _, m := range page.Items {
		if m.MessageID == message {
			return m.IsRead
		}
	}
	return false
}

// awaitSent returns the last answer to a message with this client_message_id that was sent twice.
func (c *socket) awaitSent(clientID string) frame {
	c.t.Helper()
	for {
		if f := c.await("message_sent"); f.ClientMessageID == clientID && f.Duplicate {
			return f
		}
	}
}

func (p *pair) end(s *served) {
	p.t.Helper()
	if status := s.stop(); status != 0 {
		p.t.Errorf("exit status: got %d", status)
	}
}

func (p *pair) restart(s **served, m *machine) {
	p.t.Helper()
	p.end(*s)
	*s = m.serve("--listen", "127.0.0.1:0")
}

// buildBefore builds the release before and returns its program. Where there is none to be had, the test is skipped.
func buildBefore(t *testing.T) string {
	t.Helper()
	revision, why := revisionBefore(t)
	if why != "" {
		t.Skipf("NOT TESTED: that this release runs beside the one before: %s", why)
	}
	// The same directory each time, so that Go finds in its cache what it has compiled there before.
	base := filepath.Join(os.TempDir(), "chainmail-before")
	lock, err := os.OpenFile(base+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close() // gives the lock back
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(base); err != nil { // of a run that was killed
		t.Fatal(err)
	}
	if err := os.Mkdir(base, 0o700); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(base)
	program := filepath.Join(t.TempDir(), "chainmail-before")
	archive := filepath.Join(t.TempDir(), "before.tar")
	mustExec(t, "../..", "git", "archive", "--output", archive, revision)
	mustExec(t, base, "tar", "-xf", archive)
	build := []string{"build", "-buildvcs=false", "-o", program}
	if racetest.On { // what the tests were built from is there already
		build = append(build, "-race")
	}
	mustExec(t, base, "go", append(build, "./cmd/chainmail")...)
	return program
}

// revisionBefore is the commit of the release before, or why there is none.
func revisionBefore(t *testing.T) (revision, why string) {
	t.Helper()
	for _, program := range []string{"git", "tar", "go"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", err.Error()
		}
	}
	git := func(args ...string) (string, error) {
		cmd := exec.Command("git", args...)
		cmd.Dir = "../.."
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	if _, err := git("rev-parse", "HEAD"); err != nil {
		return "", "there is no git history here"
	}
	name := os.Getenv(beforeVariable)
	if name == "" {
		name = "HEAD^"
		if changes, err := git("status", "--porcelain", "--untracked-files=no"); err != nil || changes != "" {
			name = "HEAD"
		}
	}
	revision, err := git("rev-parse", "--verify", "--quiet", name+"^{commit}")
	if err != nil && os.Getenv(beforeVariable) != "" {
		t.Fatalf("%s is %q, which git does not know", beforeVariable, name)
	}
	if err != nil {
		return "", name + " is not here: a shallow clone? (fetch with a depth of 2 or more)"
	}
	return revision, ""
}

func mustExec(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
