package audit

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"chainmail/domain"
	"chainmail/domain/wire"
)

// AppendTables adds the tables as a JSON object: under each table's name a list of rows, each an object with
// the columns in order. The same tables always give the same bytes.
func AppendTables(dst []byte, tables []Table) []byte {
	dst = append(dst, '{')
	for i, t := range tables {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = wire.AppendString(dst, t.Name)
		dst = append(dst, ':', '[')
		for j, row := range t.Rows {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = appendRow(dst, t.Columns, row)
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func appendRow(dst []byte, columns []string, row []any) []byte {
	for i, name := range columns {
		separator := byte(',')
		if i == 0 {
			separator = '{'
		}
		dst = append(dst, separator)
		dst = wire.AppendString(dst, name)
		dst = append(dst, ':')
		dst = appendValue(dst, row[i])
	}
	return append(dst, '}')
}

func appendValue(dst []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case string:
		return wire.AppendString(dst, v)
	case time.Time:
		return wire.AppendTime(dst, v)
	case json.RawMessage:
		return appendObject(dst, v)
	case domain.ID:
		dst = append(dst, '"')
		return append(v.Append(dst), '"')
	}
	panic(fmt.Sprintf("a %T in a state table", value)) // Tables makes no other
}
