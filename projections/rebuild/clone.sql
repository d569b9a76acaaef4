-- What makes tables like the live ones in another schema, as statements: $1 the tables, $2 the schema. Phase 1
-- comes before they are filled, phase 2 after, phase 3 once they are in the live schema. Phase 0 is none: it says
-- what LIKE copies, so that a change of it shows.
WITH own AS (
    SELECT c.*, x.ordinal, n.nspname,
        format('%I.%I', n.nspname, c.relname) AS live,
        format('%I.%I', $2::text, c.relname) AS shadow
    FROM unnest($1::text[]) WITH ORDINALITY AS x (name, ordinal)
    JOIN pg_class AS c ON c.oid = to_regclass(quote_ident(x.name))
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
), options AS (
    SELECT own.oid, string_agg(format('%s%I=%L', o.prefix, split_part(o.option, '=', 1),
        substr(o.option, strpos(o.option, '=') + 1)), ', ') AS list
    FROM own
    LEFT JOIN pg_class AS toast ON toast.oid = own.reltoastrelid
    CROSS JOIN LATERAL (
        SELECT '' AS prefix, unnest(own.reloptions) AS option
        UNION ALL
        SELECT 'toast.', unnest(toast.reloptions)
    ) AS o
    GROUP BY own.oid
), indexes AS (
    SELECT own.ordinal, own.live, own.shadow, own.relreplident, i.indisunique, i.indisclustered, i.indisreplident,
        c.oid, c.relname,
        replace(pg_get_indexdef(c.oid), ' ON ' || own.live || ' USING ', ' ON ' || own.shadow || ' USING ')
            || coalesce(' TABLESPACE ' || quote_ident(s.spcname), '') AS definition
    FROM own
    JOIN pg_index AS i ON i.indrelid = own.oid
    JOIN pg_class AS c ON c.oid = i.indexrelid
    LEFT JOIN pg_tablespace AS s ON s.oid = c.reltablespace
    WHERE NOT i.indisexclusion
), constraints AS (
    SELECT own.ordinal, own.shadow, k.*,
        CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
            || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END AS deferral
    FROM own
    JOIN pg_constraint AS k ON k.conrelid = own.oid
), columns AS (
    SELECT own.ordinal, own.live, own.shadow, a.*
    FROM own
    JOIN pg_attribute AS a ON a.attrelid = own.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped
), grants AS (
    SELECT own.ordinal, own.live, 0 AS attnum, NULL::name AS attname, g.grantee, g.privilege_type, g.is_grantable
    FROM own
    CROSS JOIN LATERAL aclexplode(own.relacl) AS g
    UNION ALL
    SELECT c.ordinal, c.live, c.attnum, c.attname, g.grantee, g.privilege_type, g.is_grantable
    FROM columns AS c
    CROSS JOIN LATERAL aclexplode(c.attacl) AS g
), statements AS (
    SELECT 0 AS phase, c.ordinal, c.attnum::integer AS step, '' AS name,
        format('%s %s %s %s %s %s %s %s %s %s', c.attname, format_type(c.atttypid, c.atttypmod), c.attcollation, c.attnotnull,
            c.attidentity, c.attgenerated, c.attstorage, c.attcompression, col_description(c.attrelid, c.attnum),
            pg_get_expr(d.adbin, d.adrelid)) AS statement
    FROM columns AS c
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.attrelid AND d.adnum = c.attnum

    UNION ALL
    SELECT 1, own.ordinal, 10, '',
        format('CREATE UNLOGGED TABLE %s (LIKE %s INCLUDING ALL EXCLUDING INDEXES EXCLUDING CONSTRAINTS EXCLUDING STATISTICS)%s%s',
            own.shadow, own.live, ' WITH (' || options.list || ')', ' TABLESPACE ' || quote_ident(s.spcname))
    FROM own
    LEFT JOIN options ON options.oid = own.oid
    LEFT JOIN pg_tablespace AS s ON s.oid = own.reltablespace

    UNION ALL
    SELECT 1, c.ordinal, 20, c.attname, format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', c.shadow, c.attname, c.attstattarget)
    FROM columns AS c
    WHERE c.attstattarget >= 0

    UNION ALL
    SELECT 1, c.ordinal, 21, c.attname, format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', c.shadow, c.attname, array_to_string(c.attoptions, ', '))
    FROM columns AS c
    WHERE c.attoptions IS NOT NULL

    -- Unique indexes are there while the table is filled: Apply may rest on them.
    UNION ALL
    SELECT CASE WHEN i.indisunique THEN 1 ELSE 2 END, i.ordinal, 30, i.relname, i.definition
    FROM indexes AS i

    UNION ALL
    SELECT 1, k.ordinal, 40, k.conname,
        CASE
            WHEN k.contype = 'p' THEN format('ALTER TABLE %s ADD CONSTRAINT %I PRIMARY KEY USING INDEX %I%s', k.shadow, k.conname, k.conname, k.deferral)
            WHEN k.contype = 'u' THEN format('ALTER TABLE %s ADD CONSTRAINT %I UNIQUE USING INDEX %I%s', k.shadow, k.conname, k.conname, k.deferral)
            ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.shadow, k.conname, pg_get_constraintdef(k.oid))
        END
    FROM constraints AS k
    WHERE k.contype IN ('p', 'u', 'c', 'x')

    UNION ALL
    SELECT 2, i.ordinal, 50, i.relname, format('COMMENT ON INDEX %I.%I IS %L', $2::text, i.relname, obj_description(i.oid, 'pg_class'))
    FROM indexes AS i
    WHERE obj_description(i.oid, 'pg_class') IS NOT NULL

    UNION ALL
    SELECT 2, k.ordinal, 51, k.conname, format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, k.shadow, obj_description(k.oid, 'pg_constraint'))
    FROM constraints AS k
    WHERE obj_description(k.oid, 'pg_constraint') IS NOT NULL

    UNION ALL
    SELECT 2, own.ordinal, 52, '', format('COMMENT ON TABLE %s IS %L', own.shadow, obj_description(own.oid, 'pg_class'))
    FROM own
    WHERE obj_description(own.oid, 'pg_class') IS NOT NULL

    UNION ALL
    SELECT 2, i.ordinal, 60, i.relname, format('ALTER TABLE %s CLUSTER ON %I', i.shadow, i.relname)
    FROM indexes AS i
    WHERE i.indisclustered

    UNION ALL
    SELECT 2, own.ordinal, 61, '', format('ALTER TABLE %s REPLICA IDENTITY %s', own.shadow,
        CASE own.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX ' || quote_ident(i.relname) END)
    FROM own
    LEFT JOIN indexes AS i ON i.ordinal = own.ordinal AND i.indisreplident
    WHERE own.relreplident <> 'd'

    UNION ALL
    SELECT 3, own.ordinal, 70, '', format('ALTER TABLE %s OWNER TO %I', own.live, pg_get_userbyid(own.relowner))
    FROM own

    -- What default privileges gave the shadow table goes first.
    UNION ALL
    SELECT DISTINCT 3, own.ordinal, 80, '', format('REVOKE ALL ON TABLE %s FROM %s', own.live,
        CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END)
    FROM own
    LEFT JOIN pg_class AS s ON s.oid = to_regclass(own.shadow)
    CROSS JOIN LATERAL aclexplode(coalesce(s.relacl, acldefault('r', own.relowner))) AS g
    WHERE own.relacl IS NOT NULL OR s.relacl IS NOT NULL

    UNION ALL
    SELECT 3, own.ordinal, 81, '', format('GRANT ALL ON TABLE %s TO %I', own.live, pg_get_userbyid(own.relowner))
    FROM own
    JOIN pg_class AS s ON s.oid = to_regclass(own.shadow)
    WHERE own.relacl IS NULL AND s.relacl IS NOT NULL

    UNION ALL
    SELECT 3, g.ordinal, 82 + g.attnum, g.privilege_type || g.grantee,
        format('GRANT %s%s ON TABLE %s TO %s%s', g.privilege_type, ' (' || quote_ident(g.attname) || ')', g.live,
            CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END,
            CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM grants AS g
)
SELECT s.phase, s.statement
FROM statements AS s
ORDER BY s.phase, s.step, s.ordinal, s.name COLLATE "C"
