-- The state tables as one would compute them from the log by SQL alone: what BenchmarkRebuild is held against.

INSERT INTO users (id, name, folded_name, name_parts, wallet_address, role, active, created_at, deactivated_at, position)
SELECT u.id, u.name, lower(u.name),
    ARRAY(
        SELECT DISTINCT substr(lower(u.name), n, 3) COLLATE "C" AS part
        FROM generate_series(1, char_length(u.name) - 2) AS n
        ORDER BY part
    ),
    u.wallet_address, u.role, d.at IS NULL, u.created_at, d.at, u.position
FROM (
    SELECT (payload ->> 'user_id')::uuid AS id, coalesce(body ->> 'name', '') AS name, nullif(body ->> 'wallet_address', '') AS wallet_address,
        payload ->> 'role' AS role, recorded_at AS created_at, position
    FROM events
    WHERE type = 'UserRegistered'
) AS u
LEFT JOIN (
    SELECT (payload ->> 'user_id')::uuid AS id, recorded_at AS at
    FROM events
    WHERE type = 'UserDeactivated'
) AS d ON d.id = u.id;

INSERT INTO user_blocks (user_id, blocked_id, created_at)
SELECT b.user_id, b.blocked_id, min(b.at) FILTER (WHERE b.blocked AND b.position > b.unblocked)
FROM (
    SELECT (payload ->> 'user_id')::uuid AS user_id, (payload ->> 'blocked_id')::uuid AS blocked_id, position, recorded_at AS at,
        type = 'UserBlocked' AS blocked,
        coalesce(max(position) FILTER (WHERE type = 'UserUnblocked')
            OVER (PARTITION BY (payload ->> 'user_id')::uuid, (payload ->> 'blocked_id')::uuid), 0) AS unblocked
    FROM events
    WHERE type IN ('UserBlocked', 'UserUnblocked')
) AS b
GROUP BY 1, 2
HAVING bool_or(b.blocked AND b.position > b.unblocked);

INSERT INTO message_receipts (message_id, user_id, delivered_at, read_at)
SELECT (payload ->> 'message_id')::uuid, (payload ->> 'user_id')::uuid, min(recorded_at),
    min(recorded_at) FILTER (WHERE type = 'MessageRead')
FROM events
WHERE type IN ('MessageDelivered', 'MessageRead')
GROUP BY 1, 2;

INSERT INTO messages (id, conversation_id, sender_id, seq, position, created_at, erased_at, risk_score, recipients,
    is_delivered, is_read, salt, content_hash, client_message_id, content)
SELECT m.id, m.conversation_id, m.sender_id, m.seq, m.position, m.created_at, x.at, m.risk_score, m.recipients,
    coalesce(r.delivered = m.recipients, false), coalesce(r.read = m.recipients, false),
    decode(m.body ->> 'salt', 'hex'), m.content_hash, m.client_message_id, m.body ->> 'content'
FROM (
    SELECT (payload ->> 'message_id')::uuid AS id, e.conversation_id, (payload ->> 'sender_id')::uuid AS sender_id, stream_version AS seq,
        position, recorded_at AS created_at, (payload ->> 'risk_score')::double precision AS risk_score, e.size - 1 AS recipients,
        body, payload ->> 'content_hash' AS content_hash, payload ->> 'client_message_id' AS client_message_id
    FROM (
        SELECT c.*, sum(c.change) OVER (PARTITION BY c.conversation_id ORDER BY c.position) AS size
        FROM (
            SELECT *, (payload ->> 'conversation_id')::uuid AS conversation_id,
                CASE type
                    WHEN 'ConversationStarted' THEN json_array_length(payload -> 'participant_ids')
                    WHEN 'ParticipantAdded' THEN 1
                    WHEN 'ParticipantLeft' THEN -1
                    ELSE 0
                END AS change
            FROM events
            WHERE type IN ('ConversationStarted', 'ParticipantAdded', 'ParticipantLeft', 'MessageSent')
        ) AS c
    ) AS e
    WHERE type = 'MessageSent'
) AS m
LEFT JOIN (
    SELECT message_id, count(*) AS delivered, count(read_at) AS read
    FROM message_receipts
    GROUP BY message_id
) AS r ON r.message_id = m.id
LEFT JOIN (
    SELECT (payload ->> 'message_id')::uuid AS id, recorded_at AS at
    FROM events
    WHERE type = 'ContentErased'
) AS x ON x.id = m.id;

INSERT INTO messages (id, conversation_id, sender_id, position, created_at, erased_at, risk_score, recipients, was_blocked, salt,
    content_hash, client_message_id, content)
SELECT (b.payload ->> 'message_id')::uuid, (b.payload ->> 'conversation_id')::uuid, (b.payload ->> 'sender_id')::uuid, b.position, b.recorded_at, x.at,
    (b.payload ->> 'risk_score')::double precision, 0, true, decode(b.body ->> 'salt', 'hex'),
    b.payload ->> 'content_hash', b.payload ->> 'client_message_id', b.body ->> 'content'
FROM events AS b
LEFT JOIN (
    SELECT (payload ->> 'message_id')::uuid AS id, recorded_at AS at
    FROM events
    WHERE type = 'ContentErased'
) AS x ON x.id = (b.payload ->> 'message_id')::uuid
WHERE b.type = 'MessageBlocked';

INSERT INTO blocked_messages (message_id, sender_id, receiver_id, conversation_id, position, released_at, released_id, released_by, policy_hash,
    reasons, model)
SELECT (b.payload ->> 'message_id')::uuid, (b.payload ->> 'sender_id')::uuid, (b.payload ->> 'receiver_id')::uuid,
    (b.payload ->> 'conversation_id')::uuid, b.position, r.at, r.id, r.by, b.payload ->> 'policy_hash',
    b.payload -> 'reasons', nullif((b.payload -> 'model')::text, 'null')::json
FROM events AS b
LEFT JOIN (
    SELECT (payload ->> 'message_id')::uuid AS message_id, (payload ->> 'released_id')::uuid AS id, (payload ->> 'released_by')::uuid AS by,
        recorded_at AS at
    FROM events
    WHERE type = 'MessageReleased'
) AS r ON r.message_id = (b.payload ->> 'message_id')::uuid
WHERE b.type = 'MessageBlocked';

INSERT INTO message_counts (message_id, recipients, delivered, read)
SELECT m.id, m.recipients, count(*), count(r.read_at)
FROM messages AS m
JOIN message_receipts AS r ON r.message_id = m.id
WHERE m.recipients > 1
GROUP BY m.id, m.recipients;

INSERT INTO conversations (id, starter_id, message_sender_id, message_seq, other_seq, last_position, position, created_at,
    participants, direct, title)
SELECT s.id, s.starter_id, l.sender_id, coalesce(l.seq, 0), coalesce(o.seq, 0), coalesce(l.position, s.position), s.position, s.created_at,
    s.size + coalesce(g.change, 0), s.direct, s.title
FROM (
    SELECT (payload ->> 'conversation_id')::uuid AS id, (payload ->> 'starter_id')::uuid AS starter_id, position, recorded_at AS created_at,
        json_array_length(payload -> 'participant_ids') AS size, (payload ->> 'direct')::boolean AS direct, nullif(body ->> 'title', '') AS title
    FROM events
    WHERE type = 'ConversationStarted'
) AS s
LEFT JOIN (
    SELECT DISTINCT ON (conversation_id) conversation_id, sender_id, seq, position
    FROM messages
    WHERE NOT was_blocked
    ORDER BY conversation_id, seq DESC
) AS l ON l.conversation_id = s.id
LEFT JOIN (
    SELECT m.conversation_id, max(m.seq) AS seq
    FROM (
        SELECT conversation_id, seq, sender_id,
            first_value(sender_id) OVER (PARTITION BY conversation_id ORDER BY seq DESC) AS last_sender_id
        FROM messages
        WHERE NOT was_blocked
    ) AS m
    WHERE m.sender_id <> m.last_sender_id
    GROUP BY m.conversation_id
) AS o ON o.conversation_id = s.id
LEFT JOIN (
    SELECT (payload ->> 'conversation_id')::uuid AS id, sum(CASE type WHEN 'ParticipantAdded' THEN 1 ELSE -1 END) AS change
    FROM events
    WHERE type IN ('ParticipantAdded', 'ParticipantLeft')
    GROUP BY 1
) AS g ON g.id = s.id;

WITH changes AS (
    SELECT (payload ->> 'conversation_id')::uuid AS conversation_id, member.id AS user_id, position, stream_version AS seq, recorded_at AS at, true AS joined
    FROM events
    CROSS JOIN LATERAL (SELECT json_array_elements_text(payload -> 'participant_ids')::uuid) AS member (id)
    WHERE type = 'ConversationStarted'
    UNION ALL
    SELECT (payload ->> 'conversation_id')::uuid, (payload ->> 'user_id')::uuid, position, stream_version, recorded_at, type = 'ParticipantAdded'
    FROM events
    WHERE type IN ('ParticipantAdded', 'ParticipantLeft')
), spans AS MATERIALIZED (
    SELECT s.*
    FROM (
        SELECT c.*, lead(c.position) OVER w AS left_position, lead(c.seq) OVER w AS left_seq, lead(c.at) OVER w AS left_at
        FROM changes AS c
        WINDOW w AS (PARTITION BY c.conversation_id, c.user_id ORDER BY c.position)
    ) AS s
    WHERE s.joined
), acked AS (
    SELECT a.conversation_id, a.user_id, a.position, max(a.seq) AS seq, count(*) FILTER (WHERE NOT a.done) AS unread
    FROM (
        SELECT s.conversation_id, s.user_id, s.position, m.seq, r.read_at IS NOT NULL OR m.erased_at IS NOT NULL AS done,
            bool_and(r.message_id IS NOT NULL) OVER (PARTITION BY s.conversation_id, s.user_id, s.position ORDER BY m.seq) AS acked
        FROM spans AS s
        JOIN messages AS m ON m.conversation_id = s.conversation_id
            AND m.seq > s.seq
            AND (s.left_seq IS NULL OR m.seq < s.left_seq)
            AND m.sender_id <> s.user_id
        LEFT JOIN message_receipts AS r ON r.message_id = m.id AND r.user_id = s.user_id
    ) AS a
    WHERE a.acked
    GROUP BY a.conversation_id, a.user_id, a.position
)
INSERT INTO conversation_participants (conversation_id, user_id, joined_position, left_position, joined_seq, left_seq, joined_at, left_at, acked_seq, unread)
SELECT s.conversation_id, s.user_id, s.position, s.left_position, s.seq, s.left_seq, s.at, s.left_at, coalesce(a.seq, s.seq), coalesce(a.unread, 0)
FROM spans AS s
LEFT JOIN acked AS a ON a.conversation_id = s.conversation_id AND a.user_id = s.user_id AND a.position = s.position;
