package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"chainmail/domain"
)

const readHeadSQL = `
	SELECT coalesce(max(position), 0)
	FROM events`

func readHead(ctx context.Context, tx *sql.Tx) (head domain.Position, err error) {
	err = tx.QueryRowContext(ctx, readHeadSQL).Scan(&head)
	return max(head, 0), err
}

// findTableSQL makes a database in which the state tables are being built, or are gone, one in which nobody
// claims anything.
const findTableSQL = `
	SELECT to_regclass($1) IS NOT NULL`

const readOffsetsSQL = `
	SELECT projection, position
	FROM projection_offsets
	ORDER BY projection`

const readLastBatchSQL = `
	SELECT position, last_position
	FROM merkle_batches
	ORDER BY greatest(position, last_position) DESC
	LIMIT 1`

// readClaims asks the tables that follow the log how far it went when they last looked.
func readClaims(ctx context.Context, tx *sql.Tx) ([]Claim, error) {
	var claims []Claim
	there, err := hasTable(ctx, tx, "projection_offsets")
	if err != nil {
		return nil, err
	}
	if there {
		if claims, err = readOffsets(ctx, tx); err != nil {
			return nil, err
		}
	}
	if there, err = hasTable(ctx, tx, "merkle_batches"); err != nil || !there {
		return claims, err
	}
	var seal, last domain.Position
	err = tx.QueryRowContext(ctx, readLastBatchSQL).Scan(&seal, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return claims, nil
	}
	if err != nil {
		return nil, err
	}
	return append(claims, Claim{"the last seal in merkle_batches", max(seal, last)}), nil
}

func hasTable(ctx context.Context, tx *sql.Tx, name string) (there bool, err error) {
	err = tx.QueryRowContext(ctx, findTableSQL, name).Scan(&there)
	return there, err
}

func readOffsets(ctx context.Context, tx *sql.Tx) ([]Claim, error) {
	rows, err := tx.QueryContext(ctx, readOffsetsSQL)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var claims []Claim
	for rows.Next() {
		var (
			name string
			at   domain.Position
		)
		if err := rows.Scan(&name, &at); err != nil {
			return nil, err
		}
		claims = append(claims, Claim{fmt.Sprintf("the offset of the projection %q", name), at})
	}
	return claims, rows.Err()
}
