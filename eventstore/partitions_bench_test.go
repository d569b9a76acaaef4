package eventstore_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// serversVariable has the DSNs of several durable servers, separated by spaces; tools/scale.sh sets it.
const serversVariable = "SCALE_DATABASE_URLS"

// BenchmarkHold is one commit after the other, nobody else about: how long the log's lock is held for a batch of n
// events, the way to the database included. Of many commits the median says what one takes, since others use the machine too.
func BenchmarkHold(b *testing.B) {
	for _, n := range []int{1, 10, 100, 500} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			db := pgtest.New(b)
			l := eventstoretest.Open(b, db.DSN)
			conversations := manyConversations()
			took := make([]time.Duration, 0, b.N)
			before := consumed(b, db)
			b.ResetTimer()
			for i := 0; i < b.N; i++ {
				batch := make([]domain.Decision, n)
				for j := range batch {
					batch[j] = message(conversations[(i*n+j)%len(conversations)], conversations[0], content)
				}
				began := time.Now()
				if _, err := l.Append(b.Context(), batch...); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			b.StopTimer()
			used := consumed(b, db)
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs/commit")
			b.ReportMetric((used.server-before.server)/float64(b.N), "postgres-µs/commit")
			b.ReportMetric((used.client-before.client)/float64(b.N), "client-µs/commit")
			b.ReportMetric((used.wal-before.wal)/float64(b.N*n), "WAL-B/event")
		})
	}
}

// BenchmarkPartitions is the same load on 1, 2 and 4 logs: in as many databases of one server (locks of their own, one
// WAL), and in as many servers where serversVariable names them.
func BenchmarkPartitions(b *testing.B) {
	for _, k := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("databases/%d", k), func(b *testing.B) {
			dbs := make([]*pgtest.DB, k)
			for i := range dbs {
				dbs[i] = pgtest.New(b)
			}
			partitions(b, dbs, dbs[:1])
		})
	}
	servers := strings.Fields(os.Getenv(serversVariable))
	for _, k := range []int{1, 2, 4} {
		if k > len(servers) {
			break
		}
		b.Run(fmt.Sprintf("servers/%d", k), func(b *testing.B) {
			dbs := make([]*pgtest.DB, k)
			for i := range dbs {
				dbs[i] = pgtest.NewOn(b, servers[i])
			}
			partitions(b, dbs, dbs)
		})
	}
}

// partitions appends b.N messages from 200 callers to logs that share them evenly. Each of hosts is on one of the
// servers whose processor time counts.
func partitions(b *testing.B, dbs, hosts []*pgtest.DB) {
	logs := make([]*eventstore.Log, len(dbs))
	var commits, held atomic.Int64
	for i, db := range dbs {
		logs[i] = observed(b, db.DSN, &commits, &held)
	}
	conversations := manyConversations()
	before := consumed(b, hosts...)
	parallel(b, 200, func(n int) error {
		_, err := logs[n%len(logs)].Append(context.Background(), message(conversations[n%len(conversations)], conversations[0], content))
		return err
	})
	b.StopTimer()
	used := consumed(b, hosts...)
	events := float64(b.N)
	b.ReportMetric((used.server-before.server)/events, "postgres-µs/event")
	b.ReportMetric((used.client-before.client)/events, "client-µs/event")
	b.ReportMetric(events/float64(commits.Load()), "events/commit")
	b.ReportMetric(float64(held.Load())/float64(b.Elapsed())/float64(len(logs)), "held-share")
	b.ReportMetric((used.wal-before.wal)/events, "WAL-B/event")
}

// observed opens a log that tells of its commits, and of how long they took, which is how long they held its lock where
// no other process appends.
func observed(b *testing.B, dsn string, commits, held *atomic.Int64) *eventstore.Log {
	b.Helper()
	return eventstoretest.OpenWith(b, dsn, func(l *eventstore.Log) {
		l.Observe(func(a eventstore.Appended) {
			commits.Add(1)
			held.Add(int64(a.Took))
		})
	})
}

// consumption is in microseconds of processor time and bytes of WAL, since ever.
type consumption struct{ client, server, wal float64 }

func consumed(b *testing.B, hosts ...*pgtest.DB) (c consumption) {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	c.client = float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1000
	for _, db := range hosts {
		const query = `
			SELECT array_to_string(array_agg(pid), ' '), pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8
			FROM pg_stat_activity`
		var pids string
		var wal float64
		if err := db.SQL.QueryRowContext(b.Context(), query).Scan(&pids, &wal); err != nil {
			b.Fatal(err)
		}
		c.wal += wal
		for _, field := range strings.Fields(pids) {
			var pid int
			if _, err := fmt.Sscan(field, &pid); err != nil {
				b.Fatal(err)
			}
			c.server += float64(pgtest.ProcessTime(pid).Microseconds())
		}
	}
	return c
}
