package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"chainmail/eventstore/lease"
	"chainmail/projections/push"
	"chainmail/transport/fanout"
)

// redisFlags say where the servers of one database meet, besides in it.
type redisFlags struct {
	RedisURL    string `placeholder:"URL" help:"Redis 7 or later, through which servers tell one another of messages: redis://, rediss:// or unix://, with ?master_name= for Sentinel, ?addr= for a cluster. Without it every server reads the database."`
	RedisPrefix string `placeholder:"TEXT" help:"What the names of channels in Redis begin with, so that several databases' servers can share one, such as chat: (default: nothing)."`
}

func (f *redisFlags) check() error {
	if f.RedisURL == "" {
		return nil
	}
	client, _, err := fanout.Connect(f.RedisURL)
	if err != nil {
		return fmt.Errorf("--redis-url: %w", err)
	}
	return errors.Join(client.Close(), fanout.CheckPrefix(f.RedisPrefix))
}

// source is what the pusher reads: the log, or what comes through Redis. In the latter case s.fanout is set.
func (s *server) source() (push.Source, error) {
	log, v := s.open.log, s.open.view
	if s.command.RedisURL == "" {
		return push.Whole{Tail: s.tail()}, nil
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	config := fanout.Config{
		URL: s.command.RedisURL, Prefix: s.command.RedisPrefix, DB: log.Direct(), Key: s.key, Log: log, View: v,
		Holder: host + "/" + s.id.String(), Server: s.id, Logger: s.logger,
	}
	if s.traces != nil {
		config.Followed = s.traces.Read
	}
	if s.fanout, err = fanout.New(config); err != nil {
		return nil, err
	}
	return s.fanout.Source(), nil
}

// runFanout starts the layer below the pushes.
func (s *server) runFanout() {
	if s.fanout == nil {
		return
	}
	s.run("fan-out", func(ctx context.Context) error {
		return errors.Join(s.fanout.Run(ctx), s.fanout.Close())
	})
}

// checkFanout tells who publishes. Servers serve without Redis, and without a publisher; it only costs them more.
func (f *redisFlags) checkFanout(ctx context.Context, database *database, d *diagnosis) {
	state, err := lease.Read(ctx, database.db, fanout.LeaseName)
	if err != nil {
		d.add("fan-out", err, "", "see the database's log")
		return
	}
	if f.RedisURL == "" {
		detail := "every server follows PostgreSQL"
		if state.Live {
			detail = state.Holder + " publishes to Redis; give --redis-url as for 'serve' to have that looked at"
		}
		d.add("fan-out", nil, detail, "")
		return
	}
	err = f.ping(ctx)
	detail := "Redis answers; nobody publishes: no server runs with --redis-url, or none reaches Redis"
	if state.Live {
		detail = fmt.Sprintf("Redis answers; %s publishes (epoch %d)", state.Holder, state.Epoch)
	}
	d.add("fan-out", err, detail, "start Redis, or correct --redis-url; meanwhile servers read the database, and nothing is lost")
}

// ping asks Redis whether it is there.
func (f *redisFlags) ping(ctx context.Context) error {
	if err := f.check(); err != nil {
		return err
	}
	client, _, err := fanout.Connect(f.RedisURL)
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("no answer from Redis: %w", err)
	}
	return nil
}
