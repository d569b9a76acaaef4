package audit

import (
	"context"

	"chainmail/domain"
)

// Source gives a log's events in stored order.
type Source interface {
	// Next returns the events that follow those it returned before, io.EOF after the last. The
	// slice, and the bytes in it, are valid until the next call.
	Next(ctx context.Context) ([]domain.Event, error)
}

// Kind says what sort of thing is wrong.
type Kind string

// The kinds of finding.
const (
	KindGap           Kind = "gap"            // positions do not follow one another from 1
	KindLeafHash      Kind = "leaf_hash"      // the row is not the one that was hashed
	KindContentHash   Kind = "content_hash"   // the body is not the one that the payload's hash names
	KindBody          Kind = "body"           // a body is missing, should be gone, or is not written as it was
	KindEncoding      Kind = "encoding"       // payload or metadata cannot be read
	KindUnknownType   Kind = "unknown_type"   // a newer release wrote it, and has to check it
	KindRecordedAt    Kind = "recorded_at"    // a time is not after the one before
	KindStreamVersion Kind = "stream_version" // versions of a stream do not follow one another from 1
	KindRule          Kind = "rule"           // the event was not allowed when it happened
	KindSeal          Kind = "seal"           // a seal does not fit the events, its place, its key or its row in merkle_batches
	KindLogKey        Kind = "log_key"        // the log's keys are not in order, or not the trusted ones
	KindCheckpoint    Kind = "checkpoint"     // a checkpoint from outside does not begin this log
	KindEnd           Kind = "end"            // the log ends before somebody says that it does
	KindFile          Kind = "file"           // an export's own form is damaged
)

// Finding is one thing that is wrong.
type Finding struct {
	// Position is the event's; for a batch its first, for what is missing the first that is missing.
	Position domain.Position `json:"position"`
	Kind     Kind            `json:"kind"`
	Detail   string          `json:"detail"`
}

// Claim is somebody's word that the log has a position: a projection's offset, a seal's row, an
// export's trailer.
type Claim struct {
	By       string // who says so, as "the offset of projection messages"
	Position domain.Position
}

// Options say what is held against the log beside itself. The zero value is nothing.
type Options struct {
	// TrustedKeys are verifier keys (C2SP signed-note); one must be among the log's keys. None: the log's
	// own first key is believed.
	TrustedKeys []string
	// Checkpoints are signed checkpoints from outside, by a name for findings, such as a file's.
	Checkpoints map[string]string
	// TempDir is for what does not fit in memory; empty for os.TempDir.
	TempDir string
}

// Summary is what an audit came to.
type Summary struct {
	Events   int64           // how many were read
	Sealed   domain.Position // the last position that a good seal covers; 0 for none
	Findings []Finding       // in order of position
}
