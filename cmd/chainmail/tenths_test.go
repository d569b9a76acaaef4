package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// steady is a log of pages with an event each, none of which means anything.
type steady struct{ pages, read int }

func (s *steady) Next(context.Context) ([]domain.Event, error) {
	if s.read == s.pages {
		return nil, io.EOF
	}
	s.read++
	return []domain.Event{{Position: domain.Position(s.read)}}, nil
}

func (s *steady) done(domain.Position) float64 { return float64(s.read) / float64(s.pages) }
func (s *steady) Claims() []audit.Claim        { return nil }
func (s *steady) Findings() []audit.Finding    { return nil }
func (s *steady) Close() error                 { return nil }

// Elsewhere than on a terminal a line tells that the work has begun, and one tells each tenth.
func TestReplayProgress(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pages int
		want  []string
	}{
		{1, []string{"verifying the log"}},
		{2, []string{"verifying the log", "verifying the log, 50%, #1"}},
		{200, []string{
			"verifying the log", "verifying the log, 10%, #20", "verifying the log, 20%, #40", "verifying the log, 30%, #60",
			"verifying the log, 40%, #80", "verifying the log, 50%, #100", "verifying the log, 60%, #120",
			"verifying the log, 70%, #140", "verifying the log, 80%, #160", "verifying the log, 90%, #180",
		}},
	} {
		var told bytes.Buffer
		bar := newProgress(&told)
		r := &replay{
			command: &replayCommand{Format: "json"}, filter: audit.Filter{From: 1000},
			streams: streams{io.Discard, io.Discard}, source: &steady{pages: tc.pages}, progress: bar, reading: tenths{bar: bar},
		}
		if err := r.run(t.Context(), audit.Options{TempDir: t.TempDir()}); err != errSilent {
			t.Fatalf("%d pages: %v", tc.pages, err)
		}
		if got, want := told.String(), strings.Join(tc.want, "\n")+"\n"; got != want {
			t.Errorf("%d pages: got\n%swant\n%s", tc.pages, got, want)
		}
	}
}

func TestImportProgress(t *testing.T) {
	t.Parallel()
	var told bytes.Buffer
	source := &steady{pages: 1000}
	i := &importing{source: source, progress: newProgress(&told), refused: io.ErrUnexpectedEOF} // nothing is stored
	i.reading = tenths{bar: i.progress}
	for {
		events, err := source.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err := i.store(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSpace(told.String()), "\n")
	if len(lines) != 9 {
		t.Fatalf("got %d lines:\n%s", len(lines), told.String())
	}
	for n, line := range lines {
		if want := fmt.Sprintf("verifying and storing, %d0%%, ", n+1); !strings.HasPrefix(line, want) || !strings.HasSuffix(line, "/s") {
			t.Errorf("line %d is %q, want %q and a rate", n+1, line, want)
		}
	}
}

// On a terminal the bar follows every page.
func TestTenthsOnATerminal(t *testing.T) {
	t.Parallel()
	var told bytes.Buffer
	p := tenths{bar: &progress{w: &told, terminal: true}}
	for n := range 5 {
		p.show("reading", fmt.Sprintf(", #%d", n), float64(n)/100)
	}
	if got := strings.Count(told.String(), "\r"); got != 5 || !strings.Contains(told.String(), "4% reading, #4") {
		t.Errorf("drawn %d times: %q", got, told.String())
	}
}
