-- +goose Up

-- +goose StatementBegin
CREATE TABLE events (
    position       bigint      NOT NULL,
    event_id       uuid        NOT NULL,
    stream         text        COLLATE "C" NOT NULL,
    stream_version bigint      NOT NULL,
    type           text        COLLATE "C" NOT NULL,
    payload        json        NOT NULL,
    metadata       json        NOT NULL,
    body           json,
    recorded_at    timestamptz NOT NULL,
    leaf_hash      bytea       NOT NULL,
    PRIMARY KEY (position)
) PARTITION BY RANGE (position);
-- +goose StatementEnd

COMMENT ON TABLE events IS 'The log: one row an event, append-only. Everything else is computed from it.';
COMMENT ON COLUMN events.position IS 'Place in the whole log: from 1, without gaps, visible in order.';
COMMENT ON COLUMN events.event_id IS 'UUID version 7, made by the server that appended the event.';
COMMENT ON COLUMN events.stream IS 'The thing that the event is about, such as conversation-<id>.';
COMMENT ON COLUMN events.stream_version IS 'Place in the stream: from 1, without gaps.';
COMMENT ON COLUMN events.type IS 'What happened, in the past tense.';
COMMENT ON COLUMN events.payload IS 'What happened, as JSON. Kept to the byte, since the bytes are hashed.';
COMMENT ON COLUMN events.metadata IS 'Who caused it and how he showed who he is, as JSON. Kept to the byte.';
COMMENT ON COLUMN events.body IS 'The erasable part: what a person wrote. Not hashed; the payload has a salted hash of it.';
COMMENT ON COLUMN events.recorded_at IS 'The database''s clock, never going back along position.';
COMMENT ON COLUMN events.leaf_hash IS 'RFC 6962 leaf hash over every column but body and this one (docs/event-format.md).';

-- A stream is found by the hash of its name: 24 bytes an index entry instead of 72.
CREATE INDEX events_stream ON events (hashtextextended(stream, 0), position);
COMMENT ON INDEX events_stream IS 'A stream in order, and its last version. Query with both the hash and the name.';

CREATE TABLE event_keys (
    key      uuid   NOT NULL PRIMARY KEY,
    position bigint NOT NULL
);
COMMENT ON TABLE event_keys IS 'What may happen once: a sender''s client_message_id, a receipt, a direct conversation.';
COMMENT ON COLUMN event_keys.key IS 'Sixteen bytes, near in time or sender first, so that neighbours share a page.';
COMMENT ON COLUMN event_keys.position IS 'The first event of the command that took the key.';

CREATE TABLE deciding_events (
    position       bigint NOT NULL PRIMARY KEY,
    stream         text   COLLATE "C" NOT NULL,
    stream_version bigint NOT NULL
);
CREATE UNIQUE INDEX deciding_events_stream ON deciding_events (stream, stream_version);
COMMENT ON TABLE deciding_events IS 'Which events change what others may do: membership, blocks, accounts. An append checks them; a server starts from them.';

-- What is appended stays. A body can be set to NULL once; nothing else ever changes.
-- +goose StatementBegin
CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.body IS NULL AND OLD.body IS NOT NULL
            AND NEW.position = OLD.position
            AND NEW.event_id = OLD.event_id
            AND NEW.stream = OLD.stream
            AND NEW.stream_version = OLD.stream_version
            AND NEW.type = OLD.type
            AND NEW.payload::text = OLD.payload::text
            AND NEW.metadata::text = OLD.metadata::text
            AND NEW.recorded_at = OLD.recorded_at
            AND NEW.leaf_hash = OLD.leaf_hash
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'events is append-only: % refused', TG_OP
        USING ERRCODE = 'restrict_violation',
              HINT = 'Only a body can go, by erasing content through the server.';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_append_only;
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
ALTER TABLE events ENABLE ALWAYS TRIGGER events_no_truncate;

-- Partitions are attached rather than created in place: attaching does not lock out those who
-- read or append, and does not wait for a long read to end.
-- +goose StatementBegin
CREATE FUNCTION make_event_partitions(head bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    span CONSTANT bigint := 10000000;
    made integer := 0;
    number bigint;
    name text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('chainmail event partitions', 0));
    FOR number IN head / span .. head / span + 2 LOOP
        name := 'events_' || lpad(number::text, 6, '0');
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', name);
        EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
            name, number * span, (number + 1) * span);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER events_append_only', name);
        EXECUTE format('CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON %I'
            ' FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change()', name);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER events_no_truncate', name);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION make_event_partitions IS 'Makes room for the head''s partition and the two after it, ten million positions each.';
SELECT make_event_partitions(0);

CREATE VIEW event_log AS
SELECT position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at,
       encode(leaf_hash, 'hex') AS leaf_hash
FROM events;
COMMENT ON VIEW event_log IS 'The log for people: events with the leaf hash in hex.';

-- The canonical bytes of an event, which its leaf hash covers. Never changed: every hash, seal
-- and proof ever given rests on them. The Go twin is eventstore.Leaf. (STABLE, since convert_to is:
-- only so is it inlined.)
-- +goose StatementBegin
CREATE FUNCTION event_leaf(
    place bigint, event_id uuid, stream text, stream_version bigint,
    type text, payload text, metadata text, recorded_micros bigint
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT '\x01'::bytea
        || int8send(place) || uuid_send(event_id)
        || int4send(octet_length(stream)) || convert_to(stream, 'UTF8') || int8send(stream_version)
        || int4send(octet_length(type)) || convert_to(type, 'UTF8')
        || int4send(octet_length(payload)) || convert_to(payload, 'UTF8')
        || int4send(octet_length(metadata)) || convert_to(metadata, 'UTF8')
        || int8send(recorded_micros)
$$;
-- +goose StatementEnd

-- The one way into the log. It takes a batch of commands, each of one or more events; a command
-- is named by the ordinal (from 1) of its first event. A command is refused when one of its keys
-- is taken (unless only claimed) or when a stream that it rests on has a newer deciding event
-- than it expects. If any is, nothing is appended, and the refused ones are named: the caller
-- comes again with the others. Everything that needs the lock happens in here, so that the
-- lock is never held across a round trip. Each statement has a fresh snapshot, taken after the
-- lock was granted, so what it reads is current.
-- +goose StatementBegin
CREATE FUNCTION append_events(
    known_head      bigint,    -- a position that the caller knows to be in the log; 0 for none
    event_ids       uuid[],
    streams         text[],
    stream_ranks    integer[], -- 1 for a stream's first event in the batch, and so on
    stream_versions bigint[],  -- the stream's version at known_head; NULL: not known
    types           text[],
    payloads        text[],
    metadatas       text[],
    bodies          text[],
    deciding        boolean[],
    erases          bigint[],  -- positions whose body goes with the event; 0 for none
    keys            uuid[],
    key_commands    integer[],
    key_claims      boolean[],
    decided_at      bigint,    -- all expectations were true at this position
    expect_streams  text[],
    expect_versions bigint[],
    expect_commands integer[],
    OUT head              bigint,    -- before the batch
    OUT recorded_micros   bigint,    -- of the first event; each next one is a microsecond later
    OUT versions          bigint[],  -- of the events, in order; NULL when nothing was appended
    OUT refused           integer[],
    OUT refused_keys      uuid[],    -- the key that was taken; none for an expectation
    OUT refused_positions bigint[]   -- who took it
) LANGUAGE plpgsql SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    last_at  timestamptz;
    first_at timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('chainmail log', 0));

    SELECT e.position, e.recorded_at INTO head, last_at
    FROM events AS e
    WHERE e.position >= known_head
    ORDER BY e.position DESC
    LIMIT 1;
    IF head IS NULL THEN
        IF known_head > 0 THEN
            RAISE EXCEPTION 'the log ends before position %, which was in it', known_head
                USING ERRCODE = 'CM001';
        END IF;
        head := 0;
    END IF;

    IF cardinality(keys) > 0 THEN
        SELECT array_agg(taken.command), array_agg(taken.key), array_agg(taken.position)
        INTO refused, refused_keys, refused_positions
        FROM (
            SELECT DISTINCT ON (k.command) k.command, k.key, holder.position
            FROM unnest(key_commands, keys, key_claims) WITH ORDINALITY AS k (command, key, claim, ordinal)
            CROSS JOIN LATERAL (SELECT t.position FROM event_keys AS t WHERE t.key = k.key LIMIT 1) AS holder
            WHERE NOT k.claim
            ORDER BY k.command, k.ordinal
        ) AS taken;
    END IF;
    IF decided_at < (SELECT coalesce(max(d.position), 0) FROM deciding_events AS d) THEN
        SELECT nullif(coalesce(refused, '{}') || coalesce(array_agg(DISTINCT x.command), '{}'), '{}')
        INTO refused
        FROM unnest(expect_commands, expect_streams, expect_versions) AS x (command, stream, version)
        WHERE x.command <> ALL (coalesce(refused, '{}'))
            AND x.version <> coalesce(
                (SELECT max(d.stream_version) FROM deciding_events AS d WHERE d.stream = x.stream), 0);
    END IF;
    IF refused IS NOT NULL THEN
        RETURN;
    END IF;

    first_at := greatest(clock_timestamp(), last_at + interval '1 microsecond');
    recorded_micros := (extract(epoch FROM first_at) * 1000000)::bigint;

    WITH versioned AS (
        SELECT e.*,
            head + e.ordinal AS position,
            e.rank + CASE WHEN head = known_head AND e.known IS NOT NULL THEN e.known
                ELSE coalesce((
                    SELECT v.stream_version
                    FROM events AS v
                    -- only the stream's index has this order: a plan that is made while a partition is
                    -- empty would else go on reading it by position when it is full
                    WHERE hashtextextended(v.stream, 0) BETWEEN hashtextextended(e.stream, 0) AND hashtextextended(e.stream, 0)
                        AND v.stream = e.stream
                    ORDER BY hashtextextended(v.stream, 0) DESC, v.position DESC
                    LIMIT 1), 0)
                END AS stream_version
        FROM unnest(event_ids, streams, stream_ranks, stream_versions, types, payloads, metadatas, bodies)
            WITH ORDINALITY AS e (event_id, stream, rank, known, type, payload, metadata, body, ordinal)
    ), inserted AS (
        INSERT INTO events (position, event_id, stream, stream_version, type, payload, metadata, body, recorded_at, leaf_hash)
        SELECT v.position, v.event_id, v.stream, v.stream_version, v.type,
            v.payload::json, v.metadata::json, v.body::json,
            first_at + (v.ordinal - 1) * interval '1 microsecond',
            sha256('\x00'::bytea || event_leaf(v.position, v.event_id, v.stream, v.stream_version,
                v.type, v.payload, v.metadata, recorded_micros + v.ordinal - 1))
        FROM versioned AS v
        RETURNING position, stream_version
    )
    SELECT array_agg(i.stream_version ORDER BY i.position) INTO versions FROM inserted AS i;

    IF cardinality(keys) > 0 THEN
        INSERT INTO event_keys (key, position)
        SELECT k.key, head + k.command
        FROM unnest(keys, key_commands, key_claims) AS k (key, command, claim)
        WHERE NOT k.claim;

        IF true = ANY (key_claims) THEN
            INSERT INTO event_keys (key, position)
            SELECT k.key, head + k.command
            FROM unnest(keys, key_commands, key_claims) AS k (key, command, claim)
            WHERE k.claim
            ON CONFLICT DO NOTHING;
        END IF;
    END IF;

    IF true = ANY (deciding) THEN
        INSERT INTO deciding_events (position, stream, stream_version)
        SELECT head + d.ordinal, d.stream, versions[d.ordinal]
        FROM unnest(deciding, streams) WITH ORDINALITY AS d (deciding, stream, ordinal)
        WHERE d.deciding;
    END IF;

    IF 0 < ANY (erases) THEN
        UPDATE events SET body = NULL
        WHERE position = ANY (erases) AND body IS NOT NULL;
    END IF;

    PERFORM pg_notify('chainmail_events', (head + cardinality(versions))::text);
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION append_events IS 'The one way into the log: positions, versions, times and hashes are given here, under one lock.';

-- +goose Down
DROP FUNCTION append_events;
DROP FUNCTION event_leaf;
DROP VIEW event_log;
DROP TABLE deciding_events;
DROP TABLE event_keys;
DROP TABLE events;
DROP FUNCTION make_event_partitions;
DROP FUNCTION events_refuse_change;
