package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chainmail/cmd/chaos/history"
)

// judge compares the history with the log, has the log verified and the tables compared, and fills the report.
func (r *run) judge(ctx context.Context, h *history.History) error {
	say(r.out, "checking")
	log, err := r.read(ctx)
	if err != nil {
		return err
	}
	r.report.findings = append(r.report.findings, history.Check(log, h)...)
	r.report.count(log, h)
	r.report.refused = r.crowd.Refused()
	r.report.faults = r.describe(history.Deliveries(log, h))
	for _, strange := range r.crowd.Strange() {
		r.report.find(history.RefusedWrongly, strange)
	}
	for _, s := range r.fleet.Servers {
		lines, lost, err := s.Trouble()
		if err != nil {
			return err
		}
		r.report.lost += lost
		for _, line := range lines {
			r.report.find(history.ServerUnavailable, s.Name+" says: "+line)
		}
	}
	if err := r.audit(ctx); err != nil || len(r.report.findings) == 0 {
		return err
	}
	return r.keep(h)
}

// keep writes the history beside the data, for whoever looks into the findings.
func (r *run) keep(h *history.History) error {
	raw, err := json.Marshal(h.Devices)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, "history.json"), raw, 0o600)
}

// nobody is a user that does not exist, so that no event is shown.
const nobody = "01234567-89ab-7cde-8123-456789abcdef"

// audit runs the program's own checks, once the projections have had time to catch up.
func (r *run) audit(ctx context.Context) error {
	output, status, err := r.fleet.Run(ctx, "replay", "--format", "json", "--user", nobody)
	if err != nil {
		return err
	}
	if status != 0 {
		r.report.find(history.AuditFinding, output)
	}
	for deadline := time.Now().Add(20 * time.Second); ; { // the tables may lag behind
		if output, status, err = r.fleet.Run(ctx, "rebuild", "--verify"); err != nil {
			return err
		}
		if status == 0 || time.Now().After(deadline) {
			break
		}
		hold(ctx, 500*time.Millisecond)
	}
	if status != 0 {
		r.report.find(history.TablesDiffer, output)
	}
	return nil
}

// describe tells of each fault how deliveries fared from its beginning until all was well again.
func (r *run) describe(all []history.Delivery) []string {
	var lines []string
	for _, d := range r.done {
		p50, _ := history.Percentile(all, 0.50, d.from, d.whole+time.Second)
		p99, n := history.Percentile(all, 0.99, d.from, d.whole+time.Second)
		lines = append(lines, fmt.Sprintf("%s; whole after %s; %d broke, %d acknowledged; %d deliveries, p50 %s, p99 %s",
			strings.TrimSpace(d.what), millis(d.whole-d.to), d.broken, d.acked, n, millis(p50), millis(p99)))
	}
	r.report.p50, r.report.deliveries = history.Percentile(all, 0.50, 0, time.Hour*1000)
	r.report.p99, _ = history.Percentile(all, 0.99, 0, time.Hour*1000)
	return lines
}

func millis(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
