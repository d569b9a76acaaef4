package migrations

import (
	"database/sql"

	"github.com/pressly/goose/v3"
)

// The functions behind Up, Status, Pending and Digest, for files of a test's own.
var (
	UpFiles      = up
	StatusFiles  = status
	PendingFiles = pending
	DigestFiles  = digest
)

// Embedded applies the real files one by one, and takes them back.
func Embedded(db *sql.DB) (*goose.Provider, error) { return newProvider(db, files) }
