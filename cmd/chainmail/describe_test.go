package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chainmail/migrations/pgtest"
)

// validators is where the scripts are that hold descriptions against their standards, and their packages.
const validators = "../../tools/describe"

// Both descriptions are valid by public validators; and those find what is wrong with a broken one.
func TestDescriptionsAreValid(t *testing.T) {
	t.Parallel()
	needValidators(t)
	s := onDatabase(t, pgtest.New(t).DSN).serve("--listen", "127.0.0.1:0", "--allowed-origins", "https://docs.example")
	for _, d := range []struct {
		kind, path string
		breaks     map[string]string // what is replaced, and by what
	}{
		{"openapi", "/openapi.json", map[string]string{
			`"in":"query"`:          `"in":"body"`,
			`#/components/schemas/`: `#/components/nowhere/`,
		}},
		{"asyncapi", "/asyncapi.json", map[string]string{
			`"action":"receive"`:           `"action":"reply"`,
			`messages/server_message_sent`: `messages/server_message_lost`,
			`"type":"integer","minimum":1`: `"type":"integer","minimum":"one"`,
		}},
	} {
		t.Run(d.kind, func(t *testing.T) {
			t.Parallel()
			document, header := s.fetch(d.path, "https://docs.example")
			if got := header.Get("Content-Type"); got != "application/json" {
				t.Errorf("content type: got %s", got)
			}
			if got := header.Get("Access-Control-Allow-Origin"); got != "https://docs.example" {
				t.Errorf("CORS: got %q", got)
			}
			if problems := validate(t, d.kind, document); problems != "" {
				t.Errorf("%s:\n%s", d.path, problems)
			}
			for old, broken := range d.breaks {
				if !strings.Contains(document, old) {
					t.Errorf("%s has no %s that could be broken", d.path, old)
				} else if validate(t, d.kind, strings.Replace(document, old, broken, 1)) == "" {
					t.Errorf("%s with %s for %s passes for valid", d.path, broken, old)
				}
			}
		})
	}
}

// fetch gets something as a page of an origin does.
func (s *served) fetch(path, origin string) (body string, header http.Header) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.address+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Origin", origin)
	client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(response.Body); err != nil || response.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s, %v", path, response.Status, err)
	}
	return raw.String(), response.Header
}

// validate returns what is wrong with a description, empty for nothing.
func validate(t *testing.T, kind, document string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", "validate.js", kind, write(t, kind+".json", document))
	cmd.Dir = validators
	problems, err := cmd.CombinedOutput()
	if (err == nil) != (len(problems) == 0) {
		t.Fatalf("validate.js %s: %v\n%s", kind, err, problems)
	}
	return string(problems)
}

// Frames of every type, of either side, on real connections are as the description says, to the last member.
func TestFramesAreAsDescribed(t *testing.T) {
	t.Parallel()
	needValidators(t)
	g := newGuarded(t)
	r := &record{t: t}
	s := r.play(g)
	document, _ := s.fetch("/asyncapi.json", "")

	fitted := r.hold(document)
	var described struct {
		Channels struct {
			Socket struct{ Messages map[string]json.RawMessage }
		}
	}
	if err := json.Unmarshal([]byte(document), &described); err != nil {
		t.Fatal(err)
	}
	for _, key := range slices.Sorted(maps.Keys(described.Channels.Socket.Messages)) {
		if fitted[key] == 0 {
			t.Errorf("there was no %s", key)
		}
	}
}

// hold holds the frames against the description, and returns how many fitted each message of it.
func (r *record) hold(document string) map[string]int {
	r.t.Helper()
	r.mu.Lock()
	frames := strings.Join(r.lines, "\n")
	r.mu.Unlock()
	cmd := exec.CommandContext(r.t.Context(), "node", "frames.js", write(r.t, "asyncapi.json", document), write(r.t, "frames", frames))
	cmd.Dir = validators
	cmd.Stderr = os.Stderr
	output, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("frames.js: %v", err)
	}
	var result struct {
		Problems []string
		Fitted   map[string]int
	}
	if err := json.Unmarshal(output, &result); err != nil {
		r.t.Fatalf("%s: %v", output, err)
	}
	for _, problem := range result.Problems {
		r.t.Error(problem)
	}
	return result.Fitted
}

func write(t testing.TB, name, content string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// needValidators skips the test where install.sh could not install them, which it has said by then; in CI it fails.
func needValidators(t *testing.T) {
	t.Helper()
	_, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(validators, "node_modules", ".installed"))
	}
	if err == nil {
		return
	}
	const message = "DESCRIPTIONS NOT VALIDATED: no Node.js or no packages; tools/describe/install.sh installs them, or says what to do"
	if os.Getenv("CI") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
}
