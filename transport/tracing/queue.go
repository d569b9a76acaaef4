package tracing

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const (
	// maxQueued bounds the spans that wait for the collector. When it is full, what comes is dropped and counted.
	maxQueued = 8192
	// maxBatch is how many spans one request has at most.
	maxBatch = 512
	// interval is how long a span waits for others to be sent with.
	interval = time.Second
	// lastWithin is how long a server that ends tries to send what is queued.
	lastWithin = time.Second
)

// queue takes spans that are over and has them sent, one request at a time. It implements sdktrace.SpanProcessor: the SDK's own keeps
// to itself how many it drops, and runs from its making on.
type queue struct {
	exporter *exporter
	logger   *slog.Logger
	spans    chan sdktrace.ReadOnlySpan // of capacity maxQueued
	away     bool                       // owned by run; the last request failed

	sent, dropped, failed atomic.Int64
}

func newQueue(e *exporter, logger *slog.Logger) *queue {
	return &queue{exporter: e, logger: logger, spans: make(chan sdktrace.ReadOnlySpan, maxQueued)}
}

// OnStart implements sdktrace.SpanProcessor.
func (*queue) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements sdktrace.SpanProcessor.
func (q *queue) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	select {
	case q.spans <- s:
	default:
		q.dropped.Add(1)
	}
}

// Shutdown implements sdktrace.SpanProcessor. Run ends what there is to end.
func (*queue) Shutdown(context.Context) error { return nil }

// ForceFlush implements sdktrace.SpanProcessor.
func (*queue) ForceFlush(context.Context) error { return nil }

// run sends spans until ctx ends, and then what is left.
func (q *queue) run(ctx context.Context) error {
	defer q.exporter.close()
	for batch := make([]sdktrace.ReadOnlySpan, 0, maxBatch); ctx.Err() == nil; batch = batch[:0] {
		if batch = q.gather(ctx, batch); len(batch) > 0 {
			q.send(ctx, batch)
		}
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWithin)
	defer cancel()
	for len(q.spans) > 0 && ending.Err() == nil {
		batch := make([]sdktrace.ReadOnlySpan, 0, maxBatch)
		for len(batch) < maxBatch && len(q.spans) > 0 {
			batch = append(batch, <-q.spans)
		}
		q.send(ending, batch)
	}
	return nil
}

// gather waits for a span, and then for others, until there is a full batch or the first has waited long enough. When ctx ends it
// returns what it has.
func (q *queue) gather(ctx context.Context, batch []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	select {
	case s := <-q.spans:
		batch = append(batch, s)
	case <-ctx.Done():
		return batch
	}
	due := time.NewTimer(interval)
	defer due.Stop()
	for len(batch) < maxBatch {
		select {
		case s := <-q.spans:
			batch = append(batch, s)
		case <-due.C:
			return batch
		case <-ctx.Done():
			return batch
		}
	}
	return batch
}

// send sends a batch, even when ctx ends meanwhile, within the exporter's timeout or, at the end, lastWithin. What fails is dropped: a
// collector that is away is told of once.
func (q *queue) send(ctx context.Context, batch []sdktrace.ReadOnlySpan) {
	var cancel context.CancelFunc
	if _, bounded := ctx.Deadline(); !bounded {
		stop := ctx
		ctx, cancel = context.WithCancel(context.WithoutCancel(ctx))
		defer cancel()
		defer context.AfterFunc(stop, func() { time.AfterFunc(lastWithin, cancel) })()
	}
	rejected, err := q.exporter.export(ctx, batch)
	if err != nil {
		q.failed.Add(int64(len(batch)))
		if !q.away {
			q.logger.Warn("the collector of traces does not take spans; they are dropped", "error", err)
		}
		q.away = true
		return
	}
	if q.away {
		q.away = false
		q.logger.Info("the collector of traces takes spans again")
	}
	q.failed.Add(rejected)
	q.sent.Add(int64(len(batch)) - rejected)
}
