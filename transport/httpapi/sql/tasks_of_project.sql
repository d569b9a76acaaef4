WITH sees (whole) AS (
    SELECT $2::boolean OR EXISTS (SELECT FROM projects AS p WHERE p.id = $1 AND p.author_id = $3)
)
(
    SELECT id, project_id, title, status, author_id, freelancer_id, created_by, created_at, updated_by, updated_at, position
    FROM tasks
    WHERE (SELECT whole FROM sees)
        AND project_id = $1
        AND position < $4
    ORDER BY position DESC
    LIMIT $5
)
UNION ALL
(
    SELECT id, project_id, title, status, author_id, freelancer_id, created_by, created_at, updated_by, updated_at, position
    FROM tasks
    WHERE NOT (SELECT whole FROM sees)
        AND project_id = $1
        AND freelancer_id = $3
        AND position < $4
    ORDER BY position DESC
    LIMIT $5
)
ORDER BY position DESC
LIMIT $5
