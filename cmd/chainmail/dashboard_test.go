package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const dashboardFile = "../../deploy/grafana/chainmail.json"

var legendLabel = regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`)

// panel is one of dashboardFile's.
type panel struct {
	ID      int
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr, LegendFormat string }
}

func readDashboard(t *testing.T) []panel {
	t.Helper()
	raw, err := os.ReadFile(dashboardFile)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct{ Panels []panel }
	if err := json.Unmarshal(raw, &dashboard); err != nil {
		t.Fatal(err)
	}
	return dashboard.Panels
}

// checkDashboard holds every expression of the dashboard against the metrics.
func (w *watched) checkDashboard(t *testing.T) {
	ids := make(map[int]bool)
	count := 0
	for _, p := range readDashboard(t) {
		if ids[p.ID] || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%s: its id %d is another's, or it is too wide", p.Title, p.ID)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			count++
			e := w.check(t, p.Title, target.Expr)
			for _, label := range legendLabel.FindAllStringSubmatch(target.LegendFormat, -1) {
				if !slices.Contains(e.labels(w.metrics), label[1]) {
					t.Errorf("%s: the legend has {{%s}}, and %s does not", p.Title, label[1], target.Expr)
				}
			}
		}
	}
	if count < 50 {
		t.Errorf("the dashboard has %d expressions", count)
	}
}

// check holds an expression against the metrics.
func (w *watched) check(t *testing.T, where, text string) expression {
	t.Helper()
	e, err := parseExpression(text)
	if err != nil {
		t.Errorf("%s: %v", where, err)
	}
	for _, lacks := range e.check(w.metrics) {
		t.Errorf("%s: the metrics lack %s, for %s", where, lacks, text)
	}
	return e
}

// dashboardRules writes the dashboard's expressions into a file of rules, which is what promtool parses.
func dashboardRules(t *testing.T) (path string) {
	t.Helper()
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	type group struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	}
	of := group{Name: "dashboard"}
	for _, p := range readDashboard(t) {
		for i, target := range p.Targets {
			of.Rules = append(of.Rules, rule{
				Record: fmt.Sprintf("panel%d_%d", p.ID, i), Expr: strings.ReplaceAll(target.Expr, "$__rate_interval", "5m"),
			})
		}
	}
	raw, err := yaml.Marshal(map[string][]group{"groups": {of}})
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "dashboard.yaml")
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
