package web_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// browserTools is where the browser test's script and its packages are.
const browserTools = "../tools/browser"

// longestChat bounds the script, all its reconnects included.
const longestChat = 3 * time.Minute

// TestModules runs the tests of the page's modules that need no browser.
func TestModules(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "no Node.js")
	}
	cmd := exec.CommandContext(t.Context(), "node", "--test")
	cmd.Dir = browserTools
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}

// TestChatInBrowser plays tools/browser/chat.js: two users in a real browser, on a real server that is killed
// in between. Go's test cache does not see the program's sources; `make test` shuffles, and so never uses it.
func TestChatInBrowser(t *testing.T) {
	t.Parallel()
	chromium := findBrowser(t)
	server := startServer(t)
	cmd := exec.CommandContext(t.Context(), "node", "chat.js", server.links[0], server.links[1])
	cmd.Dir = browserTools
	cmd.Env = append(os.Environ(), "CHROMIUM="+chromium)
	cmd.WaitDelay = 5 * time.Second
	var log strings.Builder
	cmd.Stderr = &log
	orders, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(longestChat, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	obey(t, server, orders, answers)
	if err := cmd.Wait(); err != nil {
		t.Errorf("chat.js: %v\n%s\nthe server said:\n%s", err, log.String(), server.log())
		return
	}
	t.Log("\n" + log.String())
}

// obey does to the server what the script asks for, until the script ends.
func obey(t *testing.T, server *server, orders io.Reader, answers io.Writer) {
	lines := bufio.NewScanner(orders)
	for lines.Scan() {
		switch lines.Text() {
		case "down":
			server.kill()
		case "up":
			server.start(t)
		default:
			t.Errorf("chat.js asks for %q", lines.Text())
		}
		// A script that went away is found out by Wait.
		_, _ = fmt.Fprintln(answers, "done")
	}
}

// findBrowser returns the path of an installed Chromium.
func findBrowser(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		missing(t, "no Node.js")
	}
	if _, err := os.Stat(filepath.Join(browserTools, "node_modules", "playwright-core")); err != nil {
		missing(t, "no playwright-core")
	}
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "no Chromium on PATH or in CHROMIUM")
	return ""
}

// missing skips the test for want of a tool, which install.sh has said loudly by then; in CI it fails.
func missing(t *testing.T, what string) {
	t.Helper()
	message := "BROWSER TEST NOT RUN: " + what + "; tools/browser/install.sh installs it, or says what to do"
	if os.Getenv("CI") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
}
