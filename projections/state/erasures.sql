WITH erased AS (
    UPDATE messages AS m
    SET content = NULL, salt = NULL, erased_at = x.at
    FROM unnest($1::uuid[], $2::timestamptz[]) AS x (id, at)
    WHERE m.id = x.id AND m.erased_at IS NULL
    RETURNING m.id, m.conversation_id, m.sender_id, m.seq
), unread AS (
    UPDATE conversation_participants AS p
    SET unread = p.unread - x.erased
    FROM (
        SELECT s.ctid AS row, count(*) AS erased
        FROM erased AS e
        JOIN conversation_participants AS s
            ON s.conversation_id = e.conversation_id
            AND s.user_id <> e.sender_id
            AND s.joined_seq < e.seq
            AND s.acked_seq >= e.seq
        WHERE NOT EXISTS (
            SELECT FROM message_receipts AS r
            WHERE r.message_id = e.id AND r.user_id = s.user_id AND r.read_at IS NOT NULL
        )
        GROUP BY s.ctid
    ) AS x
    WHERE p.ctid = x.row
)
SELECT count(*) FROM erased
