-- +goose Up

-- Erased words leave the table messages in the transaction that takes them from the log, also while the projection stands
-- still. What else an erasure does to the row (erased_at, counts) the projection does when it gets to the event.

-- +goose StatementBegin
CREATE FUNCTION events_forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The log's lock is held: nobody is waited for, neither for the table nor for the row. The projection reads the erasure next.
    LOCK TABLE public.messages IN ROW EXCLUSIVE MODE NOWAIT;
    UPDATE public.messages
    SET content = NULL, salt = NULL
    WHERE id = (
        SELECT id
        FROM public.messages
        WHERE id = (OLD.payload->>'message_id')::uuid
        FOR UPDATE SKIP LOCKED
    );
    RETURN NULL;
EXCEPTION
    WHEN lock_not_available OR undefined_table THEN
        RETURN NULL;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION events_forget() IS 'Takes the words of a message from the table messages when they are taken from the log.';

CREATE TRIGGER events_forget AFTER UPDATE OF body ON events
    FOR EACH ROW WHEN (OLD.body IS NOT NULL AND NEW.body IS NULL) EXECUTE FUNCTION events_forget();

-- +goose Down
DROP TRIGGER events_forget ON events;
DROP FUNCTION events_forget();
