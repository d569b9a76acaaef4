// Package ws serves the WebSocket: it connects users, takes their frames to package command, and
// pushes to them what the log holds for them.
//
// # A connection's life
//
// The handshake is completed for everybody whose origin is allowed, so that a browser can read why it is
// closed: 1008 with a fixed reason. Then come, in this order: authenticated; what was missed; synced;
// presence of those online; and what happens from then on. While it catches up a connection can send, and
// answers run ahead of what was missed.
//
// Catching up goes at the socket's pace. A connection first reads up to where pushes are without being
// pushed to; when little is left it is joined to the pushes at a position H, and what is pushed
// from then on is held back until everything up to H is out. So nothing is lost, repeated or out of order.
//
// A sync does the same on a live connection: pushes are held back from a position H on, what lies between since and H
// is sent once more in order, then synced with H and the request's ref, then what was held back. Presence
// is not repeated. One sync is under way at a time; one that comes while the connection still catches up for
// the first time waits for that.
//
// The pushes of what a connection itself has sent or read are skipped on it while they are news; caught up with,
// they come like all others.
//
// # Who writes
//
// gorilla/websocket does the handshake and reads. It doesn't write: all frames of a connection, control
// frames included, go through its outbox, which frames them (RFC 6455 §5.2; a server's are not masked), keeps
// them in order, and writes what is queued with one system call. An idle connection has one goroutine,
// which reads, and no buffer but that reader's.
//
// The outbox holds at most 4 MiB. Somebody who reads too slowly for that, or not at all for 20 seconds, is closed
// with 1013; nobody ever waits for him.
//
// # What bounds a client
//
// At most 20 connections a user, 256 sends or receipts of a connection under way (its frames are then not
// read until some are answered), messages, receipts, typing and syncs a minute. Everything else that a
// client can have for a frame (errors, pongs) is free up to 1,000 a minute; beyond that each takes 20 ms.
//
// # Time
//
// A ticker goes through all connections once a second: heartbeats, tokens about to expire or expired, users who
// became inactive, sessions that ended, peers that are silent or stuck.
package ws
