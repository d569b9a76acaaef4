// Package guard judges texts before they are sent: a text goes in, a risk score with reasons comes out, and the policy by which it was judged has a hash.
//
// A text is first made plain (Normalise): disguises are taken off, for judging only. The rules of a policy are held against it, and a small trained classifier reads it; each is
// a witness, and what they say becomes one score. The same text has the same score from the same policy, lists and classifier, always and everywhere.
//
// The package decides nothing: who may send, what is appended and what the sender is told is for its callers. It keeps no text, reads no clock, and asks nobody. Any bytes are
// judged without a panic and in time in proportion to their number. docs/guard.md has the policy's format.
package guard
