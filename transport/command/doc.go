// Package command is the one way in: for frames, for requests and for the command line. It
// decides a command on the view, appends what was decided, and decides again when something
// changed in between.
//
// Commands go through lanes. What one user sends to one conversation is stored in the order in
// which it came: a lane appends one wave at a time, and what arrives meanwhile is the next wave.
// Different lanes never wait for one another.
//
// Before a refusal for want of something ("there is no such message") the view is brought up to
// the log's head, so that what a client has seen anywhere it can act on here; and a repeat of
// what was once accepted gets the first answer, whatever has changed since.
package command
