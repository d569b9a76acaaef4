-- The stored hashes of spans: a row a span. Each span is of one tile. The rows come to string_agg as the index has
-- them: an ORDER BY of its own would sort them once more.
SELECT s.ordinal, h.hashes, h.last
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s (level, first, ending, ordinal)
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(o.hash, ''::bytea), ''::bytea) AS hashes, coalesce(max(o.index), s.first - 1) AS last
    FROM (
        SELECT n.index, n.hash
        FROM merkle_nodes AS n
        WHERE n.level = s.level::smallint AND n.index >= s.first AND n.index < s.ending
        ORDER BY n.index
    ) AS o
) AS h
WHERE s.level > 0
UNION ALL
SELECT s.ordinal, h.hashes, h.last
FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS s (level, first, ending, ordinal)
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(o.leaf_hash, ''::bytea), ''::bytea) AS hashes, coalesce(max(o.position), s.first) - 1 AS last
    FROM (
        SELECT e.position, e.leaf_hash
        FROM events AS e
        WHERE e.position > s.first AND e.position <= s.ending
        ORDER BY e.position
    ) AS o
) AS h
WHERE s.level = 0
