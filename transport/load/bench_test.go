package load_test

import (
	"testing"
	"time"

	"chainmail/transport/load"
)

// BenchmarkFloor measures a server that does nothing, in the generator's own process: what is left is the
// generator, the network and the machine's other work. No server can look better than that.
func BenchmarkFloor(b *testing.B) {
	s := startStub(b)
	c := config(s, load.Sends, load.Latency)
	c.Accounts = accounts(100)
	c.Pairs, c.Window, c.Rate, c.Duration = 50, 16, 500, 3*time.Second
	for b.Loop() {
		report, err := load.Run(b.Context(), c)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(report.Sends.Rate, "messages/s")
		b.ReportMetric(report.Latency.Delivery.P50, "p50-ms")
		b.ReportMetric(report.Latency.Delivery.P99, "p99-ms")
	}
}
