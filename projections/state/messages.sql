WITH changed AS (
    UPDATE conversations AS c
    SET participants = c.participants + x.joined,
        last_position = greatest(c.last_position, x.last_position),
        message_seq = greatest(c.message_seq, x.message_seq),
        message_sender_id = coalesce(x.sender_id, c.message_sender_id),
        other_seq = CASE
            WHEN x.message_seq = 0 THEN c.other_seq
            WHEN x.other_seq > 0 THEN x.other_seq
            WHEN c.message_sender_id <> x.sender_id THEN c.message_seq
            ELSE c.other_seq
        END
    FROM unnest($1::uuid[], $2::integer[], $3::bigint[], $4::bigint[], $5::uuid[], $6::bigint[])
        AS x (id, joined, last_position, message_seq, sender_id, other_seq)
    WHERE c.id = x.id
    RETURNING c.id, c.participants
), sent AS (
    INSERT INTO messages (id, conversation_id, sender_id, seq, position, created_at, risk_score, recipients,
        salt, content_hash, client_message_id, content)
    SELECT m.id, m.conversation_id, m.sender_id, m.seq, m.position, m.created_at, m.risk_score,
        -- participants at the message, without its sender
        changed.participants - m.joined_later - 1,
        m.salt, m.content_hash, m.client_message_id, m.content
    FROM unnest($7::uuid[], $8::uuid[], $9::uuid[], $10::bigint[], $11::bigint[], $12::timestamptz[],
            $13::double precision[], $14::integer[], $15::bytea[], $16::text[], $17::text[], $18::text[])
        AS m (id, conversation_id, sender_id, seq, position, created_at,
            risk_score, joined_later, salt, content_hash, client_message_id, content)
    JOIN changed ON changed.id = m.conversation_id
    RETURNING 1
)
SELECT (SELECT count(*) FROM changed), (SELECT count(*) FROM sent)
