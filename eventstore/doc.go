// Package eventstore is the log: an append-only table of events in PostgreSQL.
//
// It promises that a position is given once, without gaps, and becomes visible in order, however
// many processes append; that an appended event is durable before its caller is answered; that
// stored bytes never change (a body can be erased, once); and that a command is stored whole or
// not at all, at most once for each of its keys, and never on a decision that has become stale.
//
// # The append protocol
//
// Callers hand decisions to [Log.Append] and wait. One appender a process gathers what arrived
// while the last commit was under way, and calls the SQL function append_events once for all of
// it. The function takes a lock that orders all appends of all processes, finds the head, checks
// keys and expectations, gives positions, versions, times and leaf hashes, inserts, and notifies;
// the commit frees the lock. The lock is never held across a round trip. If a command is refused,
// nothing of its batch is stored by that call, and the others go with the next, alone.
//
// A commit whose answer is lost is looked for in the log, after making sure that the lost call
// can no longer happen. Only what stays unknown after that is answered with [ErrUnknown].
//
// # Reading
//
// Since positions become visible in order, a reader follows "position > last" and misses nothing.
// A [Tail] gets committed batches from memory while it keeps up, and reads the table when it
// doesn't. It is woken by the appender in the same process and by NOTIFY from others; a
// notification only wakes, and a poll once a second is the safety net.
package eventstore
