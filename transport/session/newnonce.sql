-- Rows that another call has locked are left to it: nobody waits here.
WITH expired AS (
    DELETE FROM auth_nonces
    WHERE nonce = ANY (ARRAY(
        SELECT nonce
        FROM auth_nonces
        WHERE expires_at <= statement_timestamp()
        ORDER BY expires_at
        LIMIT $5
        FOR UPDATE SKIP LOCKED
    ))
),
surplus AS (
    DELETE FROM auth_nonces
    WHERE nonce = ANY (ARRAY(
        SELECT nonce
        FROM auth_nonces
        WHERE nonce = ANY (ARRAY(
            SELECT nonce
            FROM auth_nonces
            WHERE address = $2
            ORDER BY expires_at DESC
            OFFSET $4
        ))
        FOR UPDATE SKIP LOCKED
    ))
)
INSERT INTO auth_nonces (nonce, address, expires_at)
VALUES ($1, $2, statement_timestamp() + make_interval(secs => $3))
