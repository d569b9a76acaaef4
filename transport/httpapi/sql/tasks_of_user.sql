SELECT t.id, t.project_id, t.title, t.status, t.author_id, t.freelancer_id, t.created_by, t.created_at,
    t.updated_by, t.updated_at, t.position
FROM (
    (
        SELECT a.id
        FROM tasks AS a
        WHERE a.author_id = $1 AND a.position < $2
        ORDER BY a.position DESC
        LIMIT $3
    )
    UNION
    (
        SELECT f.id
        FROM tasks AS f
        WHERE f.freelancer_id = $1 AND f.position < $2
        ORDER BY f.position DESC
        LIMIT $3
    )
) AS own
JOIN tasks AS t ON t.id = own.id
ORDER BY t.position DESC
LIMIT $3
