// Package fanout carries events through Redis Pub/Sub to the servers whose connections need them, and words between servers.
//
// Nothing rests on it but speed. One server, the publisher, which holds a lease, follows the log and publishes each event on the
// channels of those whom it concerns:
//
//	user:<id>       what a user's connections get: direct messages, receipts, notifications
//	room:<id>       messages to a group
//	task:<id>       status changes of a task
//	project:<id>    status changes of a project's tasks
//	broadcast       announcements; and the markers
//
// After each batch comes a marker: everything with from < position <= to was published, so many events on each of these channels.
// A server subscribes to the channels that its connections want. It takes a batch as published when the marker follows on the
// one before and it has got exactly the events that the marker counts on each channel that is wanted. Whatever else comes
// (a gap, another count, a marker that is late, none at all) it reads the log instead, as without Redis. So a loss costs
// time, never a frame; nothing waits for a subscription, since until that is there its channel shows as a wrong count.
//
// Events that decisions rest on, and erasures, are not taken from Redis: a batch that has one is marked as such, and every server reads
// it from the log.
//
// # Who is believed
//
// All that is published is signed (HMAC-SHA256, together with the channel's name) with a key that lies in the database. Who
// can write to Redis but not read the database can delay frames, and make servers read the log; he can forge and hide
// nothing. Everything carries the epoch of the publisher's lease, and lower epochs than the highest seen are dropped. A publisher that was frozen
// looks at its lease before each batch.
//
// # A cluster
//
// With Redis Cluster the channels lie in a fixed number of lanes, each with a hash tag and so on one node, and are sharded
// (SPUBLISH, SSUBSCRIBE). Each lane has a connection and markers of its own; a batch is complete when all lanes are.
package fanout
