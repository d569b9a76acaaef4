package audit_test

import (
	"fmt"
	"slices"
	"testing"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
)

// place is where a finding is, and of what kind.
type place struct {
	position domain.Position
	kind     audit.Kind
}

// tampering is what somebody does to a log, and what is found then.
type tampering struct {
	name   string
	tamper func(s *story) (want []place, o audit.Options)
}

func runTamperings(t *testing.T, cases []tampering) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tellStory(t)
			want, options := tc.tamper(s)
			checkPlaces(t, auditWith(t, s.db.DSN, options), want)
		})
	}
}

func TestTampering(t *testing.T) {
	t.Parallel()
	runTamperings(t, []tampering{
		{"nothing", func(s *story) ([]place, audit.Options) {
			return nil, audit.Options{TrustedKeys: []string{s.first}, Checkpoints: map[string]string{"now": s.checkpoint()}}
		}},
		{"a row deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.read)
			return []place{{s.read, audit.KindGap}, {s.late.Position + 1, audit.KindStreamVersion}}, audit.Options{}
		}},
		{"the first row deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = 1`)
			return []place{
				{1, audit.KindGap},
				{s.rotated, audit.KindLogKey}, {s.rotated, audit.KindStreamVersion},
			}, audit.Options{}
		}},
		{"a message deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.plan.Position)
			return []place{
				{s.plan.Position, audit.KindGap},
				{s.plan.Position + 1, audit.KindRule}, {s.plan.Position + 2, audit.KindRule}, // its receipts
				{s.left, audit.KindStreamVersion},
			}, audit.Options{}
		}},
		{"two rows deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position IN ($1, $2)`, s.blocked, s.left)
			return []place{{s.left, audit.KindGap}, {s.risky.Position, audit.KindStreamVersion}}, audit.Options{}
		}},
		{"a row before the first", func(s *story) ([]place, audit.Options) {
			s.must(copySQL, s.plan.Position, 0)
			s.repair(0)
			return []place{{0, audit.KindGap}}, audit.Options{}
		}},
		{"a row far behind the end", func(s *story) ([]place, audit.Options) {
			s.must(copySQL, s.blocked, 9_000_000)
			return []place{
				{s.state.Position + 1, audit.KindGap}, {9_000_000, audit.KindLeafHash},
				{9_000_000, audit.KindRule},
			}, audit.Options{}
		}},
		{"a row at the end", func(s *story) ([]place, audit.Options) {
			end := s.state.Position + 1
			s.must(copySQL, s.late.Position, end)
			return []place{{end, audit.KindLeafHash}, {end, audit.KindRule}, {end, audit.KindRule}}, audit.Options{}
		}},
		{"a row at the end that hashes well", func(s *story) ([]place, audit.Options) {
			end := s.state.Position + 1
			s.must(copySQL, s.late.Position, end)
			s.repair(end)
			return []place{ // the message's id and the client's come again
				{end, audit.KindRecordedAt}, {end, audit.KindRule}, {end, audit.KindRule}, {end, audit.KindStreamVersion},
			}, audit.Options{}
		}},
		{"two rows exchanged", func(s *story) ([]place, audit.Options) {
			s.exchange(s.delivered, s.read)
			return []place{
				{s.hello.Position - 6, audit.KindSeal},
				{s.delivered, audit.KindLeafHash},
				{s.read, audit.KindLeafHash}, {s.read, audit.KindRule}, // delivered after it was read
			}, audit.Options{}
		}},
		{"two rows exchanged that hash well", func(s *story) ([]place, audit.Options) {
			s.exchange(s.delivered, s.read)
			s.repair(s.delivered)
			s.repair(s.read)
			return []place{
				{1, audit.KindSeal},
				{s.delivered, audit.KindStreamVersion},
				{s.read, audit.KindRecordedAt}, {s.read, audit.KindRule}, {s.read, audit.KindStreamVersion},
			}, audit.Options{}
		}},
		{"a payload changed that hashes well", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, '"member"', '"admin"')::json WHERE position = $1`, s.registered-1)
			s.repair(s.registered - 1)
			return []place{{1, audit.KindSeal}}, audit.Options{}
		}},
		{"a payload changed that hashes well, in the second batch", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, $2, $3)::json WHERE position = $1`, s.blocked, s.carol.String(), s.root.String())
			s.repair(s.blocked)
			return []place{{s.seal1, audit.KindSeal}}, audit.Options{}
		}},
		{"a payload changed that hashes well, before any seal", func(s *story) ([]place, audit.Options) {
			s.forgeTail()
			return nil, audit.Options{} // nobody vouches for it
		}},
		{"a payload changed that hashes well, before any seal, and a checkpoint from outside", func(s *story) ([]place, audit.Options) {
			held := s.checkpoint()
			s.forgeTail()
			return []place{{s.seal2, audit.KindCheckpoint}}, audit.Options{Checkpoints: map[string]string{"held": held}}
		}},
		{"a body gone", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = NULL WHERE position = $1`, s.plan.Position)
			return []place{{s.plan.Position, audit.KindBody}}, audit.Options{}
		}},
		{"an account's body gone", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = NULL WHERE position = $1`, s.registered)
			return []place{{s.registered, audit.KindBody}}, audit.Options{}
		}},
		{"a title's body gone", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = NULL WHERE position = $1`, s.started)
			return []place{{s.started, audit.KindBody}}, audit.Options{}
		}},
		{"a body put back", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = '{"content":"what I should not have said","salt":"00000000000000000000000000000000"}' WHERE position = $1`, s.gone.Position)
			return []place{{s.gone.Position, audit.KindBody}, {s.gone.Position, audit.KindContentHash}}, audit.Options{}
		}},
		{"a body where none belongs", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = '{}' WHERE position = $1`, s.read)
			return []place{{s.read, audit.KindBody}}, audit.Options{}
		}},
		{"a body that is nothing", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = '7' WHERE position = $1`, s.plan.Position)
			return []place{{s.plan.Position, audit.KindBody}}, audit.Options{}
		}},
		{"a payload that cannot be read", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = '{}' WHERE position = $1`, s.blocked)
			return []place{{s.blocked, audit.KindEncoding}, {s.blocked, audit.KindLeafHash}}, audit.Options{}
		}},
		{"a leaf hash of another length", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET leaf_hash = '\x00' WHERE position = $1`, s.plan.Position)
			return []place{{s.plan.Position, audit.KindLeafHash}}, audit.Options{}
		}},
		{"a type of a newer release", func(s *story) ([]place, audit.Options) {
			end := s.state.Position + 1
			s.must(copySQL, s.blocked, end)
			s.must(`UPDATE events SET type = 'MessagePinned', stream_version = 2, recorded_at = recorded_at + interval '1 day' WHERE position = $1`, end)
			s.repair(end)
			return []place{{end, audit.KindUnknownType}}, audit.Options{}
		}},
		{"a judgement deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.risky.Position-1)
			return []place{{s.risky.Position - 1, audit.KindGap}, {s.stopped.position, audit.KindStreamVersion}}, audit.Options{}
		}},
		{"the message of a judgement deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.risky.Position)
			return []place{{s.risky.Position, audit.KindGap}, {s.passed.Position, audit.KindStreamVersion}}, audit.Options{}
		}},
		{"a blocked message deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.held.position)
			return []place{
				{s.held.position, audit.KindGap},
				{s.held.position + 1, audit.KindStreamVersion}, // the erasure of the other one
				{s.passed.Position - 1, audit.KindRule},        // the release
			}, audit.Options{}
		}},
		{"a release deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.passed.Position-1)
			return []place{{s.passed.Position - 1, audit.KindGap}, {s.passed.Position, audit.KindRule}}, audit.Options{}
		}},
		{"the message of a release deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.passed.Position)
			return []place{{s.passed.Position, audit.KindGap}}, audit.Options{}
		}},
		{"a policy's body gone", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = NULL WHERE position = $1`, s.policy)
			return []place{{s.policy, audit.KindBody}}, audit.Options{}
		}},
		{"a policy's body changed", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = replace(body::text, 'strict', 'lax')::json WHERE position = $1`, s.policy)
			return []place{{s.policy, audit.KindContentHash}}, audit.Options{}
		}},
		{"a blocked message's body gone", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = NULL WHERE position = $1`, s.held.position)
			return []place{{s.held.position, audit.KindBody}}, audit.Options{}
		}},
		{"a blocked message's body put back", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = (SELECT body FROM events WHERE position = $2) WHERE position = $1`, s.stopped.position, s.held.position)
			return []place{{s.stopped.position, audit.KindBody}, {s.stopped.position, audit.KindContentHash}}, audit.Options{}
		}},
		{"a reason changed that hashes well", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, 'seed_phrase', 'spam')::json WHERE position = $1`, s.held.position)
			s.repair(s.held.position)
			return []place{{s.seal1, audit.KindSeal}}, audit.Options{}
		}},
		{"a score changed that hashes well", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, '0.75', '0.85')::json WHERE position = $1`, s.held.position)
			s.repair(s.held.position)
			return []place{{s.seal1, audit.KindSeal}, {s.passed.Position, audit.KindRule}}, audit.Options{}
		}},
		{"a batch with two rows changed, one at its leaf hash", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET leaf_hash = set_byte(leaf_hash, 0, get_byte(leaf_hash, 0) # 1) WHERE position = $1`, s.read)
			s.must(`UPDATE events SET event_id = $2 WHERE position = $1`, s.delivered, newID().String())
			return []place{{1, audit.KindSeal}, {s.delivered, audit.KindLeafHash}, {s.read, audit.KindLeafHash}}, audit.Options{}
		}},
	})
}

// copySQL puts a copy of one row at another position.
const copySQL = `
	INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)
	SELECT $2, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
	FROM events
	WHERE position = $1`

// exchange puts each of two rows in the other's place.
func (h *history) exchange(a, b domain.Position) {
	h.t.Helper()
	h.must(`UPDATE events SET position = 5000000 WHERE position = $1`, a)
	h.must(`UPDATE events SET position = $2 WHERE position = $1`, b, a)
	h.must(`UPDATE events SET position = $1 WHERE position = 5000000`, b)
}

// forgeTail lets the last message of the story have been of another risk.
func (s *story) forgeTail() {
	s.t.Helper()
	s.must(`UPDATE events SET payload = replace(payload::text, '"risk_score":0', '"risk_score":0.5')::json WHERE position = $1`, s.late.Position)
	s.repair(s.late.Position)
}

// checkPlaces compares findings with where they should be, and no others.
func checkPlaces(t *testing.T, s audit.Summary, want []place) {
	t.Helper()
	var got []place
	for _, f := range s.Findings {
		got = append(got, place{f.Position, f.Kind})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
		for _, f := range s.Findings {
			t.Logf("%d %s: %s", f.Position, f.Kind, f.Detail)
		}
	}
}

// A cut tail is told by whoever saw it.
func TestCutTail(t *testing.T) {
	t.Parallel()
	offset := func(s *story) {
		s.must(`INSERT INTO projection_offsets (projection, version, position, updated_at) VALUES ('messages', 1, $1, now())`, s.state.Position)
	}
	batch := func(s *story) {
		s.must(`INSERT INTO merkle_batches (tree_size, first_position, last_position, position, sealed_at, root_hash, checkpoint)
			SELECT $1::bigint, (payload->>'first_position')::bigint, $1, position, recorded_at, payload->>'root_hash', payload->>'checkpoint'
			FROM events
			WHERE position = $2`, s.seal2-1, s.seal2)
	}
	for _, tc := range []struct {
		name string
		seen func(s *story)
		held bool // a checkpoint of the whole log
		cut  func(s *story) domain.Position
		want int
	}{
		{"after a seal, seen by nobody", func(*story) {}, false, func(s *story) domain.Position { return s.late.Position }, 0},
		{"after a seal, seen by a projection", offset, false, func(s *story) domain.Position { return s.late.Position }, 1},
		{"after a seal, seen by a checkpoint", func(*story) {}, true, func(s *story) domain.Position { return s.late.Position }, 1},
		{"after a seal, seen by seals", batch, false, func(s *story) domain.Position { return s.late.Position }, 0},
		{"the seal too, seen by seals", batch, false, func(s *story) domain.Position { return s.seal2 }, 1},
		{"the seal too, seen by all", func(s *story) { offset(s); batch(s) }, true, func(s *story) domain.Position { return s.seal2 }, 3},
		{"everything, seen by all", func(s *story) { offset(s); batch(s) }, false, func(*story) domain.Position { return 1 }, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tellStory(t)
			tc.seen(s)
			var o audit.Options
			if tc.held {
				o.Checkpoints = map[string]string{"held.txt": s.checkpoint()}
			}
			at := tc.cut(s)
			s.must(`DELETE FROM events WHERE position >= $1`, at)
			var want []place
			for range tc.want {
				want = append(want, place{at, audit.KindEnd})
			}
			checkPlaces(t, auditWith(t, s.db.DSN, o), want)
		})
	}
}

// Seals that a forger, or a server gone wrong, could append.
func TestForgedSeals(t *testing.T) {
	t.Parallel()
	sign := func(s *story, key *logkey.Key, size int64, root merkle.Hash) string {
		signed, err := merkle.Checkpoint{Origin: origin, Size: size, Root: root}.Sign(key)
		if err != nil {
			s.t.Fatal(err)
		}
		return signed
	}
	for _, tc := range []struct {
		name  string
		forge func(s *story, b *domain.Batch)
		want  func(s *story, at domain.Position) []place
	}{
		{"as it should be", func(*story, *domain.Batch) {}, func(*story, domain.Position) []place { return nil }},
		{"with another key", func(s *story, b *domain.Batch) {
			b.Checkpoint = sign(s, newKey(s.t, origin), int64(b.Last), b.Root)
		}, atSeal},
		{"with a key that was replaced", func(s *story, b *domain.Batch) {
			old := s.key
			s.rotate()
			*b = s.batch()
			b.Checkpoint = sign(s, old, int64(b.Last), b.Root)
		}, atSeal},
		{"with a key of another log", func(s *story, b *domain.Batch) {
			signed, err := merkle.Checkpoint{Origin: "other", Size: int64(b.Last), Root: b.Root}.Sign(newKey(s.t, "other"))
			if err != nil {
				s.t.Fatal(err)
			}
			b.Checkpoint = signed
		}, atSeal},
		{"with no checkpoint at all", func(s *story, b *domain.Batch) { b.Checkpoint = "none" }, atSeal},
		{"with another root", func(s *story, b *domain.Batch) {
			b.Root[0] ^= 1
			b.Checkpoint = sign(s, s.key, int64(b.Last), b.Root)
		}, atBatch},
		{"with another root than its checkpoint's", func(s *story, b *domain.Batch) { b.Root[0] ^= 1 }, atSeal},
		{"of another size than its checkpoint's", func(s *story, b *domain.Batch) {
			b.Checkpoint = sign(s, s.key, int64(b.Last)-1, b.Root)
		}, func(s *story, at domain.Position) []place {
			return []place{{s.last + 1, audit.KindSeal}, {at, audit.KindSeal}}
		}},
		{"that leaves events out", func(s *story, b *domain.Batch) { b.First++ }, atSeal},
		{"that begins again", func(s *story, b *domain.Batch) { b.First-- }, atSeal},
		{"of what follows it", func(s *story, b *domain.Batch) {
			b.Last += 10
			b.Checkpoint = sign(s, s.key, int64(b.Last), b.Root)
		}, atSeal},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tellStory(t)
			b := s.batch()
			tc.forge(s, &b)
			at := s.append(s.state.Seal(b))[0].Position
			checkPlaces(t, auditOf(t, s.db.DSN), tc.want(s, at))
		})
	}
}

func atSeal(_ *story, at domain.Position) []place { return []place{{at, audit.KindSeal}} }

func atBatch(s *story, _ domain.Position) []place { return []place{{s.last + 1, audit.KindSeal}} }

// After a bad root one finding is enough, however many seals follow.
func TestBadRootIsToldOnce(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	for range 5 {
		s.say(s.team, s.alice, "on and on")
		s.seal()
	}
	s.must(`UPDATE events SET event_id = $2 WHERE position = $1`, s.read, newID().String())
	s.repair(s.read)
	got := auditOf(t, s.db.DSN)
	checkPlaces(t, got, []place{{1, audit.KindSeal}})
	if got.Sealed != 0 {
		t.Errorf("sealed to %d", got.Sealed)
	}
	want := fmt.Sprintf("the events at positions 1 to %d do not have the root of their seal at %d", s.seal1-1, s.seal1)
	if len(got.Findings) > 0 && got.Findings[0].Detail[:len(want)] != want {
		t.Errorf("got %q", got.Findings[0].Detail)
	}
}
