package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"chainmail/domain"
	"chainmail/eventstore"
)

// observed are the figures that are noted when something happens, once a batch or a catch-up, never once a message or frame.
type observed struct {
	events   *prometheus.CounterVec
	byType   map[domain.Type]prometheus.Counter // owned by the goroutine that appends
	batches  prometheus.Histogram
	commits  prometheus.Histogram
	delivery prometheus.Histogram
	catchUps prometheus.Histogram
}

// Seconds from a commit on a fast disk to what nobody waits for.
var secondsBuckets = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15}

func observe(r prometheus.Registerer) *observed {
	o := &observed{
		byType: make(map[domain.Type]prometheus.Counter),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "chainmail_events_appended_total", Help: "Events that this server has appended, by type.",
		}, []string{"type"}),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chainmail_append_batch_events", Help: "Events that went into one commit; at most 500.",
			Buckets: []float64{1, 2, 5, 10, 25, 50, 100, 250, 500},
		}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chainmail_commit_duration_seconds", Help: "How long a commit of the log took, waiting for the log's lock included.",
			Buckets: secondsBuckets,
		}),
		delivery: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "chainmail_delivery_duration_seconds",
			Help:    "From the append of the first event of a batch, by the database's clock, to the moment when all its frames were handed to the sockets.",
			Buckets: secondsBuckets,
		}),
		catchUps: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "chainmail_catchup_duration_seconds", Help: "How long a connection took to get what it had missed, at its own pace.",
			Buckets: []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300},
		}),
	}
	r.MustRegister(o.events, o.batches, o.commits, o.delivery, o.catchUps)
	for _, t := range []domain.Type{domain.TypeMessageSent, domain.TypeMessageBlocked} {
		o.countOf(t) // there from the start, so that the first one is seen to be an increase
	}
	return o
}

func (o *observed) countOf(t domain.Type) prometheus.Counter {
	count := o.byType[t]
	if count == nil {
		count = o.events.WithLabelValues(string(t))
		o.byType[t] = count
	}
	return count
}

// appended is called by the goroutine that appends.
func (o *observed) appended(a eventstore.Appended) {
	for i := 0; i < len(a.Events); {
		of, first := a.Events[i].Type, i
		for i < len(a.Events) && a.Events[i].Type == of {
			i++
		}
		o.countOf(of).Add(float64(i - first))
	}
	if a.Took > 0 {
		o.batches.Observe(float64(len(a.Events)))
		o.commits.Observe(a.Took.Seconds())
	}
}

// pushed is called by the goroutine that pushes. The database's clock may be ahead of ours.
func (o *observed) pushed(appendedAt time.Time) {
	o.delivery.Observe(max(0, time.Since(appendedAt).Seconds()))
}

func (o *observed) caughtUp(took time.Duration) { o.catchUps.Observe(took.Seconds()) }
