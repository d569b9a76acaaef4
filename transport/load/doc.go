// Package load puts load on a running server, or several of one log, and reports what it did and what that cost. It knows the
// server only from outside: its frames, its API, and, where it runs on the same machine, its
// processes and its database.
//
// Of several servers each has its share of the accounts, and the two of a pair are at different ones: every message crosses.
//
// # Scenarios
//
//	idle      sockets that only stand there: connects a second, resident memory of the server a connection
//	sends     closed loop: each sender of a pair keeps a window of messages in flight
//	receipts  the same, and the receiver answers each message with delivered and read
//	latency   open loop: messages leave at a fixed rate, whatever comes back
//	fanout    open loop to one group
//
// A closed loop is measured from its first message until everything it caused has come: answers,
// pushes, statuses, and the projections' catching up. So is its cost. In an open loop a message's
// latency counts from the moment at which it should have left, so that a server (or a generator)
// that stalls is charged for all that had to wait (no coordinated omission). Percentiles are exact: every
// sample is kept.
//
// # Cost
//
// The processor time of the server (of all servers together) and of PostgreSQL is read from /proc, or the server's from its
// metrics; that of Redis is what it says itself; WAL and write transactions are read from the database, and are those of the whole cluster, with the
// whole pages that follow a checkpoint. What can't be told, as on
// another machine, is absent from the report, and a note says why. The generator's own processor time
// is reported beside it: on a small machine the two compete.
package load
