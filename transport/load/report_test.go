package load_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"chainmail/transport/load"
)

// full is a report in which everything could be told but PostgreSQL's processor time.
func full() load.Report {
	half, one := 0.5, 1.25
	cost := load.Cost{Server: &half, Generator: 0.1, Share: 0.07, WALBytes: &one, Writes: &one, CatchUp: &half}
	times := load.Percentiles{P50: 1, P99: 2, P999: 3, Max: 4.5}
	return load.Report{
		Idle:     &load.IdleReport{Connections: 10, ConnectsPerSecond: 99.6},
		Sends:    &load.LoopReport{Pairs: 2, Window: 3, Size: 100, Messages: 7, Seconds: 2, Rate: 3.5, Cost: cost},
		Receipts: &load.LoopReport{Messages: 8, Cost: cost},
		Latency:  &load.LatencyReport{Rate: 500, Messages: 9, Delivery: times, Cost: cost},
		Fanout:   &load.FanoutReport{Members: 20, Rate: 5, Messages: 6, Deliveries: 114, Last: times, Cost: cost},
		Notes:    []string{"so it is"},
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for _, l := range full().Lines() {
		text.WriteString(l.Scenario + "|" + l.Figure + "|" + l.Value + "\n")
	}
	for _, want := range []string{
		"idle|connects/s|100\n",
		"idle|KiB a connection|can't be told\n",
		"sends|messages|7 of 100 bytes, 2 pairs, 3 in flight each\n",
		"sends|server CPU s/1,000 messages|0.5000\n",
		"sends|PostgreSQL CPU s/1,000 messages|can't be told\n",
		"receipts|generator CPU s/1,000 messages|0.1000 (7% of a processor)\n",
		"latency|delivery p50, p99, p99.9, max|1.00, 2.00, 3.00, 4.50 ms\n",
		"fanout|messages|6 at 5/s to 20 members\n",
		"fanout|server CPU s/1,000 deliveries|0.5000\n",
		"fanout|write transactions a message|1.250\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "Redis") {
		t.Errorf("there is no Redis, but\n%s", text.String())
	}
	if lines := (load.Report{}).Lines(); len(lines) != 0 {
		t.Errorf("a report of nothing has %v", lines)
	}
}

// Redis is there where it was measured, and only there.
func TestRedisInReports(t *testing.T) {
	t.Parallel()
	report := full()
	raw, err := json.Marshal(report)
	if err != nil || strings.Contains(string(raw), "redis") {
		t.Errorf("%v; there is no Redis, but %s", err, raw)
	}
	cost := 0.25
	report.Sends.Cost.Redis = &cost
	if raw, err = json.Marshal(report); err != nil || !strings.Contains(string(raw), `"redis_cpu_seconds_per_1000":0.25`) {
		t.Errorf("%v; got %s", err, raw)
	}
	if !slices.Contains(report.Lines(), load.Line{Scenario: "sends", Figure: "Redis CPU s/1,000 messages", Value: "0.2500"}) {
		t.Errorf("got %v", report.Lines())
	}
}

// Programs see null where a figure can't be told, and no scenario that didn't run.
func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	report := full()
	report.Fanout = nil
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"kib_per_connection":null`, `"server_cpu_seconds_per_1000":0.5`, `"postgres_cpu_seconds_per_1000":null`,
		`"delivery":{"p50_ms":1,"p99_ms":2,"p99_9_ms":3,"max_ms":4.5}`, `"notes":["so it is"]`,
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("no %s in %s", want, raw)
		}
	}
	if strings.Contains(string(raw), "fanout") {
		t.Errorf("fanout did not run, but %s", raw)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	first := load.AccountID(7)
	if again := load.AccountID(7); again != first || load.AccountID(7) == load.AccountID(8) {
		t.Error("an account's id is not its own for ever")
	}
	if got, want := load.AccountID(0).String(), "dbeaa1d5-8fbe-5b6a-bea8-97b8d8de187e"; got != want {
		t.Errorf("got %s, want %s: databases hold accounts of this id already", got, want)
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	c := load.Config{Pairs: 50, Members: 1000, Connections: 5000}
	tests := map[string]struct {
		scenarios []string
		want      int
	}{
		"pairs": {[]string{load.Sends, load.Latency, load.Receipts}, 100},
		"group": {[]string{load.Fanout, load.Sends}, 1000},
		"all":   {load.Scenarios(), 5000},
		"none":  {nil, 0},
	}
	for name, test := range tests {
		c.Scenarios = test.scenarios
		if got := c.Needs(); got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}
