package deploy_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// image returns what the Dockerfile sets by ENV.
func image(t *testing.T) map[string]string {
	t.Helper()
	env := make(map[string]string)
	_, text, _ := strings.Cut(read(t, "Dockerfile"), "\nENV ")
	text, _, _ = strings.Cut(strings.ReplaceAll(text, "\\\n", " "), "\n")
	for _, assignment := range strings.Fields(text) {
		name, value, _ := strings.Cut(assignment, "=")
		env[name] = value
	}
	return env
}

func TestImage(t *testing.T) {
	t.Parallel()
	dockerfile, env := read(t, "Dockerfile"), image(t)
	if env["CHAINMAIL_EMBEDDED"] != "false" {
		t.Error("the image has no PostgreSQL: it must ask for one outside")
	}
	exposed := strings.Fields(regexp.MustCompile(`(?m)^EXPOSE (.*)$`).FindStringSubmatch(dockerfile)[1])
	for _, name := range []string{"CHAINMAIL_LISTEN", "CHAINMAIL_ADMIN_LISTEN"} {
		if !slices.Contains(exposed, strings.TrimPrefix(env[name], ":")) {
			t.Errorf("%s is %q, which is not among the exposed ports %v", name, env[name], exposed)
		}
	}
	needed := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	if !regexp.MustCompile(`golang:` + regexp.QuoteMeta(needed) + `\.\d+-`).MatchString(dockerfile) {
		t.Errorf("the builder is not a pinned Go %s, which go.mod asks for", needed)
	}
	for _, line := range []string{`USER 65532:65532`, `ENTRYPOINT ["/usr/local/bin/chainmail"]`, `CMD ["serve"]`} {
		if !strings.Contains(dockerfile, "\n"+line+"\n") {
			t.Errorf("the Dockerfile has no line %s", line)
		}
	}
	if strings.Contains(dockerfile, "\nHEALTHCHECK") {
		t.Error("a HEALTHCHECK needs a program inside to run")
	}
}

// An image without PostgreSQL says what is missing, instead of looking for one.
func TestImageNeedsDatabase(t *testing.T) {
	t.Parallel()
	var env []string
	for name, value := range image(t) {
		env = append(env, name+"="+value)
	}
	env = append(env, "CHAINMAIL_LISTEN=127.0.0.1:0", "CHAINMAIL_ADMIN_LISTEN=", "CHAINMAIL_DATA_DIR="+t.TempDir(), "CHAINMAIL_JWT_SECRET="+secret)
	output, err := command(t, env, "serve").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(output), "--database-url") {
		t.Errorf("got %v and %s, want status 2 and what is missing", err, output)
	}
}

// Every file that the program is built from gets into the build, and no test.
func TestBuildContext(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-deps", "-json=Dir,Standard,Module,GoFiles,EmbedFiles", "./cmd/chainmail")
	list.Dir, list.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	needed := []string{"go.mod", "go.sum", "tools/page.sh", "web/package-lock.json", "web/client/src/index.ts", "internal/cmd/describe/main.go"}
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p struct {
			Dir                 string
			Module              *struct{ Main bool }
			GoFiles, EmbedFiles []string
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		dir, err := filepath.Rel(root, p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range append(p.GoFiles, p.EmbedFiles...) {
			needed = append(needed, path.Join(filepath.ToSlash(dir), name))
		}
	}
	if len(needed) < 100 {
		t.Fatalf("only %d files found", len(needed))
	}
	ignored := ignoring(t)
	for _, file := range needed {
		if ignored(file) && !strings.HasPrefix(file, "web/dist/") { // the image builds the page itself
			t.Errorf("Dockerfile.dockerignore keeps %s from the build", file)
		}
	}
	for _, file := range []string{".git/config", "deploy/secrets/jwt-secret", "bin/chainmail", "cmd/chainmail/main_test.go", "tools/deploy/node_modules/yaml/package.json",
		"tools/bench.sh", "web/dist/index.html", "web/node_modules/vite/package.json",
	} {
		if !ignored(file) {
			t.Errorf("Dockerfile.dockerignore lets %s into the build", file)
		}
	}
}

// ignoring returns a reader of Dockerfile.dockerignore: of all patterns that match a path or a folder above it the last one
// counts. It knows the forms that the file uses: *, a path, !path, **/pattern.
func ignoring(t *testing.T) func(file string) bool {
	t.Helper()
	var patterns []string
	for lines := bufio.NewScanner(strings.NewReader(read(t, "Dockerfile.dockerignore"))); lines.Scan(); {
		if line := lines.Text(); line != "" && line[0] != '#' {
			patterns = append(patterns, line)
		}
	}
	return func(file string) bool {
		ignored := false
		parts := strings.Split(file, "/")
		for _, pattern := range patterns {
			pattern, kept := strings.CutPrefix(pattern, "!")
			base, anywhere := strings.CutPrefix(pattern, "**/")
			for at, part := range parts {
				above := part
				if !anywhere {
					above = strings.Join(parts[:at+1], "/")
				}
				if matched, err := path.Match(base, above); err != nil {
					t.Fatal(err)
				} else if matched {
					ignored = !kept
				}
			}
		}
		return ignored
	}
}
