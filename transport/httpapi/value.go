package httpapi

import (
	"database/sql"
	"encoding/hex"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain/wire"
)

// exampleTime shows how times look.
const exampleTime = "2026-07-09T08:15:30.123456Z"

// instant is a time in an answer: UTC with microseconds.
type instant time.Time

// MarshalJSON implements json.Marshaler.
func (t instant) MarshalJSON() ([]byte, error) { return wire.AppendTime(nil, time.Time(t)), nil }

// Schema implements huma.SchemaProvider.
func (instant) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Examples: []any{exampleTime}}
}

// instantOrNull is an instant, or null where it is zero.
type instantOrNull time.Time

// MarshalJSON implements json.Marshaler.
func (t instantOrNull) MarshalJSON() ([]byte, error) {
	return wire.AppendTimeOrNull(nil, time.Time(t)), nil
}

// Schema implements huma.SchemaProvider.
func (instantOrNull) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date-time", Nullable: true, Examples: []any{exampleTime}}
}

// ownText is a text that is only shown to its author: absent for others, null when there is none.
type ownText struct {
	own  bool
	text *string
}

// IsZero makes omitzero leave it out.
func (t ownText) IsZero() bool { return !t.own }

// MarshalJSON implements json.Marshaler.
func (t ownText) MarshalJSON() ([]byte, error) {
	if t.text == nil {
		return []byte("null"), nil
	}
	return wire.AppendString(nil, *t.text), nil
}

// Schema implements huma.SchemaProvider.
func (ownText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true}
}

// textOrNil is for columns that can be NULL.
func textOrNil(s sql.NullString) *string {
	if !s.Valid {
		return nil
	}
	return &s.String
}

// hexOrNil shows bytes in hex; nil where there are none.
func hexOrNil(b []byte) *string {
	if b == nil {
		return nil
	}
	s := hex.EncodeToString(b)
	return &s
}
