package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// The files that say when somebody is to be woken, and what he does then.
const (
	alertsFile    = "../../deploy/prometheus/alerts.yaml"
	operationsDoc = "../../docs/operations.md"
)

var alertLabel = regexp.MustCompile(`\$labels\.(\w+)`)

// alert is a rule of alertsFile.
type alert struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func readAlerts(t *testing.T) (alerts []alert) {
	t.Helper()
	raw, err := os.ReadFile(alertsFile)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Rules []alert } }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		alerts = append(alerts, g.Rules...)
	}
	return alerts
}

// checkAlerts holds every rule against the metrics, and looks whether somebody who is woken finds what to do.
func (w *watched) checkAlerts(t *testing.T) {
	alerts := readAlerts(t)
	if len(alerts) < 20 {
		t.Errorf("there are %d alerts", len(alerts))
	}
	headings := headings(t)
	for _, a := range alerts {
		e := w.check(t, a.Alert, a.Expr)
		if severity := a.Labels["severity"]; severity != "critical" && severity != "warning" {
			t.Errorf("%s: severity %q", a.Alert, severity)
		}
		for _, name := range []string{"summary", "description"} {
			if a.Annotations[name] == "" {
				t.Errorf("%s: no %s", a.Alert, name)
			}
			for _, label := range alertLabel.FindAllStringSubmatch(a.Annotations[name], -1) {
				if !slices.Contains(e.labels(w.metrics), label[1]) {
					t.Errorf("%s: the %s has %s, and the expression does not", a.Alert, name, label[0])
				}
			}
		}
		if want := "docs/operations.md#" + strings.ToLower(a.Alert); a.Annotations["runbook_url"] != want || headings[a.Alert] != 1 {
			t.Errorf("%s: runbook %q with %d headings, want %q with one", a.Alert, a.Annotations["runbook_url"], headings[a.Alert], want)
		}
		delete(headings, a.Alert)
	}
	for heading := range headings {
		if strings.HasPrefix(heading, "Chainmail") {
			t.Errorf("docs/operations.md explains %s, which is no alert", heading)
		}
	}
}

// headings counts the headings of the operator's page.
func headings(t *testing.T) map[string]int {
	t.Helper()
	raw, err := os.ReadFile(operationsDoc)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]int)
	for _, match := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(raw), -1) {
		found[match[1]]++
	}
	return found
}

// TestAlertRules has Prometheus' own tool parse the rules and the dashboard's expressions, and run the rules' tests, of which each alert
// has one.
func TestAlertRules(t *testing.T) {
	t.Parallel()
	promtool := findPromtool(t)
	dir := filepath.Dir(alertsFile)
	for _, args := range [][]string{
		{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}, {"check", "rules", dashboardRules(t)},
	} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	tests, err := os.ReadFile(filepath.Join(dir, "alerts_test.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range readAlerts(t) {
		if !strings.Contains(string(tests), `alertname="`+a.Alert+`"`) {
			t.Errorf("%s has no test", a.Alert)
		}
	}
}

// findPromtool skips the test where install.sh could not fetch it, which it has said by then.
func findPromtool(t *testing.T) string {
	t.Helper()
	if path, err := exec.LookPath("promtool"); err == nil {
		return path
	}
	path, err := filepath.Abs("../../tools/promtool/promtool")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		return path
	}
	t.Skip("ALERTS NOT CHECKED: no promtool; tools/promtool/install.sh fetches it, or says what to do")
	return ""
}
