package fanout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/lease"
	"chainmail/transport/cluster/seal"
)

// LeaseName is the lease of the server that publishes.
const LeaseName = "publisher"

const (
	// publishWithin bounds one batch's way to Redis.
	publishWithin = 2 * time.Second
	// pingEvery is how often Redis is looked for while it is away.
	pingEvery = 500 * time.Millisecond
	// logRetry is how long the log is left alone after an error.
	logRetry = 200 * time.Millisecond
)

// errOver says that the lease has gone.
var errOver = errors.New("another server may publish by now")

// publisher publishes the log while it holds the lease.
type publisher struct {
	log    *eventstore.Log
	client redis.UniversalClient
	names  names
	lease  *lease.Lease
	seals  *seal.Seals // owned by the goroutine that has the lease
	logger *slog.Logger

	away            bool // Redis was away when it was last looked for; owned by run
	batches, failed atomic.Int64
}

// run campaigns for the lease whenever Redis can be reached, until ctx ends.
func (p *publisher) run(ctx context.Context) {
	for ctx.Err() == nil {
		if !p.reach(ctx) {
			continue
		}
		campaign, cancel := context.WithCancel(ctx)
		p.lease.Run(campaign, func(working context.Context, epoch int64) {
			p.logger.Info("this server publishes to Redis", slog.Int64("epoch", epoch))
			err := p.publish(working, epoch)
			if ctx.Err() == nil {
				p.logger.Info("this server publishes to Redis no more", slog.Any("reason", err))
			}
			if !errors.Is(err, errOver) && working.Err() == nil {
				cancel() // Redis is away, perhaps for this server alone
			}
		})
		cancel()
	}
}

// reach reports whether Redis answers, after a while if not. It tells when that changes.
func (p *publisher) reach(ctx context.Context) bool {
	asking, cancel := context.WithTimeout(ctx, publishWithin)
	err := p.client.Ping(asking).Err()
	cancel()
	switch {
	case err == nil && p.away:
		p.logger.Info("Redis can be reached again")
	case err != nil && !p.away && ctx.Err() == nil:
		p.logger.Warn("Redis cannot be reached; servers read the log", slog.Any("error", err))
	}
	if p.away = err != nil; p.away {
		pause(ctx, pingEvery)
	}
	return err == nil
}

// publish publishes what is appended from now on, until ctx ends or something goes wrong, and returns what.
func (p *publisher) publish(ctx context.Context, epoch int64) error {
	at, err := p.log.Fresh(ctx) // not what the log was only told of: what is published is believed
	if err != nil {
		return err
	}
	tail := p.log.Tail(at)
	if err := p.send(ctx, epoch, at, nil); err != nil {
		return err
	}
	for {
		waiting, cancel := context.WithTimeout(ctx, beat)
		events, err := tail.Next(waiting)
		idle := waiting.Err() != nil
		cancel()
		switch {
		case ctx.Err() != nil:
			return errOver
		case err != nil && !idle:
			pause(ctx, logRetry) // the log tells of its own troubles
			continue
		}
		if err := p.send(ctx, epoch, at, events); err != nil {
			return err
		}
		if len(events) > 0 {
			at = events[len(events)-1].Position
		}
	}
}

// send publishes the events after a position, and the markers that say so.
func (p *publisher) send(ctx context.Context, epoch int64, after domain.Position, events []domain.Event) error {
	pipeline := p.client.Pipeline()
	sending, cancel := context.WithTimeout(ctx, publishWithin)
	defer cancel()
	p.encode(sending, pipeline, epoch, after, events)
	if held, ok := p.lease.Held(); !ok || held != epoch {
		return errOver
	}
	if _, err := pipeline.Exec(sending); err != nil {
		p.failed.Add(1)
		return fmt.Errorf("publish positions after %d: %w", after, err)
	}
	if len(events) > 0 {
		p.batches.Add(1)
	}
	return nil
}

// encode queues a batch: its events, each on the channels of those whom it concerns, then each lane's marker.
func (p *publisher) encode(
	ctx context.Context, pipeline redis.Pipeliner, epoch int64, after domain.Position, events []domain.Event,
) {
	m := marker{epoch: epoch, from: after, to: after}
	counts := make(map[channel]int)
	var channels []channel
	for _, e := range events {
		m.to = e.Position
		data, err := domain.Decode(e)
		if err != nil || onlyFromLog(e.Type) {
			m.readLog = true
		}
		if err != nil {
			continue // a newer release's: that knows whom it concerns
		}
		channels = appendChannels(channels[:0], data)
		if len(channels) == 0 {
			continue
		}
		message := appendEvent(nil, epoch, e)
		for _, c := range channels {
			counts[c]++
			name := p.names.name(c)
			p.post(ctx, pipeline, name, p.seals.Sign(name, message[:len(message):len(message)]))
		}
	}
	markers := make([]marker, p.names.lanes)
	for lane := range markers {
		markers[lane] = m
	}
	for c, n := range counts {
		lane := &markers[p.names.lane(c)]
		lane.counts = append(lane.counts, count{c, n})
	}
	for lane, m := range markers {
		name := p.names.broadcast(lane)
		p.post(ctx, pipeline, name, p.seals.Sign(name, appendMarker(nil, m)))
	}
}

func (p *publisher) post(ctx context.Context, pipeline redis.Pipeliner, name string, message []byte) {
	if p.names.lanes > 1 {
		pipeline.SPublish(ctx, name, message)
		return
	}
	pipeline.Publish(ctx, name, message)
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
