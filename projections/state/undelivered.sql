SELECT found.position
FROM conversation_participants AS s
JOIN conversations AS c ON c.id = s.conversation_id
-- the last message to this user
CROSS JOIN LATERAL (
    SELECT least(CASE WHEN c.message_sender_id = s.user_id THEN c.other_seq ELSE c.message_seq END,
        s.left_seq) AS seq
) AS latest
CROSS JOIN LATERAL (
    SELECT m.position
    FROM messages AS m
    WHERE m.conversation_id = s.conversation_id
        AND m.seq > s.acked_seq
        AND m.seq <= latest.seq
        AND m.sender_id <> s.user_id
        AND m.position > $2
        AND m.position <= $3
        AND NOT EXISTS (
            SELECT FROM message_receipts AS r
            WHERE r.message_id = m.id AND r.user_id = s.user_id
        )
    ORDER BY m.seq
    LIMIT $4
) AS found
WHERE s.user_id = $1
    AND s.acked_seq < latest.seq
    AND c.last_position > $2
ORDER BY found.position
LIMIT $4
