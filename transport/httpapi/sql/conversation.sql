SELECT c.id, c.title, c.direct, c.created_at, c.last_position, p.joined_seq, p.left_seq, p.left_position
FROM conversations AS c
LEFT JOIN LATERAL (
    SELECT s.joined_seq, s.left_seq, s.left_position
    FROM conversation_participants AS s
    WHERE s.conversation_id = c.id AND s.user_id = $2
    ORDER BY s.joined_position DESC
    LIMIT 1
) AS p ON true
WHERE c.id = $1
