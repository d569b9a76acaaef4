package main

import (
	"context"
	"log/slog"
	"os"

	"chainmail/eventstore/localpg"
)

// keeperCommand is what the other commands start to have a PostgreSQL; nobody types it.
type keeperCommand struct {
	DataDir string `required:"" help:"The data directory."`
}

func (c *keeperCommand) Run(ctx context.Context) error {
	// A signal ends ctx, and often goes to every process of ours at once; the database ends after those who still need it.
	return localpg.Keep(context.WithoutCancel(ctx), c.DataDir, slog.New(slog.NewTextHandler(os.Stderr, nil)))
}

// keeperArgs starts keeperCommand in a process of its own.
func keeperArgs(dir string) ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return []string{self, "postgres-keeper", "--data-dir", dir}, nil
}
