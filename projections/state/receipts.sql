WITH given AS MATERIALIZED (
    SELECT r.message_id, r.user_id, r.delivered_at, r.read_at,
        m.conversation_id, m.seq, m.recipients,
        old.message_id IS NULL AS delivered,
        r.read_at IS NOT NULL AND old.read_at IS NULL AS read,
        m.erased_at IS NOT NULL AS erased
    FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[])
        AS r (message_id, user_id, delivered_at, read_at)
    JOIN messages AS m ON m.id = r.message_id
    LEFT JOIN message_receipts AS old ON old.message_id = r.message_id AND old.user_id = r.user_id
), kept AS (
    INSERT INTO message_receipts AS t (message_id, user_id, delivered_at, read_at)
    SELECT g.message_id, g.user_id, g.delivered_at, g.read_at
    FROM given AS g
    WHERE g.delivered OR g.read
    ON CONFLICT (message_id, user_id) DO UPDATE
    SET read_at = excluded.read_at
), total AS MATERIALIZED (
    SELECT g.message_id, g.recipients,
        count(*) FILTER (WHERE g.delivered) AS delivered,
        count(*) FILTER (WHERE g.read) AS read
    FROM given AS g
    GROUP BY g.message_id, g.recipients
), counted AS (
    INSERT INTO message_counts AS c (message_id, recipients, delivered, read)
    SELECT t.message_id, t.recipients, t.delivered, t.read
    FROM total AS t
    WHERE t.recipients > 1
    ON CONFLICT (message_id) DO UPDATE
    SET delivered = c.delivered + excluded.delivered,
        read = c.read + excluded.read
    RETURNING message_id, delivered = recipients AS delivered, read = recipients AS read
), reached AS (
    SELECT c.message_id, c.delivered, c.read
    FROM counted AS c
    WHERE c.delivered
    UNION ALL
    SELECT t.message_id, t.delivered > 0, t.read > 0
    FROM total AS t
    WHERE t.recipients = 1
), turned AS (
    UPDATE messages AS m
    SET is_delivered = m.is_delivered OR r.delivered,
        is_read = m.is_read OR r.read
    FROM reached AS r
    WHERE m.id = r.message_id
        AND (r.delivered AND NOT m.is_delivered OR r.read AND NOT m.is_read)
), unread AS (
    UPDATE conversation_participants AS p
    SET unread = p.unread - x.read
    FROM (
        SELECT s.row, count(*) AS read
        FROM given AS g
        CROSS JOIN LATERAL (
            SELECT p.ctid AS row
            FROM conversation_participants AS p
            WHERE p.conversation_id = g.conversation_id
                AND p.user_id = g.user_id
                AND p.joined_seq < g.seq
                AND p.acked_seq >= g.seq
            OFFSET 0
        ) AS s
        WHERE g.read AND NOT g.erased
        GROUP BY s.row
    ) AS x
    WHERE p.ctid = x.row
)
SELECT count(*) FROM given
