package domain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"chainmail/domain/wire"
)

// Metadata says who caused an event and how he showed who he is. It never holds an address.
type Metadata struct {
	SchemaVersion int  `json:"schema_version"`
	ActorID       *ID  `json:"actor_id"`
	SessionID     *ID  `json:"session_id"`
	Auth          Auth `json:"auth"`
}

// metadataStart is how every release so far begins the metadata, so that the version of most
// events is known without parsing.
var metadataStart = []byte(`{"schema_version":1,`)

// ParseMetadata reads the metadata column.
func ParseMetadata(raw []byte) (Metadata, error) {
	var m Metadata
	if err := json.Unmarshal(raw, &m); err != nil {
		return Metadata{}, fmt.Errorf("metadata: %w", err)
	}
	return m, nil
}

func schemaVersion(metadata []byte) (int, error) {
	if bytes.HasPrefix(metadata, metadataStart) {
		return 1, nil
	}
	m, err := ParseMetadata(metadata)
	if err == nil && m.SchemaVersion < 1 {
		err = errors.New("metadata: no schema_version")
	}
	return m.SchemaVersion, err
}

func appendMetadata(dst []byte, a Actor) []byte {
	dst = append(dst, metadataStart...)
	dst = append(dst, `"actor_id":`...)
	dst = appendIDOrNull(dst, a.ID)
	dst = append(dst, `,"session_id":`...)
	dst = appendIDOrNull(dst, a.SessionID)
	dst = append(dst, `,"auth":`...)
	dst = wire.AppendString(dst, string(a.Auth))
	return append(dst, '}')
}

func appendIDOrNull(dst []byte, id ID) []byte {
	if id.IsZero() {
		return append(dst, `null`...)
	}
	dst = append(dst, '"')
	dst = id.Append(dst)
	return append(dst, '"')
}
