package load

import (
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// recorder keeps the latency of every message of an open loop: that of its last receiver.
type recorder struct {
	start    time.Time
	interval time.Duration
	worst    []atomic.Int64 // by message, in nanoseconds
	received atomic.Int64
}

func newRecorder(messages, rate int) *recorder {
	return &recorder{interval: time.Second / time.Duration(rate), worst: make([]atomic.Int64, messages)}
}

// due is when the nth message is meant to leave.
func (r *recorder) due(n int) time.Time { return r.start.Add(time.Duration(n) * r.interval) }

// record takes in that a receiver has the nth message. The contents of others are ignored.
func (r *recorder) record(n uint32) {
	if int(n) >= len(r.worst) {
		return
	}
	latency := int64(time.Since(r.due(int(n))))
	for {
		before := r.worst[n].Load()
		if latency <= before || r.worst[n].CompareAndSwap(before, latency) {
			break
		}
	}
	r.received.Add(1)
}

// percentiles is called once every message has come.
func (r *recorder) percentiles() Percentiles {
	sorted := make([]int64, len(r.worst))
	for i := range r.worst {
		sorted[i] = r.worst[i].Load()
	}
	slices.Sort(sorted)
	return percentiles(sorted)
}

// percentiles are by nearest rank: the least sample that at least so many of all don't exceed.
func percentiles(sorted []int64) Percentiles {
	if len(sorted) == 0 {
		return Percentiles{}
	}
	rank := func(p float64) float64 {
		n := int(math.Ceil(p * float64(len(sorted))))
		return float64(sorted[max(n, 1)-1]) / float64(time.Millisecond)
	}
	return Percentiles{P50: rank(0.5), P99: rank(0.99), P999: rank(0.999), Max: rank(1)}
}
