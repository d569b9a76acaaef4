-- What expired is kept for another day: a server whose clock is behind may still take the token.
WITH expired AS (
    DELETE FROM auth_adopted
    WHERE token_id = ANY (ARRAY(
        SELECT token_id
        FROM auth_adopted
        WHERE expires_at <= statement_timestamp() - interval '1 day'
        ORDER BY expires_at
        LIMIT $7
        FOR UPDATE SKIP LOCKED
    ))
),
adopted AS (
    INSERT INTO auth_adopted (token_id, expires_at)
    VALUES ($1, $5)
    ON CONFLICT DO NOTHING
    RETURNING token_id
),
begun AS (
    INSERT INTO auth_sessions (id, user_id, auth, user_agent, created_at, last_used_at, expires_at)
    SELECT token_id, $2, $3, $4, statement_timestamp(), statement_timestamp(), statement_timestamp() + make_interval(secs => $6)
    FROM adopted
    RETURNING id, created_at
)
INSERT INTO auth_refresh_tokens (id, session_id, created_at)
SELECT id, id, created_at
FROM begun
