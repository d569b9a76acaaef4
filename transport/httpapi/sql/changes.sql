SELECT x.change, x.user_id, x.seq, x.position, x.at, c.title
FROM conversations AS c
CROSS JOIN unnest($2::bigint[], $3::bigint[]) AS w (first, last)
CROSS JOIN LATERAL (
    SELECT 'started' AS change, c.starter_id AS user_id, 1::bigint AS seq, c.position, c.created_at AS at
    UNION ALL
    SELECT 'participant_added', p.user_id, p.joined_seq, p.joined_position, p.joined_at
    FROM conversation_participants AS p
    WHERE p.conversation_id = c.id AND p.joined_seq > 1
    UNION ALL
    SELECT 'participant_left', p.user_id, p.left_seq, p.left_position, p.left_at
    FROM conversation_participants AS p
    WHERE p.conversation_id = c.id AND p.left_seq IS NOT NULL
) AS x
WHERE c.id = $1 AND x.seq BETWEEN w.first AND w.last
ORDER BY CASE WHEN $4 THEN x.seq ELSE -x.seq END
LIMIT $5
