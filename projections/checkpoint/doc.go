// Package checkpoint keeps the last checkpoint that a server saw in a [File], and finds out whether a log contains it.
//
// What it promises: as long as the file is there, a log that is shorter than the kept checkpoint, has another root at its size,
// or is another log, is found out before anything is appended to it (eventstore.Log.CutShort), at the start and whenever
// the appender has connected anew. It stays so, across restarts too, until an operator accepts the log as it is
// ([File.Accept]). The kept checkpoint is only ever replaced by a larger one of a tree that begins with the kept one's.
//
// A running server knows more than the last checkpoint: package eventstore notices that the events after it are gone.
// The server notes that beside the file, so that its next start knows.
//
// It leaves to others: whether the events are what their hashes say (chainmail replay), and what a server that has kept nothing
// could know of the past.
package checkpoint
