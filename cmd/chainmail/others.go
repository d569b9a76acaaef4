package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/transport/cluster"
	"chainmail/transport/cluster/notify"
	"chainmail/transport/httpapi"
	"chainmail/transport/limit"
)

// meetOthers makes what tells this server and the others of one log about one another.
func (s *server) meetOthers() {
	s.carrier = notify.New(s.open.database.own(), s.open.database.db, s.id, s.key, s.logger)
	var bus cluster.Bus = s.carrier
	if s.fanout != nil {
		bus = &cluster.Fallback{First: s.fanout.Bus(), Second: s.carrier, Works: s.fanout.Follows}
	}
	s.others = cluster.NewNode(bus, s.id, cluster.Settings{})
	s.shared = limit.NewExchange(s.others, time.Now)
	s.others.Add(s.shared)
}

// runOthers starts it. It comes before the sockets, and so ends after them: others are told that their users have gone.
func (s *server) runOthers() {
	s.run("other servers", s.others.Run)
	s.run("shared limits", s.shared.Run)
	s.metrics.MustRegister(wordCollector{s.others, s.carrier})
}

// share lets limits count what is done at other servers too.
func (s *server) share(limits *httpapi.Limits) {
	s.sockets.Share(s.shared)
	for name, l := range map[string]*limit.Limiter{
		"notices": limits.Notices, "changes": limits.Changes,
		"nonces": limits.Nonces, "logins": limits.Logins, "registrations": limits.Registrations,
	} {
		if l != nil {
			s.shared.Add(name, l)
		}
	}
}

// wordCollector reports what is said between servers.
type wordCollector struct {
	others  *cluster.Node
	carrier *notify.Carrier
}

var (
	serversMetric       = prometheus.NewDesc("chainmail_servers_heard", "Other servers of this log that were heard in the last 8 seconds.", nil, nil)
	wordsSentMetric     = prometheus.NewDesc("chainmail_words_sent_total", "Words to other servers: typing, presence, what counts towards limits.", nil, nil)
	wordsReceivedMetric = prometheus.NewDesc("chainmail_words_received_total", "Words of other servers.", nil, nil)
	wordsDroppedMetric  = prometheus.NewDesc("chainmail_words_dropped_total", "Words that were lost here: unsent, since the carrier was away or too many waited; unread, since they were garbage, forged, repeated or too old.", []string{"what"}, nil)
)

func (c wordCollector) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, serversMetric, wordsSentMetric, wordsReceivedMetric, wordsDroppedMetric)
}

func (c wordCollector) Collect(ch chan<- prometheus.Metric) {
	sample(ch, serversMetric, prometheus.GaugeValue, float64(c.others.Servers()))
	sample(ch, wordsSentMetric, prometheus.CounterValue, float64(c.others.Sent()))
	sample(ch, wordsReceivedMetric, prometheus.CounterValue, float64(c.others.Received()))
	sample(ch, wordsDroppedMetric, prometheus.CounterValue, float64(c.carrier.Dropped()), "unsent")
	sample(ch, wordsDroppedMetric, prometheus.CounterValue, float64(c.carrier.Garbage()), "unread")
}
