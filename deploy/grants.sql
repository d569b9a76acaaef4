-- Roles for servers that do not own the log (docs/operations.md, "Roles"). Run by a superuser in Chainmail's database after each
-- 'chainmail migrate up':
--
--   psql -v ON_ERROR_STOP=1 -f grants.sql postgres://postgres@db/chainmail
--
-- Whoever owns the table events keeps it, and migrates. New roles have no password: \password chainmail_app.
DO $$
DECLARE
    owner name := (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'public.events'::regclass);
    item text;
BEGIN
    FOREACH item IN ARRAY ARRAY['chainmail_app LOGIN', 'chainmail_state NOLOGIN', 'chainmail_rebuild LOGIN'] LOOP
        IF to_regrole(split_part(item, ' ', 1)) IS NULL THEN
            EXECUTE 'CREATE ROLE ' || item;
        END IF;
    END LOOP;

    -- chainmail_app serves.
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO chainmail_app', current_database());
    GRANT USAGE ON SCHEMA public TO chainmail_app;
    FOR item IN
        SELECT relname
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
    LOOP
        EXECUTE format('REVOKE ALL ON public.%I FROM chainmail_app', item);
        EXECUTE format('GRANT SELECT ON public.%I TO chainmail_app', item);
        IF item NOT IN ('events', 'event_keys', 'deciding_events', 'event_log', 'fanout_key', 'goose_db_version') THEN
            EXECUTE format('GRANT INSERT, UPDATE, DELETE ON public.%I TO chainmail_app', item);
        END IF;
    END LOOP;
    GRANT EXECUTE ON FUNCTION public.append_events, public.make_event_partitions TO chainmail_app;

    -- chainmail_state owns the tables that are computed from the log. Who migrates changes them too, and takes erased words out.
    EXECUTE format('GRANT chainmail_state TO %I', owner);
    GRANT USAGE, CREATE ON SCHEMA public TO chainmail_state;
    FOREACH item IN ARRAY ARRAY[
        'users', 'conversations', 'conversation_participants', 'user_blocks', 'messages', 'message_receipts', 'message_counts',
        'blocked_messages', 'merkle_batches', 'merkle_nodes', 'notifications', 'projects', 'tasks'
    ] LOOP
        EXECUTE format('ALTER TABLE public.%I OWNER TO chainmail_state', item);
    END LOOP;

    -- chainmail_rebuild runs 'chainmail rebuild': it makes tables in schemas of its own, and swaps them.
    GRANT chainmail_app, chainmail_state, pg_read_all_stats TO chainmail_rebuild;
    EXECUTE format('GRANT CREATE ON DATABASE %I TO chainmail_rebuild', current_database());
END
$$;
