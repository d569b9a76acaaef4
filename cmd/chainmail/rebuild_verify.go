package main

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"chainmail/audit"
	"chainmail/eventstore"
	"chainmail/projections"
	"chainmail/projections/rebuild"
)

// difference is one as it is printed: row is the key, column empty for a whole row.
type difference struct {
	Table   string `json:"table"`
	Row     string `json:"row"`
	Column  string `json:"column"`
	Live    string `json:"live"`
	Rebuilt string `json:"rebuilt"`
}

// verify compares each projection, prints what differs, and then a line for each.
func (c *rebuildCommand) verify(
	ctx context.Context, s streams, log *eventstore.Log, chosen []projections.Projection, bar *rebuildProgress,
) (err error) {
	columns := []string{"projection", "position", "equal", "differing_rows", "live_checksum", "rebuilt_checksum"}
	if c.JSON {
		columns = append(columns, "differences")
	}
	t := table{columns: columns}
	defer func() { err = errors.Join(err, c.print(s, &t)) }()
	differs := false
	for _, p := range chosen {
		found, err := rebuild.Verify(ctx, log, p, bar.show)
		bar.end()
		if err != nil {
			return err
		}
		equal := found.Rows == 0 && found.Live.Sum == found.Rebuilt.Sum
		differs = differs || !equal
		row := []any{p.Name, int64(found.Live.Position), equal, found.Rows, found.Live.Sum.String(), found.Rebuilt.Sum.String()}
		if c.JSON {
			row = append(row, describedRows(found))
		} else if err := printDifferences(s, found); err != nil {
			return err
		}
		t.add(row...)
	}
	if differs {
		return errSilent
	}
	return nil
}

func describedRows(found rebuild.Comparison) []difference {
	list := make([]difference, len(found.Differences))
	for i, d := range found.Differences {
		list[i] = difference{d.Table, d.Key, d.Column, d.Live, d.Rebuilt}
	}
	return list
}

// printDifferences prints those that are described, and how many there are beside.
func printDifferences(s streams, found rebuild.Comparison) error {
	if found.Rows == 0 {
		return nil
	}
	t := table{columns: []string{"table", "row", "column", "live", "rebuilt"}}
	rows := make(map[string]bool)
	for _, d := range found.Differences {
		column := d.Column
		if column == "" {
			column = "(row)"
		}
		rows[d.Table+d.Key] = true
		t.add(d.Table, audit.Printable(d.Key), column, short(d.Live), short(d.Rebuilt))
	}
	if err := t.print(s.out, false); err != nil {
		return err
	}
	if more := found.Rows - int64(len(rows)); more > 0 {
		fmt.Fprintf(s.out, "and %d rows more\n", more)
	}
	_, err := fmt.Fprintln(s.out)
	return err
}

// shortLength is how much of a value is printed for people.
const shortLength = 60

// short cuts a value between characters, and escapes what could do something to a terminal.
func short(value string) string {
	if value == "" {
		return "(none)"
	}
	if len(value) <= shortLength {
		return audit.Printable(value)
	}
	cut := shortLength
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return audit.Printable(value[:cut]) + "…"
}
