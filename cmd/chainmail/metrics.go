package main

import (
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// The metrics are joined here: the packages count, and a scrape reads what they have counted. docs/operations.md explains each.
// A label's values are few and fixed; none is a user's, an id, or a client's to choose.

// measure registers the figures of the layers.
func (s *server) measure() {
	s.metrics.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), buildInfo(),
		collectors.NewDBStatsCollector(s.open.log.DB(), "log"),
		logCollector{s.open.log, s.open.kept}, socketCollector{s.sockets}, projectionCollector{s}, guardCollector{s.judge},
		traceCollector{s.traces}, fanoutCollector{s.fanout},
	)
	gauge := func(name, help string, f func() float64) {
		s.metrics.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "chainmail_" + name, Help: help}, f))
	}
	counter := func(name, help string, f func() int64) {
		s.metrics.MustRegister(prometheus.NewCounterFunc(
			prometheus.CounterOpts{Name: "chainmail_" + name, Help: help}, func() float64 { return float64(f()) }))
	}
	gauge("view_position", "Last position that decisions and pushes include.", func() float64 { return float64(s.open.view.Position()) })
	counter("view_unfit_events_total", "Events that did not fit the view.", s.open.view.Unfit)
	counter("pushes_skipped_total", "Events that could not be read and so were not pushed.", s.pusher.Skipped)
	gauge("pushes_waiting", "1 while the log cannot be read, so that nothing is pushed.", func() float64 { return truth(s.pusher.Waits() != nil) })
	commands := s.open.commands
	gauge("lanes", "Senders' lanes that have work: a sender and where he writes to.", func() float64 {
		lanes, _ := commands.Lanes()
		return float64(lanes)
	})
	gauge("lane_commands", "Commands that wait in lanes or are being appended from them.", func() float64 {
		_, waiting := commands.Lanes()
		return float64(waiting)
	})
	gauge("sealed_position", "Last position that a seal covers, as far as this server knows.", func() float64 { return float64(s.sealer.Status().Sealed) })
	gauge("unsealed_events", "Events that wait for a seal, as far as this server knows.", func() float64 { return float64(s.sealer.Status().Unsealed) })
	gauge("sealing", "1 while this server has the log's current key and can seal.", func() float64 { return truth(s.sealer.Status().Sealing) })
}

// buildInfo says which program this is. It is always 1.
func buildInfo() prometheus.Collector {
	version, revision := "unknown", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "chainmail_build_info", Help: "Which program this is; always 1.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": runtime.Version()},
	}, func() float64 { return 1 })
}

// truth is 1 for what holds.
func truth(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// describe sends the descriptions of a collector.
func describe(ch chan<- *prometheus.Desc, descriptions ...*prometheus.Desc) {
	for _, d := range descriptions {
		ch <- d
	}
}

// sample is a figure of a collector.
func sample(ch chan<- prometheus.Metric, d *prometheus.Desc, of prometheus.ValueType, value float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(d, of, value, labels...)
}
