package projections

import (
	"context"
	"errors"
	"log/slog"

	"github.com/ThreeDotsLabs/watermill"
)

// quiet passes on what Watermill has to say at a lower level: what matters of it, this package
// tells itself.
type quiet struct{ logger *slog.Logger }

func (q quiet) Error(message string, err error, fields watermill.LogFields) {
	level := slog.LevelWarn
	if errors.Is(err, context.Canceled) { // Run is told to end: what it was doing fails
		level = slog.LevelDebug
	}
	q.logger.Log(context.Background(), level, message, append(attributes(fields), "error", err)...)
}

func (q quiet) Info(message string, fields watermill.LogFields) {
	q.logger.Debug(message, attributes(fields)...)
}

func (quiet) Debug(string, watermill.LogFields) {}

func (quiet) Trace(string, watermill.LogFields) {}

func (q quiet) With(fields watermill.LogFields) watermill.LoggerAdapter {
	return quiet{q.logger.With(attributes(fields)...)}
}

func attributes(fields watermill.LogFields) []any {
	args := make([]any, 0, 2*len(fields)+2)
	for key, value := range fields {
		args = append(args, key, value)
	}
	return args
}
