package main

import "chainmail/transport/load"

// figure is one number of a report.
type figure struct {
	name   string
	digits int      // behind the point
	value  *float64 // nil where it can't be told, or there is nothing to tell
}

// figures lists what is compared, in the order of the tables. Reports of the same scenarios have the same.
func figures(r load.Report) []figure {
	var all []figure
	if s := r.Sends; s != nil {
		all = append(all, figure{load.Sends + ": messages/s", 0, &s.Rate})
		all = append(all, costs(load.Sends, "message", 1, s.Cost)...)
	}
	if s := r.Receipts; s != nil {
		all = append(all, figure{load.Receipts + ": messages/s", 0, &s.Rate})
		all = append(all, costs(load.Receipts, "message", 1, s.Cost)...)
	}
	if s := r.Latency; s != nil {
		all = append(all, percentiles(load.Latency, "delivery", s.Delivery)...)
		all = append(all, costs(load.Latency, "message", 1, s.Cost)...)
	}
	if s := r.Fanout; s != nil {
		all = append(all, percentiles(load.Fanout, "last receiver", s.Last)...)
		all = append(all, costs(load.Fanout, "delivery", 2, s.Cost)...)
	}
	return all
}

func percentiles(scenario, of string, p load.Percentiles) []figure {
	return []figure{{scenario + ": " + of + " p50, ms", 1, &p.P50}, {scenario + ": " + of + " p99, ms", 1, &p.P99}}
}

// costs are in microseconds of processor time a unit: a thousand times what a report says in seconds for 1,000.
func costs(scenario, unit string, digits int, c load.Cost) []figure {
	name := func(of string) string { return scenario + ": " + of + " CPU, µs a " + unit }
	all := []figure{
		{name("servers'"), digits, micro(c.Server)}, {name("PostgreSQL's"), digits, micro(c.Postgres)}, {name("Redis's"), digits, micro(c.Redis)},
	}
	var sum *float64
	if c.Server != nil && c.Postgres != nil {
		total := *c.Server + *c.Postgres
		if c.Redis != nil {
			total += *c.Redis
		}
		sum = micro(&total)
	}
	return append(all, figure{name("all"), digits, sum})
}

func micro(perThousand *float64) *float64 {
	if perThousand == nil {
		return nil
	}
	v := *perThousand * 1000
	return &v
}
