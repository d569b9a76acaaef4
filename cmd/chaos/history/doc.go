// Package history holds what clients did and saw beside the log, and finds where the two contradict the
// guarantees that users rely on. It does no I/O: whoever runs clients fills a [History], whoever can read
// the log makes a [Log] of it, and [Check] compares them.
//
// # What is recorded
//
// A [Device] is one client of one user, over all its connections: those go on with since where the one before
// ended, or begin afresh without. A [Connection] has its entries in the order in which the client did or saw them: what it
// sent before it was written, what came when it was read.
//
// # What is owed
//
// The log alone says who is owed which frame: [NewLog] goes through it as docs/protocol.md has it, with no code
// of the server. A connection is owed everything after its since (without one, after its first synced), in order of position; a frame at a
// position, a synced or a heartbeat is a claim that everything before it has come. What a device itself sent or read comes
// to it as an answer, or as a push when it is caught up with, so that it may come and need not.
//
// # What can't be known
//
// A client that got no answer does not know whether anything was stored: such attempts excuse what an answered
// one would not. A receipt has no answer; it has to be in the log only when it was sent after [History.Settled], when nothing is broken any more.
package history
