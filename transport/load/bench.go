package load

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bench is one run. Its methods belong to the goroutine of Run.
type bench struct {
	config   Config
	dialer   dialer
	http     *http.Client
	meter    *meter
	report   *Report
	scenario string    // under way
	stage    string    // of it
	told     time.Time // when Progress was last called
	run      string    // makes the run's client_message_ids its own
}

// Run runs the chosen scenarios one after the other. When one fails, the report has those before it.
func Run(ctx context.Context, config Config) (Report, error) {
	if err := config.Check(); err != nil {
		return Report{}, err
	}
	if have, need := len(config.Accounts), config.Needs(); have < need {
		return Report{}, fmt.Errorf("%d accounts: these scenarios need %d", have, need)
	}
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	b := &bench{
		config: config,
		dialer: newDialer(config.URLs),
		http:   &http.Client{Transport: transport, Timeout: time.Minute},
		report: &Report{URL: strings.Join(config.URLs, ","), Started: time.Now().UTC(), Notes: []string{}},
		run:    rand.Text()[:8],
	}
	if load, crowded := otherWork(); crowded {
		b.note("this machine had other work (load %s on %d processors): rates and latencies suffer, processor time a message less so",
			load, runtime.NumCPU())
	}
	b.meter = newMeter(ctx, b.config, b.http, b.note)
	scenarios := map[string]func(context.Context) error{
		Idle: b.idle, Sends: b.sends, Receipts: b.receipts, Latency: b.latency, Fanout: b.fanout,
	}
	for _, name := range Scenarios() {
		if !slices.Contains(config.Scenarios, name) {
			continue
		}
		b.scenario = name
		if err := scenarios[name](ctx); err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return *b.report, fmt.Errorf("scenario %s: %w", name, err)
		}
	}
	return *b.report, nil
}

// note tells the reader of the report what its figures don't.
func (b *bench) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if !slices.Contains(b.report.Notes, note) {
		b.report.Notes = append(b.report.Notes, note)
	}
}

// progress tells how far the stage is, but not more often than anybody can see.
func (b *bench) progress(stage string, fraction float64) {
	if b.config.Progress == nil || stage == b.stage && time.Since(b.told) < 100*time.Millisecond {
		return
	}
	b.stage, b.told = stage, time.Now()
	b.config.Progress(Progress{Scenario: b.scenario, Stage: stage, Fraction: fraction})
}

// closing joins what ended a scenario with what its fleet knows better: why its sockets broke.
func closing(f *fleet, err error) error {
	if cause := context.Cause(f.ctx); err != nil && cause != nil && !errors.Is(cause, errEnded) {
		err = cause
	}
	f.close()
	return err
}
