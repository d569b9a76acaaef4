// Package fault makes things go wrong by real means: a [Proxy] between a client and what it talks to, that
// delays, swallows, cuts and refuses; and a small [Disk] that can be filled. It knows nothing of what it disturbs.
package fault
