package main

import (
	"context"
	"database/sql"
	"fmt"

	"chainmail/projections/attest"
)

// attestLimit is how many rows the doctor reads for a checksum: some seconds' worth.
const attestLimit = 2_000_000

// checkTables gives the checksum of each projection's tables and their position, to be compared with
// another server's, or with what a rebuild gives.
func checkTables(ctx context.Context, db *sql.DB, d *diagnosis) {
	for _, p := range knownProjections() {
		name := "tables of " + p.Name
		rows, err := attest.Size(ctx, db, p.Tables)
		if err == nil && rows > attestLimit {
			d.add(name, nil, fmt.Sprintf("some %d rows: 'chainmail rebuild --verify %s' gives their checksum", rows, p.Name), "")
			continue
		}
		var s attest.State
		if err == nil {
			s, err = attest.Read(ctx, db, p)
		}
		d.add(name, err, fmt.Sprintf("position %d, checksum %s", s.Position, s.Sum), "see the database's log")
	}
}
