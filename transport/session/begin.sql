-- Rows that another call has locked are left to it: nobody waits here.
WITH expired AS (
    DELETE FROM auth_sessions
    WHERE id = ANY (ARRAY(
        SELECT id
        FROM auth_sessions
        WHERE expires_at <= statement_timestamp()
        ORDER BY expires_at
        LIMIT $8
        FOR UPDATE SKIP LOCKED
    ))
),
surplus AS (
    DELETE FROM auth_sessions
    WHERE id = ANY (ARRAY(
        SELECT id
        FROM auth_sessions
        WHERE id = ANY (ARRAY(
            SELECT id
            FROM auth_sessions
            WHERE user_id = $2
            ORDER BY last_used_at DESC
            OFFSET $7
        ))
        FOR UPDATE SKIP LOCKED
    ))
),
begun AS (
    INSERT INTO auth_sessions (id, user_id, auth, user_agent, created_at, last_used_at, expires_at)
    VALUES ($1, $2, $3, $4, statement_timestamp(), statement_timestamp(), statement_timestamp() + make_interval(secs => $6))
    RETURNING id, user_id, auth, user_agent, created_at, last_used_at, expires_at
),
refresh AS (
    INSERT INTO auth_refresh_tokens (id, session_id, created_at)
    SELECT $5, id, created_at
    FROM begun
)
SELECT id, user_id, auth, user_agent, created_at, last_used_at, expires_at
FROM begun
