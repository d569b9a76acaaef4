// Package domain holds what Chainmail is about: users, conversations, messages, receipts, blocks,
// what the guard thinks of messages, projects, tasks and what people are told.
//
// It is pure. State is folded from events by [State.Apply]; a command is a method of State that
// answers with a [Decision] (the events to append and what must still be true when they are) or
// with a [*Refusal]. Nothing here reads a clock, a database or a random source: ids, salts and
// times come in with the command.
//
// An event is a fact in the past tense. Its data is a Go struct that implements [Data]; the bytes
// that are stored and hashed are made by [Encode] and read by [Decode], whose law is that Decode
// undoes Encode for every version ever released. docs/event-format.md lists the bytes.
package domain
