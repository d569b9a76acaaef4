package domain_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chainmail/domain"
)

// tale is a line of a table: given what happened, when somebody wishes for something, then it
// happens, or he is told why not.
type tale struct {
	name  string
	given []domain.Data
	when  wish

	then    []domain.Data // the events; none when it is so already
	keys    []domain.Key  // what may happen once
	claims  []domain.Key
	rests   []domain.Expectation // what must not change before the append; not looked at when nil
	refused *domain.Refusal      // by code and field
}

// wish gives a command to the state that the given events lead to.
type wish func(stage) (domain.Decision, *domain.Refusal)

// stage is the state, and the log that it was folded from.
type stage struct {
	*domain.State
	*log
	t *testing.T
}

func tell(t *testing.T, tales []tale) {
	t.Helper()
	for _, tale := range tales {
		t.Run(tale.name, func(t *testing.T) {
			t.Parallel()
			tale.run(t)
		})
	}
}

func (c tale) run(t *testing.T) {
	t.Helper()
	log := historyOf(t, c.given)
	got, refusal := c.when(stage{log.state, log, t})
	if c.refused != nil || refusal != nil {
		checkRefusal(t, got, refusal, c.refused)
		return
	}
	if got.At != log.state.Position {
		t.Errorf("decided at %d, but the log is at %d", got.At, log.state.Position)
	}
	checkEvents(t, got.Drafts, c.then)
	if !slices.Equal(got.Keys, c.keys) {
		t.Errorf("got keys %x, want %x", got.Keys, c.keys)
	}
	if !slices.Equal(got.Claims, c.claims) {
		t.Errorf("got claims %x, want %x", got.Claims, c.claims)
	}
	if c.rests != nil && !slices.Equal(distinct(got.Expect), distinct(c.rests)) {
		t.Errorf("rests on %v, want %v", distinct(got.Expect), distinct(c.rests))
	}
	checkAppended(t, log, got)
}

// checkAppended appends what was decided: each event is lawful in its place, and who reads them finds the keys that they took.
func checkAppended(t rapid.TB, log *log, d domain.Decision) {
	t.Helper()
	var took, claimed []domain.Key
	for _, draft := range d.Drafts {
		e := log.next(t, draft, d.Actor)
		data, err := domain.Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		if err := log.state.Lawful(e, data); err != nil {
			t.Errorf("%s at %d was decided: %v", e.Type, e.Position, err)
		}
		taken, more := domain.KeysOf(data)
		took, claimed = append(took, taken...), append(claimed, more...)
		log.add(t, e, draft.Data)
	}
	if len(d.Drafts) > 0 {
		checkKeys(t, d, took, claimed)
	}
}

// checkKeys compares what a decision takes with what its events tell. They may claim more: a key that is taken already.
func checkKeys(t rapid.TB, d domain.Decision, took, claimed []domain.Key) {
	t.Helper()
	for _, k := range slices.Concat(d.Keys, d.Claims) {
		if !slices.Contains(took, k) && !slices.Contains(claimed, k) {
			t.Errorf("took %x, but the events do not tell", k)
		}
	}
	for _, k := range took {
		if !slices.Contains(d.Keys, k) {
			t.Errorf("the events tell of %x, which was not taken", k)
		}
	}
}

func checkRefusal(t *testing.T, d domain.Decision, got, want *domain.Refusal) {
	t.Helper()
	switch {
	case got == nil:
		t.Fatalf("got %v, want it refused: %s %q", d.Drafts, want.Code, want.Field)
	case want == nil:
		t.Fatalf("refused: %v (%s)", got, got.Field)
	case got.Code != want.Code || got.Field != want.Field:
		t.Errorf("got %s %q, want %s %q", got.Code, got.Field, want.Code, want.Field)
	case got.Message == "" || strings.HasSuffix(got.Message, "."):
		t.Errorf("the message is for a person, without a full stop: got %q", got.Message)
	case len(d.Drafts) > 0:
		t.Errorf("refused, and yet: %v", d.Drafts)
	}
}

func checkEvents(t *testing.T, got []domain.Draft, want []domain.Data) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i, draft := range got {
		if !reflect.DeepEqual(draft.Data, want[i]) {
			t.Errorf("event %d: got %s %+v, want %s %+v", i, draft.Data.Type(), draft.Data, want[i].Type(), want[i])
		}
		if stream := streamOf(draft.Data); draft.Stream != stream {
			t.Errorf("event %d: got stream %s, want %s", i, draft.Stream, stream)
		}
		erases := domain.Position(0)
		if d, ok := draft.Data.(*domain.ContentErased); ok {
			erases = d.ErasedPosition
		}
		if draft.Erases != erases {
			t.Errorf("event %d erases the body at %d, want %d", i, draft.Erases, erases)
		}
	}
}

// distinct puts expectations in order, each once: deciding may ask for the same thing twice.
func distinct(e []domain.Expectation) []domain.Expectation {
	e = slices.Clone(e)
	slices.SortFunc(e, func(a, b domain.Expectation) int { return strings.Compare(string(a.Stream), string(b.Stream)) })
	return slices.Compact(e)
}
