-- +goose Up

-- Tables of the projection "batches" (projections/batches): what the log's seals say, and the hashes that
-- make a proof cheap at any size. Computed from the log like all state tables.

CREATE TABLE merkle_batches (
    tree_size      bigint      NOT NULL PRIMARY KEY,
    first_position bigint      NOT NULL,
    last_position  bigint      NOT NULL,
    position       bigint      NOT NULL,
    sealed_at      timestamptz NOT NULL,
    root_hash      text        COLLATE "C" NOT NULL,
    checkpoint     text        COLLATE "C" NOT NULL
);
COMMENT ON TABLE merkle_batches IS 'The seals: each gives the root of the RFC 6962 tree over all events up to its batch''s last.';
COMMENT ON COLUMN merkle_batches.tree_size IS 'How many events the tree covers, from position 1.';
COMMENT ON COLUMN merkle_batches.first_position IS 'The first event that no earlier seal covers.';
COMMENT ON COLUMN merkle_batches.last_position IS 'The last event of the batch, and of the tree.';
COMMENT ON COLUMN merkle_batches.position IS 'The event that is the seal.';
COMMENT ON COLUMN merkle_batches.sealed_at IS 'When it was appended.';
COMMENT ON COLUMN merkle_batches.root_hash IS 'The tree''s root in lower-case hex.';
COMMENT ON COLUMN merkle_batches.checkpoint IS 'Size and root, signed with the log''s key (C2SP tlog-checkpoint).';
COMMENT ON INDEX merkle_batches_pkey IS 'The latest seal, and the one that covers a position.';

CREATE TABLE merkle_nodes (
    level smallint NOT NULL,
    index bigint   NOT NULL,
    hash  bytea    NOT NULL,
    PRIMARY KEY (level, index)
);
COMMENT ON TABLE merkle_nodes IS 'Roots of the complete subtrees of 256, 256 * 256, … sealed leaves: the hashes of tiles from level 1 (C2SP tlog-tiles). Those of level 0 are the events'' leaf hashes.';
COMMENT ON COLUMN merkle_nodes.level IS 'The tile level, from 1: the subtree has 256 ^ level leaves.';
COMMENT ON COLUMN merkle_nodes.index IS 'Which of its level, from 0.';
COMMENT ON COLUMN merkle_nodes.hash IS 'The subtree''s Merkle tree hash, 32 bytes.';
COMMENT ON INDEX merkle_nodes_pkey IS 'The hashes of a tile in order.';

-- +goose Down
DROP TABLE merkle_nodes;
DROP TABLE merkle_batches;
