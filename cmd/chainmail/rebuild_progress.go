package main

import (
	"fmt"
	"time"

	"chainmail/projections/rebuild"
)

// rebuildProgress tells how far a rebuild is, at what rate it goes, and how long it will take. One
// goroutine at a time uses it.
type rebuildProgress struct {
	bar        *progress
	projection string
	stage      rebuild.Stage
	began      time.Time // when the stage began
	from       int64     // the position then
	tenth      int64     // the last that was told where there is no terminal
	text       string
}

func (r *rebuildProgress) show(p rebuild.Progress) {
	position, goal := int64(p.Position), int64(p.Goal)
	fraction := 1.0
	if goal > 0 {
		fraction = float64(position) / float64(goal)
	}
	tenth := int64(10 * fraction)
	fresh := p.Projection != r.projection || p.Stage != r.stage
	if fresh {
		r.projection, r.stage, r.began, r.from = p.Projection, p.Stage, time.Now(), position
	}
	if fresh || r.bar.terminal || tenth != r.tenth || len(p.Waiting) > 0 {
		r.text = r.describe(p, position, goal, fraction)
	}
	r.tenth = tenth
	r.bar.show(r.text, fraction)
}

func (r *rebuildProgress) describe(p rebuild.Progress, position, goal int64, fraction float64) string {
	text := fmt.Sprintf("%s: %s", p.Projection, p.Stage)
	if len(p.Waiting) > 0 {
		return fmt.Sprintf("%s: waiting for transactions of database processes %v to end", text, p.Waiting)
	}
	if p.Stage != rebuild.StageFill {
		return text
	}
	text = fmt.Sprintf("%s, %.0f%% of %d events", text, 100*fraction, goal)
	done, took := position-r.from, time.Since(r.began).Seconds()
	if done == 0 || took == 0 {
		return text
	}
	rate := float64(done) / took
	left := time.Duration(float64(goal-position) / rate * float64(time.Second))
	return fmt.Sprintf("%s, %.0f/s, %s left", text, rate, left.Round(time.Second))
}

// end makes room for what is printed next.
func (r *rebuildProgress) end() { r.bar.end() }
