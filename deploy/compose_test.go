package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

func itoa(n int) string { return strconv.Itoa(n) }

// composed is what the tests look at in compose.yaml.
type composed struct {
	Services map[string]struct {
		Image       string
		Command     []string
		Environment map[string]string
		Secrets     []string
		Volumes     []string
		Networks    any
		ReadOnly    bool                    `yaml:"read_only"`
		DependsOn   any                     `yaml:"depends_on"`
		StopGrace   string                  `yaml:"stop_grace_period"`
		Healthcheck struct{ Test []string } `yaml:"healthcheck"`
	}
	Secrets map[string]struct{ File string }
	Volumes map[string]any
}

func compose(t *testing.T) composed {
	t.Helper()
	var c composed
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompose(t *testing.T) {
	t.Parallel()
	c, caddyfile := compose(t), read(t, "Caddyfile")
	for _, name := range []string{"server-1", "server-2"} {
		s, ok := c.Services[name]
		if !ok || !slices.Equal(s.Command, []string{"serve"}) || !s.ReadOnly {
			t.Fatalf("%s: got %+v", name, s)
		}
		if grace, err := time.ParseDuration(s.StopGrace); err != nil || grace <= 10*time.Second {
			t.Errorf("%s is killed after %s: it may take 10 s", name, s.StopGrace)
		}
		if on, _ := s.DependsOn.(map[string]any)["migrate"].(map[string]any); on["condition"] != "service_completed_successfully" || s.Environment["CHAINMAIL_NO_MIGRATE"] != "true" {
			t.Errorf("%s does not wait for the migrations: %v", name, s.DependsOn)
		}
		if at := name + image(t)["CHAINMAIL_LISTEN"]; !strings.Contains(caddyfile, at) {
			t.Errorf("the Caddyfile has no %s", at)
		}
		proxy := c.Services["proxy"].Networks.(map[string]any)["front"].(map[string]any)
		if proxy["ipv4_address"] != s.Environment["CHAINMAIL_TRUSTED_PROXIES"] {
			t.Errorf("%s believes %s, and the proxy is %v", name, s.Environment["CHAINMAIL_TRUSTED_PROXIES"], proxy)
		}
		if !slices.Contains(s.Volumes, "keys:"+image(t)["CHAINMAIL_DATA_DIR"]) {
			t.Errorf("%s does not keep the log's key: %v", name, s.Volumes)
		}
	}
	if !slices.Equal(c.Services["migrate"].Command, []string{"migrate", "up"}) {
		t.Errorf("migrate: got %v", c.Services["migrate"].Command)
	}
}

// Each service gets the secrets that its variables name, and secrets.sh makes them all.
func TestComposeSecrets(t *testing.T) {
	t.Parallel()
	c := compose(t)
	for name, service := range c.Services {
		for variable, value := range service.Environment {
			if secret, ok := strings.CutPrefix(value, "/run/secrets/"); ok && !slices.Contains(service.Secrets, secret) {
				t.Errorf("%s: %s names a secret that it does not get: %v", name, variable, service.Secrets)
			}
		}
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secrets.sh"), read(t, "secrets.sh"))
	made := make(map[string]string)
	for range 2 { // the second time changes nothing
		if output, err := exec.Command("sh", filepath.Join(dir, "secrets.sh")).CombinedOutput(); err != nil {
			t.Fatalf("secrets.sh: %v\n%s", err, output)
		}
		for name, secret := range c.Secrets {
			value := read(t, filepath.Join(dir, secret.File))
			if before, ok := made[name]; ok && before != value {
				t.Errorf("secrets.sh has changed %s", name)
			}
			made[name] = value
		}
	}
	if password := made["database-password"]; len(password) < 32 || !strings.Contains(made["database-url"], ":"+password+"@postgres/") {
		t.Errorf("the address %q does not have the password %q", made["database-url"], password)
	}
	if len(made["jwt-secret"]) < 32 {
		t.Errorf("the program demands 32 bytes, got %q", made["jwt-secret"])
	}
	info, err := os.Stat(filepath.Join(dir, "secrets"))
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of secrets: %v, %v", info.Mode(), err)
	}
}
