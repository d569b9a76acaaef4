// Package asyncapi writes the AsyncAPI 3.0 document that describes the WebSocket: the handshake, every frame of either
// side with its schema and examples, what answers what, and how a connection ends.
//
// Schemas of the server's frames come from the tags that their encoders are held against (see [wire.Frame]), those of
// the clients' from the tables that they are parsed by (see [frame.ClientFrames]). The document is the server's: what
// clients send it receives.
package asyncapi
