-- +goose Up

-- A server may run under a role that neither owns the log nor may write it but by append_events: both functions work as the role
-- that migrates, whoever calls them, in its schema and no other. Who could insert so far may go on; everybody else has to be
-- granted it (deploy/grants.sql).

ALTER FUNCTION append_events SECURITY DEFINER;
ALTER FUNCTION make_event_partitions SECURITY DEFINER;
REVOKE ALL ON FUNCTION append_events FROM PUBLIC;
REVOKE ALL ON FUNCTION make_event_partitions FROM PUBLIC;

-- +goose StatementBegin
DO $$
DECLARE
    writer name;
BEGIN
    EXECUTE format('ALTER FUNCTION append_events SET search_path = %I, pg_temp', current_schema());
    EXECUTE format('ALTER FUNCTION make_event_partitions SET search_path = %I, pg_temp', current_schema());
    FOR writer IN
        SELECT DISTINCT pg_get_userbyid(g.grantee)
        FROM pg_class AS c
        CROSS JOIN LATERAL aclexplode(c.relacl) AS g
        WHERE c.oid = 'events'::regclass AND g.privilege_type = 'INSERT' AND g.grantee NOT IN (0, c.relowner)
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION append_events TO %I', writer);
        EXECUTE format('GRANT EXECUTE ON FUNCTION make_event_partitions TO %I', writer);
    END LOOP;
END
$$;
-- +goose StatementEnd

-- +goose Down
ALTER FUNCTION append_events SECURITY INVOKER;
ALTER FUNCTION append_events RESET search_path;
ALTER FUNCTION make_event_partitions SECURITY INVOKER;
ALTER FUNCTION make_event_partitions RESET search_path;
GRANT EXECUTE ON FUNCTION append_events TO PUBLIC;
GRANT EXECUTE ON FUNCTION make_event_partitions TO PUBLIC;
