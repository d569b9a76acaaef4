package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tools is where install.sh puts what knows the files' own standards.
const tools = "../tools/deploy"

// tool finds a program in PATH or in bin of the tools, and skips the test without it.
func tool(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := filepath.Abs(filepath.Join(tools, "bin", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Skipf("NOT VALIDATED: no %s; tools/deploy/install.sh installs what it can", name)
	}
	return path
}

// passes runs a linter, which has to end with status 0.
func passes(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, output)
	}
	return string(output)
}

// node runs a program of the tools' packages.
func node(t *testing.T, script string, args ...string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(tools, "node_modules", ".installed")); err != nil {
		t.Skip("NOT VALIDATED: no packages from npm; tools/deploy/install.sh installs them")
	}
	passes(t, nil, tool(t, "node"), append([]string{filepath.Join(tools, script)}, args...)...)
}

func TestDockerfileLints(t *testing.T) {
	t.Parallel()
	node(t, "node_modules/dockerfile-utils/bin/dockerfile-utils", "lint", "Dockerfile")
}

func TestComposeLints(t *testing.T) {
	t.Parallel()
	passes(t, nil, tool(t, "compose-go"), "compose.yaml")
}

func TestManifestsFitTheirSchemas(t *testing.T) {
	t.Parallel()
	node(t, "kubernetes.js", manifestFiles(t)...)
}

func TestKustomizationBuilds(t *testing.T) {
	t.Parallel()
	output := passes(t, nil, tool(t, "kubectl"), "kustomize", "kubernetes")
	for _, want := range []string{"image: registry.example.org/chainmail:", "name: chainmail-settings-"} {
		if strings.Count(output, want) < 2 {
			t.Errorf("%q is not where it is meant and where it is used:\n%s", want, output)
		}
	}
}

func TestCaddyfileIsValid(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	env := []string{"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home}
	caddy := tool(t, "caddy")
	passes(t, env, caddy, "validate", "--adapter", "caddyfile", "--config", "Caddyfile")
	if formatted := passes(t, env, caddy, "fmt", "Caddyfile"); formatted != read(t, "Caddyfile") {
		t.Error("the Caddyfile is not formatted: run caddy fmt --overwrite")
	}
}

// The unit alone, and with the drop-in.
func TestUnitVerifies(t *testing.T) {
	t.Parallel()
	analyze := tool(t, "systemd-analyze")
	const unit = "chainmail.service"
	for _, dropIn := range []string{"", "outside-database.conf"} {
		dir := t.TempDir()
		// What it starts has to be there for systemd-analyze, and the program is not installed here.
		text := strings.ReplaceAll(read(t, "systemd/"+unit), "/usr/local/bin/chainmail", program(t))
		write(t, filepath.Join(dir, unit), text)
		if dropIn != "" {
			write(t, filepath.Join(dir, unit+".d", dropIn), read(t, "systemd/"+dropIn))
		}
		output := passes(t, []string{"SYSTEMD_UNIT_PATH=" + dir + ":"}, analyze, "verify", filepath.Join(dir, unit))
		for line := range strings.Lines(output) { // it passes what it does not understand
			if strings.Contains(line, dir) {
				t.Error(line)
			}
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
