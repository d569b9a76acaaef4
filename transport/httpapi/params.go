package httpapi

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
)

const (
	defaultLimit = 50
	maxLimit     = 200
)

// Paging is what lists take.
type Paging struct {
	Cursor string   `query:"cursor" doc:"next_cursor of the page before; only for the same list"`
	Limit  positive `query:"limit" doc:"how many items, 50 unless told; at most 200, and more counts as 200"`
}

// limit is how many items the page has at most.
func (p *Paging) limit() (int, error) {
	switch {
	case !p.Limit.given:
		return defaultLimit, nil
	case p.Limit.value < 1:
		return 0, invalid("limit", "must be 1 or more")
	}
	return int(min(p.Limit.value, maxLimit)), nil
}

// number is an integer parameter, 0 or more, that can be absent.
type number struct {
	value int64
	given bool
}

// UnmarshalText reads decimal digits.
func (n *number) UnmarshalText(text []byte) error {
	v, err := strconv.ParseUint(string(text), 10, 63)
	if err != nil {
		return errors.New("it must be an integer, 0 or more")
	}
	n.value, n.given = int64(v), true
	return nil
}

// Schema implements huma.SchemaProvider.
func (*number) Schema(huma.Registry) *huma.Schema {
	zero := 0.0
	return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &zero}
}

// positive is a number that whoever takes it refuses below 1, with words of its own.
type positive struct{ number }

// Schema implements huma.SchemaProvider.
func (*positive) Schema(r huma.Registry) *huma.Schema {
	schema, one := new(number).Schema(r), 1.0
	schema.Minimum = &one
	return schema
}

// idText stands for domain.ID in schemas.
type idText string

// Schema implements huma.SchemaProvider.
func (idText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Format: "uuid", Examples: []any{domain.ID{0: 1, 6: 0x70, 8: 0x80, 15: 1}.String()},
	}
}

// A cursor is where a page ended, and of which list, so that it is of no use for another one.

func makeCursor(list, place string) *string {
	c := base64.RawURLEncoding.EncodeToString([]byte(list + "\n" + place))
	return &c
}

// readCursor returns the place of a cursor of the list, empty for no cursor.
func readCursor(list, cursor string) (place string, err error) {
	if cursor == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	place, ours := strings.CutPrefix(string(raw), list+"\n")
	if err != nil || !ours || place == "" {
		return "", badCursor()
	}
	return place, nil
}

func badCursor() *Problem {
	return invalid("cursor", "is not one of this list: begin again without it")
}

// readPosition is readCursor for lists in order of a number.
func readPosition(list, cursor string, begin int64) (int64, error) {
	place, err := readCursor(list, cursor)
	if err != nil || place == "" {
		return begin, err
	}
	n, err := strconv.ParseInt(place, 10, 64)
	if err != nil {
		return 0, badCursor()
	}
	return n, nil
}
