SELECT m.id
FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS x (conversation_id, first, last)
CROSS JOIN LATERAL (
    SELECT s.id
    FROM messages AS s
    WHERE s.conversation_id = x.conversation_id AND s.seq BETWEEN x.first AND x.last
    ORDER BY s.seq DESC
    LIMIT 1
) AS m
