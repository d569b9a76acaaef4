package main

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
	"chainmail/transport/ws"
)

// socketCollector reports what the sockets have seen.
type socketCollector struct{ sockets *ws.Server }

var (
	connectionsMetric = prometheus.NewDesc("chainmail_connections", "Open WebSocket connections.", nil, nil)
	openedMetric      = prometheus.NewDesc("chainmail_connections_opened_total", "WebSocket handshakes that were completed.", nil, nil)
	closedMetric      = prometheus.NewDesc("chainmail_connections_closed_total", "WebSocket connections that have ended, by close code: 1006 without one, other for codes that RFC 6455 does not have.", []string{"code"}, nil)
	tooSlowMetric     = prometheus.NewDesc("chainmail_connections_too_slow_total", "Connections closed because they read too slowly.", nil, nil)
	framesInMetric    = prometheus.NewDesc("chainmail_frames_received_total", "Frames from clients, by type; invalid for those that were refused unread.", []string{"type"}, nil)
	framesOutMetric   = prometheus.NewDesc("chainmail_frames_sent_total", "Frames to clients.", nil, nil)
	errorsMetric      = prometheus.NewDesc("chainmail_frames_rejected_total", "Error frames to clients, by code.", []string{"code"}, nil)
	catchingUpMetric  = prometheus.NewDesc("chainmail_catchups_underway", "Connections that are getting what they have missed.", nil, nil)
	outboxMetric      = prometheus.NewDesc("chainmail_outbox_bytes", "Bytes that wait for sockets.", nil, nil)
	largestMetric     = prometheus.NewDesc("chainmail_outbox_largest_bytes", "Bytes that wait for the socket for which most wait; at 4 MiB it is closed.", nil, nil)
)

func (c socketCollector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, connectionsMetric, openedMetric, closedMetric, tooSlowMetric, framesInMetric, framesOutMetric, errorsMetric,
		catchingUpMetric, outboxMetric, largestMetric)
}

func (c socketCollector) Collect(ch chan<- prometheus.Metric) {
	counters, kinds, queued := c.sockets.Counters(), c.sockets.Kinds(), c.sockets.Queued()
	sample(ch, connectionsMetric, prometheus.GaugeValue, float64(c.sockets.Connections()))
	sample(ch, openedMetric, prometheus.CounterValue, float64(counters.Opened))
	for code, n := range kinds.Closed {
		name := "other"
		if code > 0 {
			name = strconv.Itoa(code)
		}
		sample(ch, closedMetric, prometheus.CounterValue, float64(n), name)
	}
	sample(ch, tooSlowMetric, prometheus.CounterValue, float64(counters.TooSlow))
	for kind, n := range kinds.FramesIn {
		sample(ch, framesInMetric, prometheus.CounterValue, float64(n), string(kind))
	}
	sample(ch, framesInMetric, prometheus.CounterValue, float64(counters.Invalid), "invalid")
	sample(ch, framesOutMetric, prometheus.CounterValue, float64(counters.FramesOut))
	for code, n := range kinds.Errors {
		sample(ch, errorsMetric, prometheus.CounterValue, float64(n), string(code))
	}
	sample(ch, catchingUpMetric, prometheus.GaugeValue, float64(counters.CatchUps))
	sample(ch, outboxMetric, prometheus.GaugeValue, float64(queued.Bytes))
	sample(ch, largestMetric, prometheus.GaugeValue, float64(queued.Largest))
}

// limitCollector reports what the limits have refused, frames and requests together.
type limitCollector struct {
	sockets *ws.Server
	limits  *httpapi.Limits
}

var (
	limitedMetric = prometheus.NewDesc("chainmail_rate_limited_total", "Frames and requests that were refused because somebody did too much, by what they were.", []string{"kind"}, nil)
	delayedMetric = prometheus.NewDesc("chainmail_frames_delayed_total", "Frames that had to wait because their user sends too many.", nil, nil)
)

func (c limitCollector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, limitedMetric, delayedMetric)
}

func (c limitCollector) Collect(ch chan<- prometheus.Metric) {
	for kind, l := range map[string]*limit.Limiter{
		"messages": c.limits.Messages, "receipts": c.limits.Receipts, "notices": c.limits.Notices, "changes": c.limits.Changes,
		"nonces": c.limits.Nonces, "logins": c.limits.Logins, "registrations": c.limits.Registrations,
	} {
		sample(ch, limitedMetric, prometheus.CounterValue, float64(l.Refused()), kind)
	}
	counters := c.sockets.Counters()
	sample(ch, limitedMetric, prometheus.CounterValue, float64(counters.Typing), "typing")
	sample(ch, limitedMetric, prometheus.CounterValue, float64(counters.Syncs), "syncs")
	sample(ch, delayedMetric, prometheus.CounterValue, float64(counters.Delayed))
}
