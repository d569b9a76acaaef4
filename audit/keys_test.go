package audit_test

import (
	"slices"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// Which trusted keys are enough.
func TestTrust(t *testing.T) {
	t.Parallel()
	log := newStore()
	h := begin(t, log)
	alice, bob := h.user("Alice", domain.RoleMember), h.user("Bob", domain.RoleMember)
	h.seal()
	h.rotate()
	secondKey := h.key.Verifier
	h.write(bob, alice, "hello")
	h.seal()
	h.rotate()
	thirdKey := h.key.Verifier
	stranger := newKey(t, origin).Verifier
	for _, tc := range []struct {
		name    string
		trusted []string
		want    []place
	}{
		{"none", nil, nil},
		{"the first", []string{h.first}, nil},
		{"the first as a file has it", []string{h.first + "\n"}, nil},
		{"the second, which signed a seal", []string{secondKey}, nil},
		{"the third, which signed none", []string{thirdKey}, []place{{1, audit.KindLogKey}}},
		{"one of them", []string{stranger, secondKey}, nil},
		{"a stranger's", []string{stranger}, []place{{1, audit.KindLogKey}}},
		{"no key", []string{"none"}, []place{{1, audit.KindLogKey}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			checkPlaces(t, auditEvents(t, log.events, audit.Options{TrustedKeys: tc.trusted}), tc.want)
		})
	}
	checkPlaces(t, auditEvents(t, nil, audit.Options{TrustedKeys: []string{h.first}}), []place{{1, audit.KindLogKey}})
}

// A new key is taken only from the hands of the current one.
func TestForgedRotation(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		forge func(h *history, next *logkey.Key) domain.LogKeyRotated
	}{
		{"by a stranger's key", func(h *history, next *logkey.Key) domain.LogKeyRotated {
			return announce(h, newKey(h.t, origin), next)
		}},
		{"by a key that was replaced", func(h *history, next *logkey.Key) domain.LogKeyRotated {
			old := h.key
			h.rotate()
			return announce(h, old, next)
		}},
		{"for another key", func(h *history, next *logkey.Key) domain.LogKeyRotated {
			d := announce(h, h.key, newKey(h.t, origin))
			d.PublicKey = next.Verifier
			return d
		}},
		{"with no signature", func(h *history, next *logkey.Key) domain.LogKeyRotated {
			return domain.LogKeyRotated{PreviousKey: h.key.Verifier, PublicKey: next.Verifier, Announcement: "trust me"}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			log := newStore()
			h := begin(t, log)
			next := newKey(t, origin)
			forged := tc.forge(h, next)
			at := h.append(h.state.RotateLogKey(domain.Actor{Auth: domain.AuthCLI}, forged))[0].Position
			h.key = next
			seal := h.seal() // with a key that is not the log's
			s := auditEvents(t, log.events, audit.Options{})
			checkPlaces(t, s, []place{{at, audit.KindLogKey}, {seal, audit.KindSeal}})
			if s.Sealed != 0 {
				t.Errorf("sealed to %d", s.Sealed)
			}
		})
	}
}

func announce(h *history, old, next *logkey.Key) domain.LogKeyRotated {
	h.t.Helper()
	d, err := logkey.Announce(old, next)
	if err != nil {
		h.t.Fatal(err)
	}
	return d
}

// A log says at its beginning which it is.
func TestFirstEvent(t *testing.T) {
	t.Parallel()
	log := newStore()
	h := &history{t: t, log: log, state: domain.NewState(), key: newKey(t, origin)}
	h.user("Alice", domain.RoleMember)
	checkPlaces(t, auditEvents(t, log.events, audit.Options{}), []place{{1, audit.KindRule}})

	for name, created := range map[string]*domain.LogCreated{
		"no key":               {LogID: newID(), Origin: origin, PublicKey: "none"},
		"a key of another log": {LogID: newID(), Origin: origin, PublicKey: newKey(t, "other").Verifier},
	} {
		log := newStore()
		h := &history{t: t, log: log, state: domain.NewState()}
		h.append(domain.Decision{Drafts: []domain.Draft{{Stream: domain.LogStream, Data: created}}})
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkPlaces(t, auditEvents(t, log.events, audit.Options{}), []place{{1, audit.KindLogKey}})
		})
	}
}

// Checkpoints that others hold, at any size, sealed there or not.
func TestCheckpoints(t *testing.T) {
	t.Parallel()
	log := newStore()
	h := begin(t, log)
	alice, bob := h.user("Alice", domain.RoleMember), h.user("Bob", domain.RoleMember)
	held := make(map[string]string)
	hold := func() { held[string(rune('a'+len(held)))] = h.checkpoint() }
	hold()
	h.seal()
	hold()
	h.write(bob, alice, "hello")
	hold()
	h.rotate()
	hold()
	sealed := h.seal()
	hold()
	h.write(bob, alice, "hello again")
	hold()
	size := h.tree.Size()
	sign := func(c merkle.Checkpoint, key *logkey.Key) map[string]string {
		signed, err := c.Sign(key)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{"held": signed}
	}
	other := merkle.EmptyRoot()
	for _, tc := range []struct {
		name string
		held map[string]string
		want []place
	}{
		{"at every size", held, nil},
		{"of no event", sign(merkle.Checkpoint{Origin: origin, Root: merkle.EmptyRoot()}, h.key), nil},
		{"of another tree, unsealed", sign(merkle.Checkpoint{Origin: origin, Size: size, Root: other}, h.key), []place{{sealed, audit.KindCheckpoint}}},
		{"of another tree, where a seal is", sign(merkle.Checkpoint{Origin: origin, Size: int64(sealed) - 1, Root: other}, h.key), []place{{1, audit.KindCheckpoint}}},
		{"of more events", sign(merkle.Checkpoint{Origin: origin, Size: size + 1, Root: other}, h.key), []place{{domain.Position(size + 1), audit.KindEnd}}},
		{"by a stranger", sign(merkle.Checkpoint{Origin: origin, Size: size, Root: h.tree.Root()}, newKey(t, origin)), []place{{1, audit.KindCheckpoint}}},
		{"that is none", map[string]string{"held": "none"}, []place{{1, audit.KindCheckpoint}}},
		{"that is empty", map[string]string{"held": ""}, []place{{1, audit.KindCheckpoint}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			checkPlaces(t, auditEvents(t, log.events, audit.Options{Checkpoints: tc.held}), tc.want)
		})
	}
	t.Run("over a missing event", func(t *testing.T) {
		t.Parallel()
		events := slices.Delete(slices.Clone(log.events), 1, 2)
		s := auditEvents(t, events, audit.Options{Checkpoints: map[string]string{"held": held["f"]}})
		if !slices.ContainsFunc(s.Findings, func(f audit.Finding) bool { return f.Position == 2 && f.Kind == audit.KindCheckpoint }) {
			t.Errorf("got %v", s.Findings)
		}
	})
}

// A key that returns is told once, and what is signed with it is still read.
func TestKeyReturns(t *testing.T) {
	t.Parallel()
	log := newStore()
	h := begin(t, log)
	first := h.key
	h.seal()
	h.rotate()
	h.seal()
	announced := announce(h, h.key, first)
	at := h.append(h.state.RotateLogKey(domain.Actor{Auth: domain.AuthCLI}, announced))[0].Position
	h.key = first
	sealed := h.seal()
	held := map[string]string{"held": h.checkpoint()}
	s := auditEvents(t, log.events, audit.Options{Checkpoints: held, TrustedKeys: []string{h.first, h.first}})
	checkPlaces(t, s, []place{{at, audit.KindLogKey}})
	if s.Sealed != sealed-1 {
		t.Errorf("sealed to %d, want %d", s.Sealed, sealed-1)
	}
}
