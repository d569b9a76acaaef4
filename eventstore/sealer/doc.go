// Package sealer seals the log: again and again it appends a MerkleBatchSealed, which gives the root of the RFC 6962
// tree over all events so far, signed with the log's key.
//
// It promises that at most one of any number of sealers seals a batch, that what a seal covers has no gap, that it
// never seals on a tree that contradicts an earlier seal, and that a seal's cost follows its batch, not the log: the tree's
// right edge is kept in memory ([merkle.Range]), and only the leaf hashes of new events are read.
//
// # One at a time
//
// A batch begins where the last seal ended, and the log lets one seal begin at a position (domain.SealKey). That is the
// fence: a sealer that was frozen, or lost its connection, is refused when it comes late, and reads what it missed. So that servers
// do not race for each batch, the one whose seal was the last goes at once, and the others only when it is overdue.
//
// # When
//
// A batch is due when it is full, or a while after its first event. A sealer wakes when the log's head moves, and by
// its own timers; nothing polls. Seals are events and fall into a later batch, but a log that has only seals unsealed is left alone.
package sealer
