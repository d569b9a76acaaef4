// Package httpapi is the HTTP API: requests become commands, and state tables become answers.
//
// Every call is an operation of huma, so that the OpenAPI description is made from the types that the
// calls take and give. A call passes, in this order: request id, access log, metrics and recovery
// (trace.go), CORS, the token and its active user (authenticate.go), the body (body.go), its handler.
//
// # Reads
//
// A read sees one state of the tables, that of a position, and answers with it in Chainmail-Position: the
// offset of the projection "messages" is read in the transaction that reads the rows (read.go). Before
// something is said not to be there, the tables are brought to the log's head, so that what a client has
// seen on a socket it finds here.
//
// # Writes
//
// A write goes through package command and answers with the position of what it appended.
//
// # Errors
//
// Errors are problem details (RFC 9457) with a code. One table turns codes into statuses (problem.go), and one
// function turns errors into problems (failure.go); what is nobody's business stays in the log. What the guard blocks
// has problems of its own, with more fields (blocked.go).
package httpapi
