package load

import "fmt"

// Line is a figure of a report, for people.
type Line struct{ Scenario, Figure, Value string }

// Lines lists the figures of all scenarios that ran.
func (r Report) Lines() []Line {
	var l lines
	if s := r.Idle; s != nil {
		l.scenario = Idle
		l.add("connections", "%d", s.Connections)
		l.add("connects/s", "%.0f", s.ConnectsPerSecond)
		l.optional("KiB a connection", "%.1f", s.KiBPerConnection)
	}
	if s := r.Sends; s != nil {
		l.scenario = Sends
		l.loop(s)
	}
	if s := r.Receipts; s != nil {
		l.scenario = Receipts
		l.loop(s)
	}
	if s := r.Latency; s != nil {
		l.scenario = Latency
		l.add("messages", "%d at %d/s", s.Messages, s.Rate)
		l.percentiles("delivery", s.Delivery)
		l.cost("messages", s.Cost)
	}
	if s := r.Fanout; s != nil {
		l.scenario = Fanout
		l.add("messages", "%d at %d/s to %d members", s.Messages, s.Rate, s.Members)
		l.percentiles("last receiver", s.Last)
		l.cost("deliveries", s.Cost)
	}
	return l.all
}

// lines collects the lines of one scenario after the other.
type lines struct {
	scenario string
	all      []Line
}

func (l *lines) add(figure, format string, args ...any) {
	l.all = append(l.all, Line{l.scenario, figure, fmt.Sprintf(format, args...)})
}

func (l *lines) optional(figure, format string, value *float64) {
	if value == nil {
		l.add(figure, "can't be told")
		return
	}
	l.add(figure, format, *value)
}

func (l *lines) loop(r *LoopReport) {
	l.add("messages", "%d of %d bytes, %d pairs, %d in flight each", r.Messages, r.Size, r.Pairs, r.Window)
	l.add("messages/s", "%.0f", r.Rate)
	l.cost("messages", r.Cost)
}

func (l *lines) percentiles(what string, p Percentiles) {
	l.add(what+" p50, p99, p99.9, max", "%.2f, %.2f, %.2f, %.2f ms", p.P50, p.P99, p.P999, p.Max)
}

func (l *lines) cost(unit string, c Cost) {
	l.optional("server CPU s/1,000 "+unit, "%.4f", c.Server)
	l.optional("PostgreSQL CPU s/1,000 "+unit, "%.4f", c.Postgres)
	if c.Redis != nil {
		l.add("Redis CPU s/1,000 "+unit, "%.4f", *c.Redis)
	}
	l.add("generator CPU s/1,000 "+unit, "%.4f (%.0f%% of a processor)", c.Generator, 100*c.Share)
	l.optional("WAL bytes a message", "%.0f", c.WALBytes)
	l.optional("write transactions a message", "%.3f", c.Writes)
	l.optional("projections caught up after s", "%.3f", c.CatchUp)
}
