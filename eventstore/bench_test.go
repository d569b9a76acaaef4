package eventstore_test

import (
	"context"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/migrations/pgtest"
)

func BenchmarkAppend(b *testing.B) {
	l := open(b, pgtest.New(b).DSN)
	const callers = 200
	conversations := make([]domain.ID, 1000)
	for i := range conversations {
		conversations[i] = newID()
	}
	b.ResetTimer()
	b.SetParallelism(callers / 2)
	start := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		u := newID()
		for i := 0; pb.Next(); i++ {
			if _, err := l.Append(context.Background(), message(conversations[i%1000], u, "hello there, how are you doing today? I am fine.")); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "events/s")
}
