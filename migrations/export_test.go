package migrations

// The functions behind Up, Status, Pending and Digest, for files of a test's own.
var (
	UpFiles      = up
	StatusFiles  = status
	PendingFiles = pending
	DigestFiles  = digest
)
