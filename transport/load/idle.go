package load

import (
	"context"
	"time"
)

// spareFiles is how many files the generator needs besides its sockets.
const spareFiles = 100

// freshFor is how much processor time a server may have used to count as one that has just started.
const freshFor = 5 * time.Second

// idle opens many sockets and looks at the server's memory.
func (b *bench) idle(ctx context.Context) (err error) {
	n := b.config.Connections
	if limit := raiseFileLimit(uint64(n + spareFiles)); limit < uint64(n+spareFiles) {
		n = max(1, int(limit)-spareFiles)
		b.note("%s: this process may open %d files, so there were %d connections instead of %d", Idle, limit, n, b.config.Connections)
	}
	before := b.meter.server(ctx)
	start := time.Now()
	f, err := b.launch(ctx, b.config.Accounts[:n], func(int, *client) handler { return ignore })
	defer func() { err = closing(f, err) }()
	if err != nil {
		return err
	}
	report := &IdleReport{Connections: n, ConnectsPerSecond: float64(n) / time.Since(start).Seconds()}
	if err := f.sleepReporting(b, "settling", b.config.Settle); err != nil {
		return err
	}
	if after := b.meter.server(ctx); before != nil && after != nil {
		each := float64(after.resident-before.resident) / 1024 / float64(n)
		report.KiBPerConnection = &each
		if before.cpu > freshFor {
			b.note("%s: the server had worked before, and memory that it had free then hides what connections take: start it afresh to see that", Idle)
		}
	}
	b.report.Idle = report
	return nil
}
