package audit

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/domain"
)

// compareBatchesSQL finds what merkle_batches and the seals do not say alike, up to the log's end. A seal's payload
// is written anew from the row and compared as text: JSON that a forger left there cannot stop the query. A seal
// that the projection has not reached yet has no row.
const compareBatchesSQL = `
	SELECT coalesce(s.position, b.position), s.position IS NOT NULL, b.position IS NOT NULL
	FROM (
		SELECT position, type, payload, recorded_at
		FROM events
		WHERE hashtextextended(stream, 0) = hashtextextended($1, 0) AND stream = $1
	) AS s
	FULL JOIN merkle_batches AS b ON b.position = s.position
	WHERE CASE
		WHEN b.position IS NULL THEN s.position <= (
			SELECT position
			FROM projection_offsets
			WHERE projection = 'batches')
		WHEN b.position > $2 THEN false
		ELSE (s.type, s.recorded_at, s.payload::text) IS DISTINCT FROM ($3, b.sealed_at, format(
			'{"tree_size":%s,"root_hash":%s,"first_position":%s,"last_position":%s,"checkpoint":%s}',
			b.tree_size, to_json(b.root_hash), b.first_position, b.last_position, to_json(b.checkpoint)))
		END
	ORDER BY 1
	LIMIT $4`

// compareBatches holds the table from which checkpoints and proofs are served against the log's seals, each by
// the seal's position. Rows beyond the log's end are a [Claim]. Where a table is missing, nothing is compared.
func compareBatches(ctx context.Context, tx *sql.Tx, head domain.Position) (found []Finding, err error) {
	for _, table := range []string{"projection_offsets", "merkle_batches"} {
		if there, err := hasTable(ctx, tx, table); err != nil || !there {
			return nil, err
		}
	}
	rows, err := tx.QueryContext(ctx, compareBatchesSQL, domain.SealStream, head, domain.TypeMerkleBatchSealed, maxFindings)
	if err != nil {
		return nil, fmt.Errorf("compare merkle_batches with the seals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			f         = Finding{Kind: KindSeal, Detail: "the row of this seal in merkle_batches says something else"}
			seal, row bool
		)
		if err := rows.Scan(&f.Position, &seal, &row); err != nil {
			return nil, err
		}
		switch {
		case !seal:
			f.Detail = "merkle_batches has a seal here, and the log has none"
		case !row:
			f.Detail = "the row of this seal is missing in merkle_batches"
		}
		f.Detail += ": chainmail rebuild --verify batches"
		found = append(found, f)
	}
	return found, rows.Err()
}
