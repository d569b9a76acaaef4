package rebuild

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"chainmail/projections/attest"
)

// Difference is one value that the live tables have otherwise than the log says.
type Difference struct {
	Table string
	// Key is the row's primary key as JSON.
	Key string
	// Column is empty where the whole row is on one side only.
	Column string
	// Live and Rebuilt are the values as JSON, "" on the side that has no such row.
	Live, Rebuilt string
}

// maxRows is how many differing rows are described.
const maxRows = 100

// compareTable lets the database find the rows that differ in any bit (*<>), in order of key.
func (b *build) compareTable(ctx context.Context, tx *sql.Tx, table string, c *Comparison) error {
	key, err := attest.KeyColumns(ctx, tx, table)
	if err != nil {
		return err
	}
	var join, order []string
	for _, column := range key {
		join = append(join, fmt.Sprintf(`live.%[1]s = rebuilt.%[1]s`, pq.QuoteIdentifier(column.Name)))
		order = append(order, fmt.Sprintf(`coalesce(%s, %s)`, column.Ordered("live"), column.Ordered("rebuilt")))
	}
	first := pq.QuoteIdentifier(key[0].Name)
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`
		SELECT row_to_json(live.*)::text, row_to_json(rebuilt.*)::text
		FROM %[1]s.%[3]s AS live
		FULL JOIN %[2]s.%[3]s AS rebuilt ON %[4]s
		WHERE live.%[5]s IS NULL OR rebuilt.%[5]s IS NULL OR live.* *<> rebuilt.*
		ORDER BY %[6]s`,
		pq.QuoteIdentifier(b.live), pq.QuoteIdentifier(b.schema), pq.QuoteIdentifier(table),
		strings.Join(join, " AND "), first, strings.Join(order, ", ")))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var live, rebuilt sql.NullString
		if err := rows.Scan(&live, &rebuilt); err != nil {
			return err
		}
		if c.Rows++; c.Rows > maxRows {
			continue
		}
		found, err := differences(table, key, live.String, rebuilt.String)
		if err != nil {
			return err
		}
		c.Differences = append(c.Differences, found...)
	}
	return rows.Err()
}

// differences compares two rows as JSON objects; one of them may be missing.
func differences(table string, key []attest.KeyColumn, live, rebuilt string) ([]Difference, error) {
	left, leftNames, err := fields(live)
	if err != nil {
		return nil, err
	}
	right, rightNames, err := fields(rebuilt)
	if err != nil {
		return nil, err
	}
	whole, names := left, leftNames
	if live == "" {
		whole, names = right, rightNames
	}
	var keys []string
	for _, column := range key {
		keys = append(keys, whole[column.Name])
	}
	d := Difference{Table: table, Key: strings.Join(keys, ", ")}
	if live == "" || rebuilt == "" {
		d.Live, d.Rebuilt = live, rebuilt
		return []Difference{d}, nil
	}
	var list []Difference
	for _, name := range names {
		if left[name] != right[name] {
			d.Column, d.Live, d.Rebuilt = name, left[name], right[name]
			list = append(list, d)
		}
	}
	if list == nil { // equal as text, not as bits
		d.Live, d.Rebuilt = live, rebuilt
		list = []Difference{d}
	}
	return list, nil
}

// fields splits a JSON object, keeping the text of its values and the order of its names.
func fields(object string) (values map[string]string, names []string, err error) {
	if object == "" {
		return nil, nil, nil
	}
	decoder := json.NewDecoder(strings.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, nil, err
	}
	values = make(map[string]string)
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, nil, err
		}
		values[fmt.Sprint(name)] = string(value)
		names = append(names, fmt.Sprint(name))
	}
	return values, names, nil
}
