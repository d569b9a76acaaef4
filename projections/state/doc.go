// Package state keeps the tables that users query: users, conversations and who takes part in them,
// messages, receipts, blocks, what the guard kept back. They are the projection "messages".
//
// What a row says follows from the log alone: times are those of events, and nothing depends on how
// the log was cut into batches, so that two builds of one log are equal row by row. A batch is
// folded in memory and then written with a few statements, each for all events of its kind.
//
// Apply trusts that the log obeys the domain's rules. Where it meets what cannot be, such as a
// receipt for a message that isn't there, it returns an error and the projection stops at that
// event.
//
// The functions beside Apply answer what SQL text elsewhere should not have to know: which messages
// a user lacks, how many he has not read, whose name matches.
package state
