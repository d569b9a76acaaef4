// Package batches keeps what the log's seals say (merkle_batches) and the hashes that make proofs cheap
// (merkle_nodes). They are the projection "batches".
//
// The tree is that of RFC 6962 over the whole log; the leaf at index i is the event at position i + 1. It is stored
// as the tiles of C2SP tlog-tiles: level 0 is the events' own leaf_hash, and the hash at (level, index) of merkle_nodes
// is the root of the complete subtree of 256 ^ level leaves from index * 256 ^ level on. Every hash that a
// proof needs is that of at most 128 neighbours in one tile.
//
// [Tree] answers from these hashes, and computes from leaf hashes what is not stored yet, so that its answers
// are right however far the projection is; only their cost differs.
//
// Whether a seal's root is the tree's, and whether its key was the log's, is for an audit to check: here seals
// are believed, as long as each begins where the one before it ends.
package batches
