package audit_test

import (
	"context"
	"slices"
	"time"

	"pgregory.net/rapid"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
)

// store is a log that is nowhere but here, for tests that need thousands of them.
type store struct {
	events   []domain.Event
	versions map[domain.StreamID]domain.Version
	keys     map[domain.Key]domain.Position
}

func newStore() *store {
	return &store{versions: make(map[domain.StreamID]domain.Version), keys: make(map[domain.Key]domain.Position)}
}

// Append takes decisions that were made on the state after the last event; only their keys can be taken.
func (m *store) Append(_ context.Context, decisions ...domain.Decision) ([]eventstore.Result, error) {
	results := make([]eventstore.Result, len(decisions))
	for i, d := range decisions {
		for _, k := range d.Keys {
			results[i].Duplicate = max(results[i].Duplicate, m.keys[k])
		}
		if results[i].Duplicate > 0 {
			continue
		}
		for _, k := range append(d.Keys, d.Claims...) {
			m.keys[k] = domain.Position(len(m.events) + 1)
		}
		for _, draft := range d.Drafts {
			e, err := m.add(draft, d.Actor)
			if err != nil {
				return nil, err
			}
			results[i].Events = append(results[i].Events, e)
		}
	}
	return results, nil
}

func (m *store) add(draft domain.Draft, actor domain.Actor) (domain.Event, error) {
	encoded, err := domain.Encode(draft.Data, actor)
	if err != nil {
		return domain.Event{}, err
	}
	m.versions[draft.Stream]++
	e := domain.Event{
		Position: domain.Position(len(m.events) + 1), ID: newID(),
		Stream: draft.Stream, Version: m.versions[draft.Stream], Type: encoded.Type,
		Payload: encoded.Payload, Metadata: encoded.Metadata, Body: encoded.Body,
		RecordedAt: time.UnixMicro(1_750_000_000_000_000 + int64(len(m.events))).UTC(),
	}
	e.LeafHash = merkle.LeafHash(eventstore.Leaf(e))
	if draft.Erases > 0 {
		m.events[draft.Erases-1].Body = nil
	}
	m.events = append(m.events, e)
	return e, nil
}

// auditEvents audits events as they are, some at a time.
func auditEvents(t rapid.TB, events []domain.Event, o audit.Options, claims ...audit.Claim) audit.Summary {
	t.Helper()
	a := audit.New(o)
	defer a.Close()
	audit.KeepInMemory(a, 3) // so that nearly everything goes through files
	for page := range slices.Chunk(slices.Clone(events), 7) {
		if err := a.Check(page); err != nil {
			t.Fatal(err)
		}
	}
	s, err := a.Finish(claims)
	if err != nil {
		t.Fatal(err)
	}
	if s.Events != int64(len(events)) {
		t.Fatalf("got %d events, want %d", s.Events, len(events))
	}
	return s
}
