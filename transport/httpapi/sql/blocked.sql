SELECT m.id, b.conversation_id, b.sender_id, b.receiver_id, m.client_message_id, m.content, m.content_hash,
    m.risk_score, b.reasons, b.model, b.policy_hash, b.position, m.created_at, m.erased_at,
    b.released_at, b.released_by, b.released_id
FROM blocked_messages AS b
JOIN messages AS m ON m.id = b.message_id
WHERE b.position < $1
ORDER BY b.position DESC
LIMIT $2
