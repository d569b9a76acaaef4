SELECT s.conversation_id, s.unread + (
    SELECT count(*)
    -- none where he has acknowledged the last message to him
    FROM (
        SELECT m.id, m.sender_id, m.erased_at
        FROM messages AS m
        WHERE m.conversation_id = s.conversation_id
            AND m.seq > s.acked_seq
            AND m.seq <= latest.seq
        ORDER BY m.seq DESC
        LIMIT $3
    ) AS m
    WHERE m.sender_id <> s.user_id
        AND m.erased_at IS NULL
        AND NOT EXISTS (
            SELECT FROM message_receipts AS r
            WHERE r.message_id = m.id AND r.user_id = s.user_id AND r.read_at IS NOT NULL
        )
)
FROM unnest($2::uuid[]) AS x (conversation_id)
JOIN conversation_participants AS s ON s.conversation_id = x.conversation_id
JOIN conversations AS c ON c.id = s.conversation_id
-- the last message to this user
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.message_sender_id = s.user_id THEN c.other_seq ELSE c.message_seq END AS seq
) AS latest
WHERE s.user_id = $1 AND s.left_position IS NULL
