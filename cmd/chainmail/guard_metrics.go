package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"chainmail/transport/judge"
)

// guardCollector reports what the guard and its language model do.
type guardCollector struct{ judge *judge.Judge }

var (
	verdictsMetric = prometheus.NewDesc("chainmail_guard_verdicts_total", "Texts that were judged: sent, uncertain (and let through), blocked, or of an excepted user.", []string{"verdict"}, nil)
	modelMetric    = prometheus.NewDesc("chainmail_guard_llm_questions_total", "Texts about which a language model was asked, by outcome: opinion, or why there was none.", []string{"outcome"}, nil)
	modelHitMetric = prometheus.NewDesc("chainmail_guard_llm_cache_hits_total", "Texts about which the language model had been asked before.", nil, nil)
	requestsMetric = prometheus.NewDesc("chainmail_guard_llm_requests_total", "Requests to the language model, retries included.", nil, nil)
	underWayMetric = prometheus.NewDesc("chainmail_guard_llm_questions_underway", "Questions to the language model that have a place now, of 16.", nil, nil)
	breakerMetric  = prometheus.NewDesc("chainmail_guard_llm_breaker_open", "1 while the language model is not asked because it has failed too often lately.", nil, nil)
)

func (c guardCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{verdictsMetric, modelMetric, modelHitMetric, requestsMetric, underWayMetric, breakerMetric} {
		ch <- d
	}
}

func (c guardCollector) Collect(ch chan<- prometheus.Metric) {
	counter := func(d *prometheus.Desc, n float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, n, labels...)
	}
	verdicts := c.judge.Counts()
	counter(verdictsMetric, float64(verdicts.Sent), "sent")
	counter(verdictsMetric, float64(verdicts.Uncertain), "uncertain")
	counter(verdictsMetric, float64(verdicts.Blocked), "blocked")
	counter(verdictsMetric, float64(verdicts.Excepted), "excepted")
	if c.judge.Model == nil {
		return
	}
	stats := c.judge.Model.Stats()
	counter(modelMetric, float64(stats.Opinions), "opinion")
	for failure, n := range stats.Failures {
		counter(modelMetric, float64(n), string(failure))
	}
	counter(modelHitMetric, float64(stats.Hits))
	counter(requestsMetric, float64(stats.Requests))
	ch <- prometheus.MustNewConstMetric(underWayMetric, prometheus.GaugeValue, float64(stats.UnderWay))
	open := 0.0
	if stats.Breaker != "closed" {
		open = 1
	}
	ch <- prometheus.MustNewConstMetric(breakerMetric, prometheus.GaugeValue, open)
}
