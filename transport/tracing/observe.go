package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"chainmail/domain"
	"chainmail/eventstore"
)

// Appended makes the spans of a commit: one in the trace of each event, and one of the batch that leads to all of them. The observer of
// an eventstore.Log calls it. Without a duration, events were found in the log after the answer to their call was lost.
func (t *Tracer) Appended(a eventstore.Appended) {
	if t == nil {
		return
	}
	now := time.Now()
	began := now.Add(-a.Took)
	events := attribute.Int("chainmail.batch_events", len(a.Events))
	var links []trace.Link
	for i := range a.Events {
		if e := &a.Events[i]; t.keeps(e) {
			about := []attribute.KeyValue{events}
			if a.Took == 0 {
				about = append(about, attribute.Bool("chainmail.answer_lost", true))
			}
			t.emit(child(e, "commit", trace.SpanKindClient, began, now, about...))
			links = append(links, trace.Link{SpanContext: contextOf(e.ID)})
		}
	}
	if len(links) == 0 {
		return
	}
	first := a.Events[0].Position
	id, root := ids{}.NewIDs(context.Background())
	t.emit(span{
		name: "batch", kind: trace.SpanKindClient, ids: given{trace: id, span: root}, from: began, to: now, links: links,
		about: []attribute.KeyValue{
			events, attribute.Int64("chainmail.first_position", int64(first)),
			attribute.Int64("chainmail.last_position", int64(first)+int64(len(a.Events)-1)),
		},
	})
}

// Read makes the spans of what a tail has read, or Redis has brought. The observers of both call it.
func (t *Tracer) Read(r eventstore.Followed) {
	if t == nil {
		return
	}
	t.each(r.Events, "read", r.Began, attribute.String("chainmail.from", r.From))
}

// Pushed makes the spans of events whose frames were handed to the connections. The pusher's observer calls it.
func (t *Tracer) Pushed(events []domain.Event, began time.Time) {
	if t == nil {
		return
	}
	t.each(events, "push", began)
}

// each makes a span in each event's trace, from a time on until now.
func (t *Tracer) each(events []domain.Event, name string, began time.Time, about ...attribute.KeyValue) {
	now := time.Now()
	batch := attribute.Int("chainmail.batch_events", len(events))
	for i := range events {
		if e := &events[i]; t.keeps(e) {
			t.emit(child(e, name, trace.SpanKindConsumer, began, now, append([]attribute.KeyValue{batch}, about...)...))
		}
	}
}
