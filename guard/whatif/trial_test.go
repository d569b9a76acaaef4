package whatif_test

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"chainmail/domain"
	"chainmail/guard/whatif"
	"chainmail/internal/racetest"
)

// run tries the policy on a history in pages of one size.
func run(t testing.TB, h *history, from domain.Position, examples, page int) whatif.Report {
	t.Helper()
	trial := whatif.NewTrial(newGuard(t, policy), from, examples)
	for events := h.events; len(events) > 0; events = events[min(page, len(events)):] {
		if err := trial.Take(events[:min(page, len(events))]); err != nil {
			t.Fatal(err)
		}
	}
	return trial.Report(20)
}

// positions are those of a group's examples.
func positions(g whatif.Group) []domain.Position {
	list := []domain.Position{}
	for _, e := range g.Examples {
		list = append(list, e.Position)
	}
	return list
}

func carrots(weight float64) domain.RiskReason {
	return domain.RiskReason{Rule: "carrots", Weight: weight}
}

// mixed is a history with each kind of event that a trial looks at, and some that it does not.
func mixed(t testing.TB) *history {
	t.Helper()
	h := &history{t: t}
	h.add(domain.ID{}, &domain.UserRegistered{UserID: sender, Role: domain.RoleMember, Name: "Bugs"})                                                     // 1
	h.add(domain.ID{}, &domain.UserRegistered{UserID: admin, Role: domain.RoleAdmin, Name: "buy carrots"})                                                // 2
	h.add(sender, &domain.ConversationStarted{ConversationID: id(0xcc), StarterID: sender, ParticipantIDs: []domain.ID{sender, admin}, Title: "carrots"}) // 3
	h.add(sender, &domain.ConversationStarted{ConversationID: id(0xcd), StarterID: sender, Direct: true, ParticipantIDs: []domain.ID{sender, admin}})     // 4
	h.sent(sender, "hello", 0)                                                                                                                            // 5: sent as before
	h.sent(sender, "buy carrots", 0)                                                                                                                      // 6: newly blocked
	h.blocked("buy carrots", 0.9, nil, carrots(0.9))                                                                                                      // 7: blocked as before
	h.blocked("hello", 0.85, nil, domain.RiskReason{Rule: "greeting", Weight: 0.85})                                                                      // 8: newly allowed
	h.judgedOnly(id(0x98), said(1))                                                                                                                       // 9: of another message than the next
	h.sent(sender, "buy carrots", 0)                                                                                                                      // 10: erased
	h.erase()
	h.sent(excepted, "buy carrots", 0)    // 11: of an excepted user
	h.sent(sender, "buy cabbages", 0)     // 12: uncertain
	h.judged("cabbages", 0.5, said(0.7))  // 13, 14: uncertain, and blocked by what was said
	h.judged("cabbages", 0.5, said(0))    // 15, 16: uncertain, and sent by what was said
	h.judged("cabbages", 0.5, silent())   // 17, 18: uncertain, and nothing was said
	h.blocked("cabbages", 0.9, said(0.9)) // 19: blocked as before by what was said
	h.judged("hello", 0.4, said(1))       // 20, 21: what was said does not count: it would not be asked
	h.sent(sender, "carrots", 0)          // 22: judged by nobody at the time, newly blocked
	h.unjudge()
	h.judgedOnly(id(0x99), said(0.7)) // 23: of another message than the next
	h.sent(sender, "cabbages", 0)     // 24: uncertain
	h.released("buy carrots", false)  // 25, 26
	h.sent(sender, "hello", 0)        // 27: sent as before
	h.released("buy carrots", true)   // 28, 29, 30: it opens the conversation
	return h
}

// unjudge takes the policy off the last message.
func (h *history) unjudge() {
	h.t.Helper()
	last := h.events[len(h.events)-1]
	data, err := domain.Decode(last)
	if err != nil {
		h.t.Fatal(err)
	}
	m := data.(*domain.MessageSent)
	m.PolicyHash = nil
	h.events = h.events[:len(h.events)-1]
	h.add(m.SenderID, m)
}

func TestTrial(t *testing.T) {
	t.Parallel()
	r := run(t, mixed(t), 1, 10, 1000)
	m := r.Messages
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"judged", m.Judged, int64(14)},
		{"newly blocked", positions(m.NewlyBlocked), []domain.Position{6, 14, 22}},
		{"newly allowed", positions(m.NewlyAllowed), []domain.Position{8}},
		{"still blocked", m.StillBlocked, int64(2)},
		{"still sent", m.StillSent, int64(8)},
		{"would ask", positions(m.WouldAsk), []domain.Position{12, 18, 24}},
		{"excepted", m.Excepted, int64(1)},
		{"unjudged", m.Unjudged, int64(1)},
		{"released", m.Released, int64(2)},
		{"erased", m.Erased, int64(1)},
		{"titles", r.Titles.Judged, int64(1)},
		{"titles refused", positions(r.Titles.Refused), []domain.Position{3}},
		{"names", r.Names.Judged, int64(2)},
		{"names refused", positions(r.Names.Refused), []domain.Position{2}},
		{"rules", r.Rules, []whatif.RuleCount{{"cabbages", 6}, {"carrots", 3}, {"language_model", 2}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	r := run(t, mixed(t), 1, 10, 1000)
	for _, c := range []struct {
		got, want whatif.Example
	}{
		{r.Messages.NewlyBlocked.Examples[1], whatif.Example{
			Position: 14, ID: id(14), Before: &whatif.Verdict{RiskScore: 0.5, Reasons: []string{}},
			After: whatif.Verdict{RiskScore: 0.82, Reasons: []string{"language_model", "cabbages"}}, Text: "cabbages",
		}},
		{r.Messages.NewlyBlocked.Examples[2], whatif.Example{
			Position: 22, ID: id(22), After: whatif.Verdict{RiskScore: 0.9, Reasons: []string{"carrots"}}, Text: "carrots",
		}},
		{r.Messages.NewlyAllowed.Examples[0], whatif.Example{
			Position: 8, ID: id(8), Before: &whatif.Verdict{RiskScore: 0.85, Reasons: []string{"greeting"}},
			After: whatif.Verdict{Reasons: []string{}}, Text: "hello",
		}},
		{r.Titles.Refused.Examples[0], whatif.Example{
			Position: 3, ID: id(0xcc), After: whatif.Verdict{RiskScore: 0.9, Reasons: []string{"carrots"}}, Text: "carrots",
		}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got %+v, want %+v", c.got, c.want)
		}
	}
}

// Where pages end makes no difference: a message's reasons may be in the page before.
func TestPagesDoNotMatter(t *testing.T) {
	t.Parallel()
	h := mixed(t)
	for range 20 { // more than one goroutine's share
		h.sent(sender, "buy carrots", 0)
		h.judged("cabbages", 0.5, said(0.7))
		h.blocked("hello", 0.9, nil)
	}
	want := run(t, h, 1, 5, len(h.events))
	for _, page := range []int{1, 2, 3, 7, 63, 64, 65} {
		if got := run(t, h, 1, 5, page); !reflect.DeepEqual(got, want) {
			t.Fatalf("pages of %d: got %+v, want %+v", page, got, want)
		}
	}
	if n := len(want.Messages.NewlyBlocked.Examples); n != 5 || want.Messages.NewlyBlocked.Count != 43 {
		t.Errorf("newly blocked: %d examples of %d, want 5 of 43", n, want.Messages.NewlyBlocked.Count)
	}
}

// What stands before the first event to count is not counted, and still tells why it was sent.
func TestTrialFrom(t *testing.T) {
	t.Parallel()
	h := mixed(t)
	for _, c := range []struct {
		from   domain.Position
		judged int64
	}{{14, 8}, {13, 8}, {12, 9}} { // 13 is no message
		m := run(t, &history{t: t, events: h.events[c.from-1-whatif.Context:]}, c.from, 10, 1000).Messages
		if got, want := positions(m.NewlyBlocked), []domain.Position{14, 22}; !reflect.DeepEqual(got, want) || m.Judged != c.judged {
			t.Errorf("from %d: got %v of %d, want %v of %d", c.from, got, m.Judged, want, c.judged)
		}
	}
}

func TestExamplesAreShort(t *testing.T) {
	t.Parallel()
	h := &history{t: t}
	h.sent(sender, "carrots "+strings.Repeat("é", 5000), 0)
	for _, e := range run(t, h, 1, 1, 1).Messages.NewlyBlocked.Examples {
		if n := utf8.RuneCountInString(e.Text); n != 101 || !strings.HasSuffix(e.Text, "é…") {
			t.Errorf("got %d runes: %s", n, e.Text)
		}
	}
	if g := run(t, h, 1, 0, 1).Messages.NewlyBlocked; g.Count != 1 || len(g.Examples) != 0 || g.Examples == nil {
		t.Errorf("without examples: got %+v", g)
	}
}

// The memory of a trial does not grow with the log.
func TestTrialIsBounded(t *testing.T) {
	racetest.InFull(t)
	h := &history{t: t}
	for range 1000 {
		h.sent(sender, "carrots "+strings.Repeat("x", 5000), 0)
	}
	trial := whatif.NewTrial(newGuard(t, policy), 1, 10)
	var sizes []uint64
	for range 3 {
		for range 5 {
			if err := trial.Take(h.events); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		sizes = append(sizes, m.HeapAlloc)
	}
	if sizes[2] > sizes[0]+1<<20 {
		t.Errorf("after 5,000, 10,000, 15,000 messages: %d bytes", sizes)
	}
}

// Damage is an error that names the place; what a newer release writes is none of a trial's.
func TestDamage(t *testing.T) {
	t.Parallel()
	h := &history{t: t}
	h.sent(sender, "hello", 0)
	h.events[0].Type = "BananaPeeled"
	if r := run(t, h, 1, 1, 1); r.Messages.Judged != 0 {
		t.Errorf("got %+v", r)
	}
	h.events[0].Type, h.events[0].Payload = domain.TypeMessageSent, []byte(`{`)
	err := whatif.NewTrial(newGuard(t, policy), 1, 1).Take(h.events)
	if want := "decode MessageSent at 1"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// BenchmarkTrial reports what a message costs beside its reading.
func BenchmarkTrial(b *testing.B) {
	h := &history{t: b}
	for i := range 1000 {
		h.sent(sender, fmt.Sprintf("shall we meet in the garden at %d, or is the weather too bad for that? Tell me soon, please.", i), 0)
	}
	trial := whatif.NewTrial(newGuard(b, policy), 1, 10)
	for b.Loop() {
		if err := trial.Take(h.events); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(h.events)), "ns/message")
}
