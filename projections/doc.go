// Package projections keeps tables true to the log. A [Projection] is a name, a version and a
// function that applies events in one transaction; the [Runner] feeds it.
//
// Each event takes effect exactly once: a batch's rows and the projection's new offset are one
// commit, which begins by comparing the offset with the batch's first position. Several servers may
// run the same projections on one database: a lease lets one of them read at a time, and the
// comparison keeps the tables right where the lease is lost.
//
// The table events itself is a Watermill topic, through adapters in this package: one message
// stands for a batch of consecutive events. Watermill's own transaction only reads and holds the
// lease; a handler writes in a transaction of its own, so that an error rolls back what it wrote
// and a lost acknowledgement changes nothing.
//
// A projection that names the types it is about gets their events alone, and the others never leave the database:
// its offset moves past them, in windows, in the same commit. Only one that gets all events can notice a
// gap in the log, and does.
//
// An event that cannot be applied stops its projection and no other. The reason stands in
// projection_offsets, in [Runner.Status] and once in the log; the projection tries again every few
// seconds and never skips.
//
// What the tables are is left to the packages below; whose turn it is to read them, to nobody here.
package projections
