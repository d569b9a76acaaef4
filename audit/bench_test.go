package audit_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"flag"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
)

var benchEvents = flag.Int("audit.events", 100_000, "how many events the benchmarks of replay read")

// hundred is a message of a hundred bytes.
const hundred = "a message of about a hundred bytes, as people write them when they have something short to say now.."

// chatter appends so many events as the load generator makes them: in direct conversations, messages
// that are delivered and read, sealed every 1024 events.
func (h *history) chatter(events int) {
	h.t.Helper()
	const conversations = 50
	var pairs [conversations][2]domain.ID
	for i := range pairs {
		pairs[i] = [2]domain.ID{h.user("Left", domain.RoleMember), h.user("Right", domain.RoleMember)}
		h.write(pairs[i][0], pairs[i][1], hundred)
	}
	for int(h.state.Position) < events {
		var decisions []domain.Decision
		decide := func(d domain.Decision, r *domain.Refusal) {
			if r != nil {
				h.t.Fatal(r)
			}
			decisions = append(decisions, d)
		}
		var refs []domain.MessageRef
		for i := range 3 * conversations {
			p := pairs[i%conversations]
			c := h.send(p[i%2], hundred)
			c.ReceiverID = p[1-i%2]
			decide(h.state.Send(c))
			refs = append(refs, domain.MessageRef{
				ID: c.MessageID, SenderID: p[i%2], ConversationID: h.state.Direct(p[0], p[1]).ID,
				Position: h.state.Position + domain.Position(i) + 1,
			})
		}
		h.append(decisions...)
		for _, read := range []bool{false, true} {
			decisions = decisions[:0]
			for i, ref := range refs {
				decide(h.state.Acknowledge(domain.Acknowledge{Actor: as(pairs[i%conversations][1-i%2]), Message: ref, Read: read}))
			}
			h.append(decisions...)
		}
		if h.state.Position-h.last >= 1024 {
			h.seal()
		}
	}
}

// BenchmarkReplay reports how many times as long an audit takes as to read the same rows, all columns, and
// hash their bytes with SHA-256, each done in turn.
func BenchmarkReplay(b *testing.B) {
	h := newHistory(b)
	h.chatter(*benchEvents)
	if _, err := h.db.SQL.Exec(`VACUUM (ANALYZE) events`); err != nil {
		b.Fatal(err)
	}
	var audits, bare time.Duration
	for b.Loop() {
		start := time.Now()
		readBare(b, h.db.DSN)
		bare += time.Since(start)
		start = time.Now()
		if s := auditOf(b, h.db.DSN); len(s.Findings) > 0 {
			b.Fatal(s.Findings)
		}
		audits += time.Since(start)
	}
	b.ReportMetric(float64(audits)/float64(bare), "times-bare")
	b.ReportMetric(float64(b.N)*float64(h.state.Position)/audits.Seconds(), "events/s")
	b.ReportMetric(float64(b.N)*float64(h.state.Position)/bare.Seconds(), "bare-events/s")
}

// readBare is the bound: pages of finished rows, one connection, nothing understood.
func readBare(b *testing.B, dsn string) {
	b.Helper()
	db, err := eventstore.OpenDB(dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	page, err := db.PrepareContext(context.Background(), `
		SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash
		FROM events
		WHERE position > $1
		ORDER BY position
		LIMIT 10000`)
	if err != nil {
		b.Fatal(err)
	}
	defer page.Close()
	var columns [10]sql.RawBytes
	dest := make([]any, len(columns))
	for i := range columns {
		dest[i] = &columns[i]
	}
	var position int64
	dest[0] = &position
	var row []byte
	for {
		rows, err := page.Query(position)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for ; rows.Next(); n++ {
			if err := rows.Scan(dest...); err != nil {
				b.Fatal(err)
			}
			row = row[:0]
			for _, column := range columns {
				row = append(row, column...)
			}
			_ = sha256.Sum256(row)
		}
		if err := rows.Close(); err != nil {
			b.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}
