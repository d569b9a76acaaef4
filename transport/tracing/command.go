package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"chainmail/domain"
)

// Command notes when what was done for a command on its way into the log. A nil one notes nothing. Its methods are called one after
// the other.
type Command struct {
	tracer  *Tracer
	request trace.Span // the HTTP request's; one that does nothing where there is none
	began   time.Time

	judging, judged             time.Time
	deciding, decided, appended time.Time // of the last try
	tries                       int
}

// Now is the time; zero when off.
func (t *Tracer) Now() time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Now()
}

// Begin notes that a command has come, with a request if ctx is one's.
func (t *Tracer) Begin(ctx context.Context) *Command {
	if t == nil {
		return nil
	}
	return &Command{tracer: t, request: trace.SpanFromContext(ctx), began: time.Now()}
}

// Judging notes that its text goes to the guard.
func (c *Command) Judging() {
	if c != nil {
		c.judging = time.Now()
	}
}

// Judged notes that there is a verdict.
func (c *Command) Judged() {
	if c != nil {
		c.judged = time.Now()
	}
}

// Tried notes a decision and its append.
func (c *Command) Tried(deciding, decided, appended time.Time) {
	if c != nil {
		c.tries++
		c.deciding, c.decided, c.appended = deciding, decided, appended
	}
}

// End makes the spans of what was appended; none when that is nothing.
func (c *Command) End(events []domain.Event) {
	if c == nil || len(events) == 0 {
		return
	}
	t, now := c.tracer, time.Now()
	last := &events[len(events)-1]
	kept := t.keeps(last)
	var toRequest, toOthers []trace.Link
	if id := c.request.SpanContext(); id.IsSampled() {
		toRequest = []trace.Link{{SpanContext: id}}
	}
	for i := range events[:len(events)-1] {
		if e := &events[i]; t.keeps(e) {
			links := toRequest
			if kept {
				links = []trace.Link{{SpanContext: contextOf(last.ID)}}
				toOthers = append(toOthers, trace.Link{SpanContext: contextOf(e.ID)})
			}
			t.emit(c.root(e, now, links))
		}
	}
	if !kept {
		return
	}
	c.request.AddLink(trace.Link{SpanContext: contextOf(last.ID)})
	root := c.root(last, now, append(toOthers, toRequest...))
	root.about = append(root.about, attribute.Int("chainmail.events", len(events)))
	t.emit(root)
	if !c.judging.IsZero() {
		t.emit(child(last, "guard", trace.SpanKindInternal, c.judging, c.judged))
	}
	t.emit(child(last, "decide", trace.SpanKindInternal, c.deciding, c.decided, attribute.Int("chainmail.tries", c.tries)))
	t.emit(child(last, "append", trace.SpanKindProducer, c.decided, c.appended))
}

// root is the first span of an event's trace.
func (c *Command) root(e *domain.Event, now time.Time, links []trace.Link) span {
	s := child(e, string(e.Type), trace.SpanKindServer, c.began, now, attribute.String("chainmail.stream", string(e.Stream)))
	s.ids.span, s.parent, s.links = rootOf(e.ID), trace.SpanID{}, links
	if message := messageOf(e); !message.IsZero() {
		s.about = append(s.about, attribute.String("chainmail.message_id", message.String()))
	}
	return s
}

// messageOf is the message that an event tells of; zero for none.
func messageOf(e *domain.Event) domain.ID {
	data, err := domain.Decode(*e)
	if err != nil {
		return domain.ID{}
	}
	switch d := data.(type) {
	case *domain.MessageSent:
		return d.MessageID
	case *domain.MessageBlocked:
		return d.MessageID
	case *domain.MessageDelivered:
		return d.MessageID
	case *domain.MessageRead:
		return d.MessageID
	case *domain.ContentErased:
		return d.MessageID
	}
	return domain.ID{}
}
