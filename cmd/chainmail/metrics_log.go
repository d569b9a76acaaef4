package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"chainmail/eventstore"
	"chainmail/projections/checkpoint"
)

// logCollector reports what the log has seen.
type logCollector struct {
	log  *eventstore.Log
	kept *checkpoint.Keeper
}

var (
	headMetric       = prometheus.NewDesc("chainmail_log_head_position", "Last position known to be committed.", nil, nil)
	cutShortMetric   = prometheus.NewDesc("chainmail_log_cut_short", "1 once the log was found to lack what this server saw of it: nothing is appended.", nil, nil)
	keptMetric       = prometheus.NewDesc("chainmail_checkpoint_kept_tree_size", "Events under the checkpoint that is kept in --checkpoint-file; 0 while none is.", nil, nil)
	reachableMetric  = prometheus.NewDesc("chainmail_database_reachable", "1 while the database answers; it is asked once a second.", nil, nil)
	appendsMetric    = prometheus.NewDesc("chainmail_append_waiting", "Calls that wait for the commit under way to end; at most 1024.", nil, nil)
	refusedMetric    = prometheus.NewDesc("chainmail_append_failures_total", "Commands that were not stored, by reason: conflict (it is decided again), repeat, rejected, unavailable, unknown.", []string{"reason"}, nil)
	lostMetric       = prometheus.NewDesc("chainmail_append_lost_answers_total", "Commits whose answer was lost, so that it was looked for in the log.", nil, nil)
	reconnectsMetric = prometheus.NewDesc("chainmail_listen_reconnects_total", "How often the connection that hears of other servers' appends was made anew.", nil, nil)
)

func (c logCollector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, headMetric, cutShortMetric, keptMetric, reachableMetric, appendsMetric, refusedMetric, lostMetric, reconnectsMetric)
}

func (c logCollector) Collect(ch chan<- prometheus.Metric) {
	sample(ch, headMetric, prometheus.GaugeValue, float64(c.log.Head()))
	sample(ch, cutShortMetric, prometheus.GaugeValue, truth(c.log.IsCutShort()))
	sample(ch, keptMetric, prometheus.GaugeValue, float64(c.kept.Size()))
	sample(ch, reachableMetric, prometheus.GaugeValue, truth(c.log.Reachable()))
	sample(ch, appendsMetric, prometheus.GaugeValue, float64(c.log.Waiting()))
	counters := c.log.Counters()
	for reason, n := range map[string]int64{
		"conflict": counters.Conflicts, "repeat": counters.Repeats, "rejected": counters.Rejected,
		"unavailable": counters.Unavailable, "unknown": counters.Unknown,
	} {
		sample(ch, refusedMetric, prometheus.CounterValue, float64(n), reason)
	}
	sample(ch, lostMetric, prometheus.CounterValue, float64(counters.LostAnswers))
	sample(ch, reconnectsMetric, prometheus.CounterValue, float64(counters.Reconnects))
}
