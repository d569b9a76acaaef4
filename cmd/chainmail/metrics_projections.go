package main

import "github.com/prometheus/client_golang/prometheus"

// projectionCollector reports how far each projection is, and whether it stands still.
type projectionCollector struct{ server *server }

var (
	projectedMetric = prometheus.NewDesc("chainmail_projection_position", "Last position that was applied.", []string{"projection"}, nil)
	lagMetric       = prometheus.NewDesc("chainmail_projection_lag_events", "Events that were appended and not applied yet.", []string{"projection"}, nil)
	behindMetric    = prometheus.NewDesc("chainmail_projection_lag_seconds", "How long ago the first event that was not applied yet was appended; looked at once a second.", []string{"projection"}, nil)
	stuckMetric     = prometheus.NewDesc("chainmail_projection_stuck", "1 while the projection cannot go on.", []string{"projection"}, nil)
)

func (c projectionCollector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, projectedMetric, lagMetric, behindMetric, stuckMetric)
}

func (c projectionCollector) Collect(ch chan<- prometheus.Metric) {
	for _, p := range c.server.runner.Status() {
		sample(ch, projectedMetric, prometheus.GaugeValue, float64(p.Position), p.Projection)
		sample(ch, lagMetric, prometheus.GaugeValue, float64(p.Lag), p.Projection)
		sample(ch, behindMetric, prometheus.GaugeValue, p.Behind.Seconds(), p.Projection)
		sample(ch, stuckMetric, prometheus.GaugeValue, truth(p.Stuck != ""), p.Projection)
	}
}
