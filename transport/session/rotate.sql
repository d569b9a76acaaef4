-- The session's row is locked. Nothing is made if the token is not known, or was used too long ago. No row is changed
-- by two of the parts, whose order is not defined.
WITH used AS (
    UPDATE auth_refresh_tokens
    SET used_at = coalesce(used_at, statement_timestamp())
    WHERE id = $2
        AND session_id = $1
        AND (used_at IS NULL OR used_at > statement_timestamp() - make_interval(secs => $4))
    RETURNING session_id
),
gone AS (
    DELETE FROM auth_refresh_tokens
    WHERE session_id = $1
        AND used_at <= statement_timestamp() - make_interval(secs => $4)
),
surplus AS (
    DELETE FROM auth_refresh_tokens
    WHERE id = ANY (ARRAY(
        SELECT id
        FROM auth_refresh_tokens
        WHERE session_id = $1
            AND id <> $2
            AND used_at IS NULL
        ORDER BY created_at DESC
        OFFSET $5
    ))
)
INSERT INTO auth_refresh_tokens (id, session_id, created_at)
SELECT $3, session_id, statement_timestamp()
FROM used
