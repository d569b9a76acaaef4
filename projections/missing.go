package projections

import (
	"database/sql"
	"fmt"
)

// missingError says that a statement met fewer rows than events told it of.
type missingError struct {
	what      string
	got, want int64
}

func (e *missingError) Error() string {
	return fmt.Sprintf("%s: %d of %d are there", e.what, e.got, e.want)
}

// All returns an error unless a statement of an Apply met every row that events told it of.
func All(what string, got int64, want int) error {
	if got == int64(want) {
		return nil
	}
	return &missingError{what, got, int64(want)}
}

// Affected is All for a statement without an answer.
func Affected(what string, result sql.Result, want int) error {
	got, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return All(what, got, want)
}
