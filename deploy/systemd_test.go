package deploy_test

import (
	"strings"
	"testing"
)

// setting returns a unit's setting, of several with that name the last.
func setting(t *testing.T, path, name string) string {
	t.Helper()
	value := ""
	for line := range strings.Lines(read(t, path)) {
		if found, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			value = found
		}
	}
	return value
}

func TestUnit(t *testing.T) {
	t.Parallel()
	const unit, dropIn = "systemd/chainmail.service", "systemd/outside-database.conf"
	dir := setting(t, unit, "Environment")
	if dir != "CHAINMAIL_DATA_DIR=/var/lib/"+setting(t, unit, "StateDirectory") {
		t.Errorf("the data directory %q is not the unit's own", dir)
	}
	for name, want := range map[string]string{
		"KillMode":        "mixed", // the embedded PostgreSQL outlives the server that uses it
		"Restart":         "on-failure",
		"User":            "chainmail",
		"ProtectSystem":   "strict",
		"NoNewPrivileges": "yes",
	} {
		if got := setting(t, unit, name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(read(t, "systemd/chainmail.sysusers"), "\nu chainmail ") {
		t.Error("nobody makes the unit's user")
	}
	for line := range strings.Lines(read(t, dropIn)) {
		credential, ok := strings.CutPrefix(line, "LoadCredential=")
		if !ok {
			continue
		}
		if name, _, _ := strings.Cut(credential, ":"); !strings.Contains(read(t, dropIn), "_FILE=%d/"+name+"\n") {
			t.Errorf("nobody reads the credential %s", name)
		}
	}
}
