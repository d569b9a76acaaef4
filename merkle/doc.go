// Package merkle is the arithmetic of a transparency log: RFC 6962 trees, and the texts of C2SP in
// which they travel (tlog-checkpoint, tlog-proof, tlog-tiles). It reads and writes nothing, and
// knows nothing of chat.
//
// Single proofs are those of golang.org/x/mod/sumdb/tlog; what is here beside them is what that
// package lacks: a tree that grows leaf by leaf in little memory ([Range]), and the formats.
package merkle
