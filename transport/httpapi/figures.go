package httpapi

import (
	"cmp"
	"slices"

	dto "github.com/prometheus/client_model/go"

	"chainmail/domain"
)

// appendedMetric counts events by their type.
const appendedMetric = "chainmail_events_appended_total"

// histogram says how often something took how long, in seconds.
type histogram struct {
	Count   uint64   `json:"count" doc:"how often"`
	Sum     float64  `json:"sum" minimum:"0" doc:"how long all together"`
	Buckets []bucket `json:"buckets" nullable:"false" doc:"the longer the later"`
}

// bucket counts what took no longer than its bound.
type bucket struct {
	LE    float64 `json:"le" doc:"the bound, in seconds" example:"0.005"`
	Count uint64  `json:"count" doc:"how often it took at most that"`
}

// gathered are metrics by name.
type gathered map[string][]*dto.Metric

func gather(families []*dto.MetricFamily) gathered {
	g := make(gathered, len(families))
	for _, f := range families {
		g[f.GetName()] = f.GetMetric()
	}
	return g
}

// sum adds up the counters and gauges of a name, all of them or those with the value of a label. It is 0 where there are none.
func (g gathered) sum(name string, label ...string) int64 {
	var sum float64
	for _, m := range g[name] {
		if len(label) == 0 || labelOf(m, label[0]) == label[1] {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() // one of them, the other being 0
		}
	}
	return int64(sum)
}

// histogram adds up the histograms of a name, which all have the same bounds.
func (g gathered) histogram(name string) histogram {
	h := histogram{Buckets: []bucket{}}
	for _, m := range g[name] {
		one := m.GetHistogram()
		h.Count += one.GetSampleCount()
		h.Sum += one.GetSampleSum()
		for i, b := range one.GetBucket() {
			if i == len(h.Buckets) {
				h.Buckets = append(h.Buckets, bucket{LE: b.GetUpperBound()})
			}
			h.Buckets[i].Count += b.GetCumulativeCount()
		}
	}
	return h
}

// projections returns how far each projection is, without the reasons of those that stand still.
func (g gathered) projections() []projectionLag {
	const label = "projection"
	list := []projectionLag{}
	for _, m := range g["chainmail_projection_position"] {
		name := labelOf(m, label)
		p := projectionLag{
			Projection: name, Position: domain.Position(m.GetGauge().GetValue()), LagEvents: g.sum("chainmail_projection_lag_events", label, name),
		}
		for _, behind := range g["chainmail_projection_lag_seconds"] {
			if labelOf(behind, label) == name {
				p.LagSeconds = behind.GetGauge().GetValue()
			}
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b projectionLag) int { return cmp.Compare(a.Projection, b.Projection) })
	return list
}

// labelOf returns the value of a label, empty where the metric has none.
func labelOf(m *dto.Metric, name string) string {
	for _, l := range m.GetLabel() {
		if l.GetName() == name {
			return l.GetValue()
		}
	}
	return ""
}
