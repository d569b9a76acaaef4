WITH given AS MATERIALIZED (
    SELECT m.id, m.conversation_id, m.sender_id, m.position, m.created_at, m.risk_score, m.salt, m.content_hash,
        m.client_message_id, m.content, m.receiver_id, m.policy_hash, m.reasons, m.model
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::double precision[],
            $7::bytea[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::text[], $13::text[], $14::text[])
        AS m (id, conversation_id, sender_id, position, created_at, risk_score,
            salt, content_hash, client_message_id, content, receiver_id, policy_hash, reasons, model)
), kept AS (
    INSERT INTO messages (id, conversation_id, sender_id, position, created_at, risk_score, recipients, was_blocked,
        salt, content_hash, client_message_id, content)
    SELECT g.id, g.conversation_id, g.sender_id, g.position, g.created_at, g.risk_score, 0, true,
        g.salt, g.content_hash, g.client_message_id, g.content
    FROM given AS g
)
INSERT INTO blocked_messages (message_id, sender_id, receiver_id, conversation_id, position, policy_hash, reasons, model)
SELECT g.id, g.sender_id, g.receiver_id, g.conversation_id, g.position, g.policy_hash, g.reasons::json, g.model::json
FROM given AS g
