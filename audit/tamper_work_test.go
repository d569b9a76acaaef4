package audit_test

import (
	"testing"

	"chainmail/audit"
)

// What people made and were told, and somebody changed or took away.
func TestTamperingWithWork(t *testing.T) {
	t.Parallel()
	runTamperings(t, []tampering{
		{"a project's title changed", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = replace(body::text, 'Website', 'Webshop')::json WHERE position = $1`, s.project)
			return []place{{s.project, audit.KindContentHash}}, audit.Options{}
		}},
		{"a task's title changed", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = replace(body::text, 'Logo', 'logo')::json WHERE position = $1`, s.task)
			return []place{{s.task, audit.KindContentHash}}, audit.Options{}
		}},
		{"a notification's words changed", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = replace(body::text, 'News', 'Olds')::json WHERE position = $1`, s.told)
			return []place{{s.told, audit.KindContentHash}}, audit.Options{}
		}},
		{"an announcement's body gone", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET body = NULL WHERE position = $1`, s.announced)
			return []place{{s.announced, audit.KindBody}}, audit.Options{}
		}},
		{"a status changed", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, '"in_progress"', '"cancelled"')::json WHERE position = $1`, s.moved)
			return []place{{s.moved, audit.KindLeafHash}}, audit.Options{}
		}},
		{"a status changed that hashes well", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, '"in_progress"', '"cancelled"')::json WHERE position = $1`, s.moved)
			s.repair(s.moved)
			return []place{{s.seal1, audit.KindSeal}}, audit.Options{}
		}},
		{"a status changed to one that may not follow", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, '"in_progress"', '"done"')::json WHERE position = $1`, s.moved)
			s.repair(s.moved)
			return []place{{s.seal1, audit.KindSeal}, {s.moved, audit.KindRule}}, audit.Options{}
		}},
		{"a notification of what was done by another", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, $2, $3)::json, metadata = replace(metadata::text, $2, $3)::json
				WHERE position = $1`, s.task+1, s.alice.String(), s.carol.String())
			s.repair(s.task + 1)
			return []place{{s.seal1, audit.KindSeal}, {s.task + 1, audit.KindRule}}, audit.Options{}
		}},
		{"a notification deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.task+1)
			return []place{{s.task + 1, audit.KindGap}, {s.moved + 1, audit.KindStreamVersion}}, audit.Options{}
		}},
		{"a notification deleted that was read", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.told)
			return []place{
				{s.told, audit.KindGap}, {s.noticed, audit.KindRule}, {s.noticed, audit.KindStreamVersion},
			}, audit.Options{}
		}},
		{"a task deleted", func(s *story) ([]place, audit.Options) {
			s.must(`DELETE FROM events WHERE position = $1`, s.task)
			return []place{
				{s.task, audit.KindGap}, {s.task + 1, audit.KindRule}, // of which Bob is notified
				{s.moved, audit.KindRule}, {s.moved, audit.KindStreamVersion},
				{s.moved + 1, audit.KindRule}, {s.moved + 2, audit.KindRule},
			}, audit.Options{}
		}},
		{"the reading of a notification as another's", func(s *story) ([]place, audit.Options) {
			s.must(`UPDATE events SET payload = replace(payload::text, $2, $3)::json WHERE position = $1`, s.noticed, s.carol.String(), s.bob.String())
			s.repair(s.noticed)
			return []place{{s.seal1, audit.KindSeal}, {s.noticed, audit.KindRule}, {s.noticed, audit.KindRule}}, audit.Options{}
		}},
	})
}
