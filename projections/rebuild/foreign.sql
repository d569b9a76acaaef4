-- What hangs on tables and would go with them or hold them: $1 the tables. Their own columns, indexes and constraints
-- don't count, since the new tables have the same.
WITH own AS (
    SELECT c.oid, c.reltype, t.typarray, c.relname, c.relrowsecurity
    FROM unnest($1::text[]) AS x (name)
    JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(x.name))
    JOIN pg_type AS t ON t.oid = c.reltype
), parts (classid, objid) AS (
    SELECT 'pg_class'::regclass, own.oid FROM own
    UNION ALL
    SELECT 'pg_type'::regclass, own.reltype FROM own
    UNION ALL
    SELECT 'pg_type'::regclass, own.typarray FROM own
    UNION ALL
    SELECT 'pg_class'::regclass, i.indexrelid FROM own JOIN pg_index AS i ON i.indrelid = own.oid
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid FROM own JOIN pg_constraint AS k ON k.conrelid = own.oid AND k.contype <> 'f'
    UNION ALL
    SELECT 'pg_attrdef'::regclass, a.oid FROM own JOIN pg_attrdef AS a ON a.adrelid = own.oid
)
SELECT DISTINCT found.name
FROM (
    SELECT CASE
            WHEN r.rulename = '_RETURN' THEN pg_describe_object('pg_class'::regclass, r.ev_class, 0)
            ELSE pg_describe_object(d.classid, d.objid, d.objsubid)
        END AS name
    FROM parts AS p
    JOIN pg_depend AS d ON d.refclassid = p.classid AND d.refobjid = p.objid AND d.deptype IN ('n', 'a')
    LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
    WHERE NOT EXISTS (SELECT FROM parts AS q WHERE q.classid = d.classid AND q.objid = d.objid)
    UNION ALL
    SELECT 'inheritance of table ' || own.relname
    FROM own
    JOIN pg_inherits AS i ON own.oid IN (i.inhrelid, i.inhparent)
    UNION ALL
    SELECT 'row security of table ' || own.relname
    FROM own
    WHERE own.relrowsecurity
) AS found
ORDER BY found.name
