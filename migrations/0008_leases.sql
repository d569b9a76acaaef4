-- +goose Up

-- Who among the servers does what only one may do (eventstore/lease), and what tells their words from others'
-- (transport/fanout). No part of the log and computed from nothing: rebuild, replay and import leave these tables alone.

CREATE TABLE leases (
    name    text        COLLATE "C" NOT NULL PRIMARY KEY,
    holder  text        COLLATE "C" NOT NULL,
    epoch   bigint      NOT NULL,
    expires timestamptz NOT NULL
);
COMMENT ON TABLE leases IS 'Leases of servers: who does what only one may do.';
COMMENT ON COLUMN leases.name IS 'What is done, such as "publisher".';
COMMENT ON COLUMN leases.holder IS 'The server that does it, or did last: its host''s name and a number of its own.';
COMMENT ON COLUMN leases.epoch IS 'How often the lease has been taken: who has a lower one is no longer believed.';
COMMENT ON COLUMN leases.expires IS 'Until when nobody else may take it, by the database''s clock.';
COMMENT ON INDEX leases_pkey IS 'A lease by name.';

CREATE TABLE fanout_key (
    key bytea NOT NULL
);
COMMENT ON TABLE fanout_key IS 'The secret of all servers of this database: one row.';
COMMENT ON COLUMN fanout_key.key IS 'Signs what servers tell one another, through Redis or NOTIFY (HMAC-SHA256), so that nobody else can.';
INSERT INTO fanout_key (key)
VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- +goose Down
DROP TABLE fanout_key;
DROP TABLE leases;
