package main

import (
	"strings"
	"testing"
)

// rounds3 are three rounds of two programs, the second of which is twice as slow in the median, and has a Redis.
const rounds3 = `one	{"sends":{"messages_per_second":100,"cost":{"server_cpu_seconds_per_1000":0.5,"postgres_cpu_seconds_per_1000":0.25}}}
two	{"sends":{"messages_per_second":40,"cost":{"server_cpu_seconds_per_1000":1,"postgres_cpu_seconds_per_1000":0.25,"redis_cpu_seconds_per_1000":0.25}}}
one	{"sends":{"messages_per_second":200,"cost":{"server_cpu_seconds_per_1000":0.5,"postgres_cpu_seconds_per_1000":0.25}}}
two	{"sends":{"messages_per_second":100,"cost":{"server_cpu_seconds_per_1000":1,"postgres_cpu_seconds_per_1000":0.25,"redis_cpu_seconds_per_1000":0.25}}}
one	{"sends":{"messages_per_second":300,"cost":{"server_cpu_seconds_per_1000":0.5,"postgres_cpu_seconds_per_1000":0.25}}}
two	{"sends":{"messages_per_second":180,"cost":{"server_cpu_seconds_per_1000":1,"postgres_cpu_seconds_per_1000":null,"redis_cpu_seconds_per_1000":0.25}}}
`

func TestTables(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(strings.NewReader(rounds3), &out); err != nil {
		t.Fatal(err)
	}
	const want = `Medians of 3 rounds:

| | one | two |
| --- | --- | --- |
| sends: messages/s | 200 | 100 |
| sends: servers' CPU, µs a message | 500.0 | 1000.0 |
| sends: PostgreSQL's CPU, µs a message | 250.0 | - |
| sends: Redis's CPU, µs a message | - | 250.0 |
| sends: all CPU, µs a message | 750.0 | - |

Ratios to "one", median (range):

| | one | two |
| --- | --- | --- |
| sends: messages/s | 1 | 0.50 (0.40-0.60) |
| sends: servers' CPU, µs a message | 1 | 2.00 (2.00-2.00) |
| sends: PostgreSQL's CPU, µs a message | 1 | - |
| sends: Redis's CPU, µs a message | - | - |
| sends: all CPU, µs a message | 1 | - |
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// Every scenario has its rows, and Redis counts where all processor time is added up.
func TestScenarios(t *testing.T) {
	t.Parallel()
	const cost = `"cost":{"server_cpu_seconds_per_1000":0.02,"postgres_cpu_seconds_per_1000":0.01,"redis_cpu_seconds_per_1000":0.03}`
	const report = "one\t" + `{"receipts":{"messages_per_second":1,` + cost + `},` +
		`"latency":{"delivery":{"p50_ms":1.5,"p99_ms":9},` + cost + `},"fanout":{"last_receiver":{"p50_ms":7,"p99_ms":70.25},` + cost + `}}`
	var out strings.Builder
	if err := run(strings.NewReader(report), &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| receipts: messages/s | 1 |\n", "| receipts: all CPU, µs a message | 60.0 |\n",
		"| latency: delivery p50, ms | 1.5 |\n", "| latency: delivery p99, ms | 9.0 |\n",
		"| fanout: last receiver p99, ms | 70.2 |\n", "| fanout: servers' CPU, µs a delivery | 20.00 |\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	for want, values := range map[float64][]float64{3: {3}, 2: {1, 3}, 5: {1, 5, 6}, 4: {1, 3, 5, 9}} {
		if got := median(values); got != want {
			t.Errorf("of %v: got %v, want %v", values, got, want)
		}
	}
}

func TestWhatIsNoReport(t *testing.T) {
	t.Parallel()
	first, rest, _ := strings.Cut(rounds3, "\n")
	for name, test := range map[string]struct{ in, want string }{
		"nothing":         {"", "no report"},
		"no tab":          {"one {}", "a tab"},
		"no JSON":         {"one\tError", `report of "one"`},
		"one too few":     {rest, "times"},
		"other scenarios": {first + "\ntwo\t{}\n", "scenarios"},
	} {
		if err := run(strings.NewReader(test.in), new(strings.Builder)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}
