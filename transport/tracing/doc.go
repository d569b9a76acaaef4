// Package tracing tells a collector of OpenTelemetry traces how an event came to be and how it reached those who wait for it:
// from the frame or request to the push, on every server.
//
// An event's trace is known by the event alone, so that servers need not tell each other anything and the log's bytes stay as they
// are: the trace id is the event's id, which is 16 bytes, and the id of the trace's first span is the last eight of them. Whether
// the trace is kept is decided by these bytes too, so that all servers decide alike.
//
//	span      made by              from, to
//	(type)    the one who appends  the command's arrival, its answer; named like the type of its last event
//	guard     the one who appends  the text's arrival, its verdict
//	decide    the one who appends  the last decision on it; how often it was decided is an attribute
//	append    the one who appends  the event's handing over, its result
//	commit    the one who appends  the call of the database that stored it
//	read      every server         the wake-up, the event's being there, from memory or the table
//	push      every server         the event's being there, its frames' handing over to the connections
//
// All others are children of the first. A command's other events (the start of a conversation, notifications) have traces of their
// own, and links lead to and fro. A batch of events that one call stored is a trace of its own, "batch", with links to the events'.
// An HTTP request is a span in its caller's trace (W3C Trace Context, traceparent), or in one of its own; links lead to what it has
// appended. What appends nothing has no trace but its request's. Nor have the log's own events, such as seals.
//
// Spans have ids, types, counts and positions as attributes: never what somebody wrote, a name, a token or an address.
//
// Nothing waits for a collector: spans go through a bounded queue, and what a slow, broken or absent collector does not take is
// dropped and counted.
package tracing
