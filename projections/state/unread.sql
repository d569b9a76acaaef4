SELECT s.conversation_id, s.unread + (
    SELECT count(*)
    FROM messages AS m
    WHERE m.conversation_id = s.conversation_id
        AND m.seq > s.acked_seq
        AND m.sender_id <> s.user_id
        AND m.erased_at IS NULL
        AND NOT EXISTS (
            SELECT FROM message_receipts AS r
            WHERE r.message_id = m.id AND r.user_id = s.user_id AND r.read_at IS NOT NULL
        )
)
FROM unnest($2::uuid[]) AS x (conversation_id)
JOIN conversation_participants AS s ON s.conversation_id = x.conversation_id
WHERE s.user_id = $1 AND s.left_position IS NULL
