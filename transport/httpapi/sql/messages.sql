SELECT m.id, m.conversation_id, m.seq, m.position, m.sender_id, m.client_message_id, m.content, m.content_hash,
    m.salt, m.created_at, m.is_delivered, m.is_read, m.erased_at, m.risk_score, m.was_blocked,
    CASE WHEN c.direct THEN (
        SELECT p.user_id
        FROM conversation_participants AS p
        WHERE p.conversation_id = m.conversation_id AND p.user_id <> m.sender_id
        LIMIT 1
    ) WHEN m.conversation_id IS NULL THEN (
        SELECT b.receiver_id
        FROM blocked_messages AS b
        WHERE b.message_id = m.id
    ) END
FROM unnest($1::uuid[]) AS x (id)
JOIN messages AS m ON m.id = x.id
LEFT JOIN conversations AS c ON c.id = m.conversation_id
