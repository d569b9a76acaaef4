// Package crowd is the clients: devices that behave, and write down all they do and see; people who join, leave, block and
// erase meanwhile; and rogues, which never read, never close, or flood.
//
// A device keeps the protocol's side of the bargain: it comes back with since, after a pause with jitter, and sends what has no
// answer again under the same client_message_id. It gives up a server that it hears nothing from.
package crowd
