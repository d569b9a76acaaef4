package migrations

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
)

// The functions behind Status, Pending and Digest, for files of a test's own.
var (
	StatusFiles  = status
	PendingFiles = pending
	DigestFiles  = digest
)

// Fit is the judgement of a server_version_num and a server_encoding.
var Fit = fit

// UpFiles asks for locks for a moment, as often as it can within the limit.
func UpFiles(ctx context.Context, db *sql.DB, fsys fs.FS, limit time.Duration, logger *slog.Logger) error {
	p := patience{lock: 100 * time.Millisecond, firstPause: time.Millisecond, lastPause: 10 * time.Millisecond, limit: limit}
	return up(ctx, db, fsys, p, logger)
}

// UpEmbedded is UpFiles with the real files.
func UpEmbedded(ctx context.Context, db *sql.DB, limit time.Duration, logger *slog.Logger) error {
	return UpFiles(ctx, db, files, limit, logger)
}

// Embedded applies the real files one by one, and takes them back.
func Embedded(db *sql.DB) (*goose.Provider, error) { return newProvider(db, files) }
