SELECT u.id
FROM users AS u
WHERE u.name_parts @> ARRAY(
        SELECT DISTINCT substr($1::text, n, 3) COLLATE "C"
        FROM generate_series(1, char_length($1::text) - 2) AS n
    )
    AND strpos(u.folded_name, $1::text COLLATE "C") > 0
    AND u.active
ORDER BY NOT starts_with(u.folded_name, $1::text COLLATE "C"), u.folded_name, u.id
LIMIT $2
