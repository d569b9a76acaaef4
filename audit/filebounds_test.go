package audit_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// wide is an event with a payload of so many bytes.
func wide(at domain.Position, size int) domain.Event {
	return domain.Event{
		Position: at, ID: newID(), Stream: "wide", Version: 1, Type: "Wide", Payload: bytes.Repeat([]byte("x"), size),
		Metadata: []byte("{}"), RecordedAt: exportedAt,
	}
}

// A small compressed file can hold very much: it is read in pieces of bounded size, whatever lines it has.
func TestFileIsReadInBoundedPieces(t *testing.T) {
	t.Parallel()
	var events []domain.Event
	for at := domain.Position(1); at <= 30; at++ {
		events = append(events, wide(at, 700_000))
	}
	content := export(t, events)
	half := bytes.Replace(content, []byte(`"Wide"`), []byte(`"Wide" `), 15) // so many lines cannot be read
	for name, tc := range map[string]struct {
		content []byte
		want    int
	}{"good": {zipped(t, content), 30}, "half": {zipped(t, half), 15}} {
		f, err := openBytes(t, tc.content)
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for {
			page, err := f.Next(t.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			got += len(page)
			if len(page) > 2 {
				t.Errorf("%s: %d events at once, of %d bytes each", name, len(page), len(page[0].Payload))
			}
		}
		if got != tc.want {
			t.Errorf("%s: got %d events, want %d", name, got, tc.want)
		}
	}
}

// The largest policy, of what takes the most room, is exported and read back.
func TestLargestPolicy(t *testing.T) {
	t.Parallel()
	m := newMemory(t)
	m.strict = true
	m.install(strings.Repeat(`"\`, 128<<10))
	got, findings := auditBytes(t, export(t, m.events))
	if !slices.EqualFunc(got, m.events, sameEvent) || len(findings) > 0 {
		t.Errorf("%d events, findings %v", len(got), findings)
	}
}

// A line has two megabytes, for the writer as for the reader.
func TestLongestLine(t *testing.T) {
	t.Parallel()
	const longest = 2 << 20
	lines := bytes.Split(export(t, []domain.Event{wide(1, 0)}), []byte("\n"))
	if len(lines) != 4 {
		t.Fatalf("an export of one event has %d lines", len(lines)-1)
	}
	fits := longest - len(lines[1])
	got, findings := auditBytes(t, export(t, []domain.Event{wide(1, fits)}))
	if len(got) != 1 || slices.ContainsFunc(findings, func(f audit.Finding) bool { return f.Kind == audit.KindFile }) {
		t.Errorf("a line of %d bytes: %d events, findings %v", longest, len(got), findings)
	}
	x := audit.NewExporter(io.Discard, exportedAt)
	if err := x.Write([]domain.Event{wide(1, fits+1)}); err == nil || !strings.Contains(err.Error(), "event 1 takes 2097153 bytes") {
		t.Errorf("a byte more is written: %v", err)
	}
	more := bytes.Replace(export(t, []domain.Event{wide(1, fits)}), []byte("xx"), []byte("xxx"), 1)
	if _, findings := auditBytes(t, more); !slices.ContainsFunc(findings, func(f audit.Finding) bool {
		return f.Position == 1 && f.Kind == audit.KindFile && strings.Contains(f.Detail, "longer than 2097152 bytes")
	}) {
		t.Errorf("a byte more is read: %v", findings)
	}
}
