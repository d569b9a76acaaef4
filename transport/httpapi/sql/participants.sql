SELECT x.ordinal - 1, u.id, u.name, u.wallet_address
FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS x (conversation_id, at, ordinal)
JOIN conversation_participants AS p ON p.conversation_id = x.conversation_id
    AND p.joined_position <= x.at
    AND (p.left_position IS NULL OR p.left_position > x.at)
JOIN users AS u ON u.id = p.user_id
ORDER BY x.ordinal, p.joined_position, p.user_id
