// Package scale computes what docs/scale.md says of a log that is cut into partitions: how group commit behaves on
// several of them (Run, Ceiling), how large proofs through two trees are (ProofSizes), what catching up touches
// (Touched, CursorBytes). Nothing of the product rests on it.
package scale
