package audit_test

import (
	"testing"

	"chainmail/audit"
	"chainmail/domain"
)

// projectBatches fills merkle_batches as the projection does, up to a position.
func (h *history) projectBatches(at domain.Position) {
	h.t.Helper()
	h.must(`INSERT INTO merkle_batches (tree_size, first_position, last_position, position, sealed_at, root_hash, checkpoint)
		SELECT (payload->>'tree_size')::bigint, (payload->>'first_position')::bigint, (payload->>'last_position')::bigint,
			position, recorded_at, payload->>'root_hash', payload->>'checkpoint'
		FROM events
		WHERE type = 'MerkleBatchSealed' AND position <= $1`, at)
	h.must(`INSERT INTO projection_offsets (projection, version, position, updated_at) VALUES ('batches', 1, $1, now())`, at)
}

// Checkpoints and proofs are served from merkle_batches: a row that is not its seal's is found, whichever column.
func TestSealTable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, damage string }{
		{"nothing", ``},
		{"tree_size", `UPDATE merkle_batches SET tree_size = tree_size - 1 WHERE position = $1`},
		{"first_position", `UPDATE merkle_batches SET first_position = first_position + 1 WHERE position = $1`},
		{"last_position", `UPDATE merkle_batches SET last_position = last_position - 1 WHERE position = $1`},
		{"sealed_at", `UPDATE merkle_batches SET sealed_at = sealed_at + interval '1 microsecond' WHERE position = $1`},
		{"root_hash", `UPDATE merkle_batches SET root_hash = repeat('0', 64) WHERE position = $1`},
		{"checkpoint", `UPDATE merkle_batches SET checkpoint = checkpoint || '"' WHERE position = $1`},
		{"another's checkpoint", `UPDATE merkle_batches SET checkpoint = (SELECT max(checkpoint) FROM merkle_batches WHERE position <> $1) WHERE position = $1`},
		{"a row deleted", `DELETE FROM merkle_batches WHERE position = $1`},
		{"a row put in", `
			INSERT INTO merkle_batches (tree_size, first_position, last_position, position, sealed_at, root_hash, checkpoint)
			SELECT tree_size - 1, first_position, last_position - 1, position, sealed_at, root_hash, checkpoint
			FROM merkle_batches
			WHERE position = $1`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := tellStory(t)
			s.projectBatches(s.state.Position)
			var want []place
			if tc.damage != "" {
				s.must(tc.damage, s.seal1)
				want = []place{{s.seal1, audit.KindSeal}}
			}
			checkPlaces(t, auditOf(t, s.db.DSN), want)
		})
	}
}

// A row that was moved is missing at its seal, and where it is now there is none.
func TestSealTableMoved(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.projectBatches(s.state.Position)
	s.must(`UPDATE merkle_batches SET position = position + 1 WHERE position = $1`, s.seal1)
	checkPlaces(t, auditOf(t, s.db.DSN), []place{{s.seal1, audit.KindSeal}, {s.seal1 + 1, audit.KindSeal}})
}

// The log is cut and goes on without its seals: they are still in the table.
func TestSealTableRemembersWhatWasSealed(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.projectBatches(s.state.Position)
	s.must(`DELETE FROM events WHERE position >= $1`, s.seal2)
	s.must(`UPDATE projection_offsets SET position = $1`, s.seal2-1)
	s.must(`UPDATE merkle_batches SET position = $1 WHERE position = $2`, s.seal2-1, s.seal2)
	checkPlaces(t, auditOf(t, s.db.DSN), []place{{s.seal2 - 1, audit.KindSeal}})
}

// A projection that lags has no rows yet for the last seals.
func TestSealTableLags(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.projectBatches(s.seal2 - 1)
	checkPlaces(t, auditOf(t, s.db.DSN), nil)
}

// Text that JSON functions refuse does not keep the audit from its findings.
func TestSealThatCannotBeUnescaped(t *testing.T) {
	t.Parallel()
	s := tellStory(t)
	s.projectBatches(s.state.Position)
	s.must(`UPDATE events SET payload = '{"root_hash":"\u0000"}' WHERE position = $1`, s.seal1)
	var seals int
	for _, f := range auditOf(t, s.db.DSN).Findings {
		if f.Position == s.seal1 && f.Kind == audit.KindSeal {
			seals++
		}
	}
	if seals != 1 {
		t.Errorf("got %d findings of the seal's row, want 1", seals)
	}
}
