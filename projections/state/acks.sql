UPDATE conversation_participants AS p
SET acked_seq = x.acked_seq, unread = p.unread + x.unread
FROM (
    SELECT s.row, passed.acked_seq, passed.unread
    FROM unnest($1::uuid[], $2::uuid[]) AS pair (conversation_id, user_id)
    -- OFFSET 0 keeps the planner from reading all participants of a conversation and picking one.
    CROSS JOIN LATERAL (
        SELECT p.ctid AS row, p.conversation_id, p.user_id, p.acked_seq, p.left_seq
        FROM conversation_participants AS p
        WHERE p.conversation_id = pair.conversation_id AND p.user_id = pair.user_id
        OFFSET 0
    ) AS s
    JOIN conversations AS c ON c.id = s.conversation_id
    -- the last message to this user
    CROSS JOIN LATERAL (
        SELECT least(CASE WHEN c.message_sender_id = s.user_id THEN c.other_seq ELSE c.message_seq END,
            s.left_seq) AS seq
    ) AS latest
    LEFT JOIN LATERAL (
        SELECT m.seq
        FROM messages AS m
        WHERE m.conversation_id = s.conversation_id
            AND m.seq > s.acked_seq
            AND m.seq <= latest.seq
            AND m.sender_id <> s.user_id
            AND NOT EXISTS (
                SELECT FROM message_receipts AS r
                WHERE r.message_id = m.id AND r.user_id = s.user_id
            )
        ORDER BY m.seq
        LIMIT 1
    ) AS missing ON true
    CROSS JOIN LATERAL (
        SELECT max(m.seq) AS acked_seq,
            count(*) FILTER (WHERE m.erased_at IS NULL AND NOT EXISTS (
                SELECT FROM message_receipts AS r
                WHERE r.message_id = m.id AND r.user_id = s.user_id AND r.read_at IS NOT NULL
            )) AS unread
        FROM messages AS m
        WHERE m.conversation_id = s.conversation_id
            AND m.seq > s.acked_seq
            AND m.seq <= coalesce(missing.seq - 1, latest.seq)
            AND m.sender_id <> s.user_id
    ) AS passed
    WHERE s.acked_seq < latest.seq AND passed.acked_seq IS NOT NULL
) AS x
WHERE p.ctid = x.row
