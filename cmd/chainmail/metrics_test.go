package main

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// family is a metric's name, without what a histogram adds to it.
func family(series string) string {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		series = strings.TrimSuffix(series, suffix)
	}
	return series
}

// checkDocumentation looks for each of our metrics in the operator's page, and the other way round.
func (w *watched) checkDocumentation(t *testing.T) {
	raw, err := os.ReadFile(operationsDoc)
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(raw), "\n## Metrics\n")
	text, _, _ = strings.Cut(text, "\n## Log lines\n")
	documented := make(map[string]bool)
	for _, match := range regexp.MustCompile(`\bchainmail_[a-z0-9_]+`).FindAllString(text, -1) {
		documented[match] = true
	}
	exported := make(map[string]bool)
	for series := range w.metrics {
		if name := family(series); strings.HasPrefix(name, "chainmail_") {
			exported[name] = true
		}
	}
	for name := range exported {
		if !documented[name] {
			t.Errorf("%s is not documented", name)
		}
	}
	for name := range documented {
		if !exported[name] {
			t.Errorf("%s is documented and is not there", name)
		}
	}
}

// checkCounts compares figures with what was done.
func (w *watched) checkCounts(t *testing.T) {
	for series, least := range map[string]int{
		`chainmail_connections_opened_total`: 3, `chainmail_connections_closed_total{code="1006"}`: 2,
		`chainmail_connections_closed_total{code="1008"}`: 1, `chainmail_frames_received_total{type="chat_message"}`: 5,
		`chainmail_frames_received_total{type="read"}`: 1, `chainmail_frames_received_total{type="typing"}`: 1,
		`chainmail_frames_received_total{type="invalid"}`: 3, `chainmail_frames_sent_total`: 15,
		`chainmail_frames_rejected_total{code="invalid_json"}`: 1, `chainmail_frames_rejected_total{code="unknown_type"}`: 1,
		`chainmail_frames_rejected_total{code="unknown_field"}`: 1, `chainmail_frames_rejected_total{code="rate_limited"}`: 1,
		`chainmail_rate_limited_total{kind="messages"}`: 1, `chainmail_events_appended_total{type="MessageSent"}`: 2,
		`chainmail_events_appended_total{type="MessageBlocked"}`: 1, `chainmail_append_batch_events_count`: 5,
		`chainmail_commit_duration_seconds_count`: 5, `chainmail_delivery_duration_seconds_count`: 3,
		`chainmail_catchup_duration_seconds_count`: 3, `chainmail_append_failures_total{reason="repeat"}`: 1,
		`chainmail_guard_verdicts_total{verdict="blocked"}`: 1, `chainmail_guard_llm_questions_total{outcome="opinion"}`: 1,
		`chainmail_logins_total{call="login",outcome="done"}`: 1, `chainmail_logins_total{call="login",outcome="refused"}`: 1,
		`chainmail_logins_total{call="refresh",outcome="done"}`: 1, `chainmail_logins_total{call="logout",outcome="done"}`: 1,
		`chainmail_http_requests_total{method="GET",route="/api/users",status="200"}`:             1,
		`chainmail_http_requests_total{method="other",route="none",status="405"}`:                 1,
		`chainmail_http_request_duration_seconds_count{method="POST",route="/api/conversations"}`: 1,
		`chainmail_database_reachable`: 1, `chainmail_sealing`: 1, `go_sql_open_connections{db_name="log"}`: 1,
	} {
		match := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(series) + ` ([0-9.e+]+)$`).FindStringSubmatch(w.text)
		var got float64
		if match != nil {
			if _, err := fmt.Sscan(match[1], &got); err != nil {
				t.Fatal(err)
			}
		}
		if got < float64(least) {
			t.Errorf("%s: got %v, want %d or more", series, got, least)
		}
	}
}

// checkSecrets looks for what people said and for what lets them in, in metrics and log, and for people in the metrics.
func (w *watched) checkSecrets(t *testing.T) {
	for what, secret := range w.secrets {
		if strings.Contains(w.raw, secret) {
			t.Errorf("the log has %s", what)
		}
		if strings.Contains(w.text, secret) {
			t.Errorf("the metrics have %s", what)
		}
	}
	for _, id := range w.people {
		if strings.Contains(w.text, id) {
			t.Errorf("the metrics have the user %s", id)
		}
	}
	for series, labels := range w.metrics {
		for label, values := range labels {
			if distinct := slices.Compact(slices.Sorted(slices.Values(values))); len(distinct) > 100 {
				t.Errorf("%s: the label %s has %d values", series, label, len(distinct))
			}
		}
	}
}

// otherNames are what the attributes of log lines must not be called, and how they are called.
var otherNames = map[string]string{
	"user_id": "user", "userID": "user", "conn": "connection", "request": "request_id", "requestID": "request_id",
	"err": "error", "pos": "position", "head": "position",
}

// checkLines looks at the names of attributes, and whether lines say whose they are.
func (w *watched) checkLines(t *testing.T) {
	has := make(map[string]bool)
	for _, line := range w.log {
		for name, right := range otherNames {
			if _, wrong := line[name]; wrong {
				t.Errorf("a line calls %s %s: %v", right, name, line)
			}
		}
		kind := fmt.Sprint(line["msg"])
		for _, name := range []string{"request_id", "user", "connection", "position", "error"} {
			if _, is := line[name]; is {
				has[kind+": "+name] = true
			}
		}
	}
	for _, want := range []string{
		"request: request_id", "request: user", "request: position", "a connection was opened: user", "a connection was opened: connection",
		"a connection has ended: user", "a connection has ended: connection", "a token was refused: connection", "a token was refused: error",
	} {
		if !has[want] {
			t.Errorf("no line has %s; there are %v", want, slices.Sorted(maps.Keys(has)))
		}
	}
}
