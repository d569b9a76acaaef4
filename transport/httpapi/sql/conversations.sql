SELECT c.id, c.title, c.direct, c.created_at, c.last_position, p.joined_seq, NULL::bigint, NULL::bigint
FROM conversation_participants AS p
JOIN conversations AS c ON c.id = p.conversation_id
WHERE p.user_id = $1
    AND p.left_position IS NULL
    AND c.last_position < $2
ORDER BY c.last_position DESC
LIMIT $3
