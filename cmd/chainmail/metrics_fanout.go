package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"chainmail/transport/fanout"
)

// fanoutCollector reports what comes and goes through Redis.
type fanoutCollector struct{ fanout *fanout.Fanout }

var (
	followsMetric    = prometheus.NewDesc("chainmail_fanout_following", "1 while pushes come through Redis, 0 while they are read from the log.", nil, nil)
	publishingMetric = prometheus.NewDesc("chainmail_fanout_publishing", "1 while this server has the lease of the one that publishes to Redis.", nil, nil)
	publishedMetric  = prometheus.NewDesc("chainmail_fanout_batches_published_total", "Batches of events that this server has published to Redis.", nil, nil)
	unsentMetric     = prometheus.NewDesc("chainmail_fanout_publish_failures_total", "Batches that this server could not publish to Redis.", nil, nil)
	deliveredMetric  = prometheus.NewDesc("chainmail_fanout_batches_received_total", "Batches that came through Redis with all that the connections here need.", nil, nil)
	fromMetric       = prometheus.NewDesc("chainmail_fanout_events_total", "Events that the pushes have got, by where from: redis, log.", []string{"source"}, nil)
	gapsMetric       = prometheus.NewDesc("chainmail_fanout_gaps_total", "Times that something was missing or late in Redis, so that the log was read.", nil, nil)
	wantedMetric     = prometheus.NewDesc("chainmail_fanout_channels", "Channels in Redis that the connections here need.", nil, nil)
	wordsLostMetric  = prometheus.NewDesc("chainmail_fanout_words_dropped_total", "Words between servers that were dropped since too many were waiting.", nil, nil)
)

func (c fanoutCollector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, followsMetric, publishingMetric, publishedMetric, unsentMetric, deliveredMetric, fromMetric, gapsMetric, wantedMetric,
		wordsLostMetric)
}

func (c fanoutCollector) Collect(ch chan<- prometheus.Metric) {
	if c.fanout == nil {
		return
	}
	s := c.fanout.Status()
	sample(ch, followsMetric, prometheus.GaugeValue, truth(s.Follows))
	sample(ch, publishingMetric, prometheus.GaugeValue, truth(s.Publishing))
	sample(ch, publishedMetric, prometheus.CounterValue, float64(s.Published))
	sample(ch, unsentMetric, prometheus.CounterValue, float64(s.Failed))
	sample(ch, deliveredMetric, prometheus.CounterValue, float64(s.Batches))
	sample(ch, fromMetric, prometheus.CounterValue, float64(s.Events), "redis")
	sample(ch, fromMetric, prometheus.CounterValue, float64(s.Read), "log")
	sample(ch, gapsMetric, prometheus.CounterValue, float64(s.Gaps))
	sample(ch, wantedMetric, prometheus.GaugeValue, float64(s.Wanted))
	sample(ch, wordsLostMetric, prometheus.CounterValue, float64(s.Dropped))
}
