package audit_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/internal/racetest"
)

// tellingLog is a small sealed log with a word of everything that an export has to carry.
func tellingLog(t testing.TB) *memory {
	t.Helper()
	m := newMemory(t)
	m.strict = true
	alice, bob, carol := m.user("Alice \"A\" <a@b>", domain.RoleAdmin), m.user("Bøb", domain.RoleMember), m.user("Carol", domain.RoleMember)
	group := m.group("Plans\u2028\u202e", alice, bob)
	hello := m.write(bob, alice, "tab\t, line\nfeed, \\ \"quote\" </script> 🙂 \u2029")
	m.acknowledge(bob, hello, false)
	m.acknowledge(bob, hello, true)
	m.seal()
	m.join(bob, group, carol)
	m.erase(alice, m.say(group, bob, "to be forgotten"))
	m.leave(carol, group, carol)
	m.block(carol, bob)
	m.install("strict: \"very\"\n\tand \\ all\n")
	m.judge(domain.SendMessage{Actor: by(bob), ConversationID: group, Content: "a little risky"}, false)
	for range 2 {
		m.judge(domain.SendMessage{Actor: by(bob), ConversationID: group, Content: "risky"}, true)
	}
	m.judge(domain.SendMessage{Actor: by(alice), ReceiverID: carol, ClientMessageID: "first", Content: "risky too"}, true)
	m.erase(bob, m.blocked[0].ref())
	m.release(alice, m.blocked[2])
	m.jobs(alice, bob)
	m.seal()
	m.say(group, alice, "not sealed")
	return m
}

var exportedAt = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

func export(t testing.TB, events []domain.Event) []byte {
	t.Helper()
	var buf bytes.Buffer
	x := audit.NewExporter(&buf, exportedAt)
	for page := range slices.Chunk(events, 7) {
		if err := x.Write(page); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// openBytes opens an export with this content.
func openBytes(t testing.TB, content []byte) (*audit.File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log.jsonl")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := audit.OpenFile(path)
	if err == nil {
		t.Cleanup(func() { _ = f.Close() })
	}
	return f, err
}

// auditBytes returns what reading an export of this content gives.
func auditBytes(t testing.TB, content []byte) ([]domain.Event, []audit.Finding) {
	t.Helper()
	f, err := openBytes(t, content)
	if err != nil {
		t.Fatal(err)
	}
	return auditSource(t, f)
}

func zipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func sameEvent(a, b domain.Event) bool {
	return a.Position == b.Position && a.ID == b.ID && a.Stream == b.Stream && a.Version == b.Version && a.Type == b.Type &&
		bytes.Equal(a.Payload, b.Payload) && bytes.Equal(a.Metadata, b.Metadata) && bytes.Equal(a.Body, b.Body) &&
		a.RecordedAt.Equal(b.RecordedAt) && a.LeafHash == b.LeafHash
}

func TestExportIsReadBackToTheByte(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	content := export(t, m.events)
	for name, content := range map[string][]byte{"plain": content, "compressed": zipped(t, content)} {
		got, findings := auditBytes(t, content)
		if len(findings) > 0 {
			t.Errorf("%s: findings in a good log: %v", name, findings)
		}
		if !slices.EqualFunc(got, m.events, sameEvent) {
			t.Errorf("%s: the events are not those that were written", name)
		}
	}
}

// The page in docs says that any JSON parser gives the bytes that are hashed: Go's own is one.
func TestAnyJSONParserReadsAnExport(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	lines := strings.Split(strings.TrimSuffix(string(export(t, m.events)), "\n"), "\n")
	var head struct {
		Version    int       `json:"chainmail_export"`
		LogID      domain.ID `json:"log_id"`
		Origin     string    `json:"origin"`
		ExportedAt time.Time `json:"exported_at"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &head); err != nil {
		t.Fatal(err)
	}
	if head.Version != 1 || head.LogID.IsZero() || head.Origin != origin || !head.ExportedAt.Equal(exportedAt) {
		t.Errorf("header %+v", head)
	}
	for i, e := range m.events {
		var row struct {
			Position          domain.Position
			Payload, Metadata string
			Body              *string
			LeafHash          string `json:"leaf_hash"`
		}
		if err := json.Unmarshal([]byte(lines[i+1]), &row); err != nil {
			t.Fatal(err)
		}
		if row.Position != e.Position || row.Payload != string(e.Payload) || row.Metadata != string(e.Metadata) ||
			(row.Body == nil) != (e.Body == nil) || row.Body != nil && *row.Body != string(e.Body) ||
			row.LeafHash != fmt.Sprintf("%x", e.LeafHash) {
			t.Errorf("line %d is %s", i+2, lines[i+1])
		}
	}
	var last struct {
		Events int
		Head   string `json:"head_leaf_hash"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%x", m.events[len(m.events)-1].LeafHash); last.Events != len(m.events) || last.Head != want {
		t.Errorf("last line %+v", last)
	}
}

func TestAnEmptyLogIsAnExportToo(t *testing.T) {
	t.Parallel()
	events, findings := auditBytes(t, export(t, nil))
	if len(events) != 0 || len(findings) != 0 {
		t.Errorf("%d events, findings %v", len(events), findings)
	}
}

// Every byte of an export counts: whichever is changed, there is a finding, at the right place.
func TestEveryFlippedByteIsFound(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	content := export(t, m.events)
	line := 0
	first, step := racetest.Sample(4)
	for i, b := range content {
		if i%(29*step) == 29*first { // one of twenty-nine is enough, at a place of its own in each line
			damaged := bytes.Clone(content)
			damaged[i] = b ^ 1<<(i%8)
			f, err := openBytes(t, damaged)
			if err != nil {
				t.Fatalf("byte %d of line %d, %q for %q: %v", i, line+1, damaged[i], b, err)
			}
			_, findings := auditSource(t, f)
			checkPlace(t, findings, line, len(m.events), i)
		}
		if b == '\n' {
			line++
		}
	}
}

// checkPlace demands a finding at the event of a damaged line (from 0, the header), or beside it where two
// lines became one.
func checkPlace(t *testing.T, findings []audit.Finding, line, events, offset int) {
	t.Helper()
	for _, f := range findings {
		if at := int(f.Position); at == line || at == line+1 {
			return
		}
		if line > events && (f.Position == 0 || int(f.Position) >= events) {
			return
		}
	}
	t.Errorf("byte %d, line %d: findings %v", offset, line+1, findings)
}

func TestDamagedExports(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	content := export(t, m.events)
	lines := strings.SplitAfter(string(content), "\n")
	lines = lines[:len(lines)-1] // what follows the last newline
	n := len(m.events)
	edit := func(change func(l []string) []string) []byte {
		return []byte(strings.Join(change(slices.Clone(lines)), ""))
	}
	other := newMemory(t)
	for _, test := range []struct {
		name    string
		content []byte
		want    domain.Position
		kind    audit.Kind
		detail  string
	}{
		{"cut in a line", content[:len(content)-len(lines[n+1])-len(lines[n])/2], domain.Position(n), audit.KindFile, "cut"},
		{"cut at a line's end", edit(func(l []string) []string { return l[:n-2] }), domain.Position(n - 2), audit.KindFile, "last line is missing"},
		{"last line missing", edit(func(l []string) []string { return l[:n+1] }), domain.Position(n + 1), audit.KindFile, "last line is missing"},
		{"last newline missing", content[:len(content)-1], domain.Position(n + 1), audit.KindFile, "cut"},
		{"a line removed", edit(func(l []string) []string { return slices.Delete(l, 5, 6) }), 5, audit.KindGap, ""},
		{"a line twice", edit(func(l []string) []string { return slices.Insert(l, 5, l[5]) }), 5, audit.KindGap, ""},
		{"two lines exchanged", edit(func(l []string) []string { l[4], l[5] = l[5], l[4]; return l }), 4, audit.KindGap, ""},
		{"a line of noise", edit(func(l []string) []string { l[6] = "\x00\xff{\n"; return l }), 6, audit.KindFile, "cannot be read"},
		{"white space", edit(func(l []string) []string { l[6] = strings.Replace(l[6], ":", ": ", 1); return l }), 6, audit.KindFile, "cannot be read"},
		{"header missing", edit(func(l []string) []string { return l[1:] }), 0, audit.KindFile, "missing"},
		{"header damaged", edit(func(l []string) []string { l[0] = "{}\n"; return l }), 0, audit.KindFile, "damaged"},
		{"header of another log", edit(func(l []string) []string {
			l[0], _, _ = strings.Cut(string(export(t, other.events)), "\n")
			l[0] = strings.Replace(l[0], other.id().String()[:8], "0f0f0f0f", 1) + "\n"
			return l
		}), 0, audit.KindFile, "names the log"},
		{"something behind the end", append(bytes.Clone(content), "{}\n"...), domain.Position(n + 1), audit.KindFile, "follows"},
		{"another export behind the end", append(bytes.Clone(content), content...), domain.Position(n + 1), audit.KindFile, "follows"},
		{"a wrong number of events", edit(func(l []string) []string {
			l[n+1] = strings.Replace(l[n+1], fmt.Sprintf(`{"events":%d,`, n), fmt.Sprintf(`{"events":%d,`, n+1), 1)
			return l
		}), domain.Position(n + 1), audit.KindFile, "says that there are"},
		{"a very long line", edit(func(l []string) []string { l[6] = strings.Repeat("x", 2<<20+1) + "\n"; return l }), 6, audit.KindFile, "longer than"},
		{"nothing but noise", edit(func(l []string) []string {
			return append(l[:3:3], strings.Repeat("x\n", 1000))
		}), 103, audit.KindFile, "too many"},
		{"compressed and cut", zipped(t, content)[:400], 0, audit.KindFile, ""},
		{"compressed and its checksum damaged", flip(zipped(t, content), -6), domain.Position(n + 1), audit.KindFile, "compressed"},
		{"compressed and its header damaged", flip(zipped(t, content), 2), 1, audit.KindFile, "compressed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, findings := auditBytes(t, test.content)
			for _, f := range findings {
				if f.Kind == test.kind && (f.Position == test.want || test.name == "compressed and cut") && strings.Contains(f.Detail, test.detail) {
					return
				}
			}
			t.Errorf("no %s at %d with %q among %v", test.kind, test.want, test.detail, findings)
		})
	}
}

// flip changes a bit of the byte at an index, counted from the end if it is negative.
func flip(content []byte, at int) []byte {
	if at < 0 {
		at += len(content)
	}
	content[at] ^= 0x10
	return content
}

// A header that is damaged or missing costs no event.
func TestHeaderCostsNoEvent(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	_, rest, _ := bytes.Cut(export(t, m.events), []byte("\n"))
	for name, content := range map[string][]byte{
		"missing": rest, "damaged": append([]byte("{}\n"), rest...), "emptied": append([]byte("\n"), rest...),
	} {
		events, findings := auditBytes(t, content)
		if !slices.EqualFunc(events, m.events, sameEvent) {
			t.Errorf("%s: %d events, want %d", name, len(events), len(m.events))
		}
		for _, f := range findings {
			if f.Position != 0 || f.Kind != audit.KindFile {
				t.Errorf("%s: finding %v", name, f)
			}
		}
		if len(findings) == 0 {
			t.Errorf("%s: no finding", name)
		}
	}
}

// A forger who repairs the checksum is found by what the events themselves say.
func TestRepairedChecksumDoesNotHelp(t *testing.T) {
	t.Parallel()
	m := tellingLog(t)
	m.events[5].Metadata = bytes.Replace(m.events[5].Metadata, []byte(`"token"`), []byte(`"wallet"`), 1)
	_, findings := auditBytes(t, export(t, m.events))
	if len(findings) == 0 || findings[0].Position != 6 || findings[0].Kind != audit.KindLeafHash {
		t.Errorf("findings %v", findings)
	}
}

func TestWhatIsNoExport(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty":           "",
		"text":            "Dear Alice,\nhow are you?\n",
		"other JSON":      "{\"a\":1}\n{\"a\":2}\n",
		"a long line":     strings.Repeat("x", 2<<20+1),
		"newer":           `{"chainmail_export":2,"shape":"unknown"}` + "\n",
		"gzip of text":    string(zipped(t, []byte("Dear Alice,\nhow are you?\n"))),
		"binary":          "\x7fELF\x00\x00\n\x00",
		"one line, cut":   `{"position":1`,
		"an empty line":   "\n",
		"header of noise": `{"chainmail_export":x}` + "y",
	} {
		file, err := openBytes(t, []byte(content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if events, err := file.Next(t.Context()); len(events) > 0 || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %d events, error %v", name, len(events), err)
		}
		if found := file.Findings(); len(found) == 0 || found[0].Position != 0 || found[0].Kind != audit.KindFile {
			t.Errorf("%s: findings %v", name, found)
		}
	}
	if _, err := audit.OpenFile(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}

// FuzzFile shows that no content of a file makes its reader fail otherwise than by findings.
func FuzzFile(f *testing.F) {
	content := export(f, tellingLog(f).events)
	f.Add(content)
	f.Add(zipped(f, content))
	f.Add(content[:len(content)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := openBytes(t, content)
		if err != nil {
			return
		}
		for {
			if _, err := file.Next(t.Context()); err != nil {
				break
			}
		}
		_, _ = file.Findings(), file.Claims()
	})
}

// testdata/export-1.jsonl was written by the first release that exports, export-work.jsonl by the first one that knows
// projects, tasks and notifications. They are never written again, and stay readable for ever.
func TestOldExportsStayReadable(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"testdata/export-1.jsonl": 21, "testdata/export-work.jsonl": 25} {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		events, findings := auditBytes(t, content)
		if len(events) != want || len(findings) != 0 {
			t.Fatalf("%s: %d events, findings %v", name, len(events), findings)
		}
		if got := export(t, events); !bytes.Equal(got, content) {
			t.Errorf("%s: what is written today is\n%s", name, got)
		}
	}
}
