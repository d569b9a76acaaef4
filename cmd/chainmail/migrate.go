package main

import (
	"context"
	"errors"
	"fmt"

	"chainmail/migrations"
)

type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply what is missing."`
	Status migrateStatus `cmd:"" help:"Show what is applied and what is missing."`
}

func (migrateCommand) Help() string {
	return "Example:\n  chainmail migrate status --database-url postgres://chainmail@db/chainmail"
}

type migrateUp struct {
	commonFlags
}

func (c *migrateUp) Help() string {
	return "Example:\n  chainmail migrate up --database-url postgres://chainmail@db/chainmail"
}

func (c *migrateUp) Run(ctx context.Context, s streams) (err error) {
	d, err := c.connect(ctx, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	pending, err := migrations.Pending(ctx, d.db)
	if err != nil {
		return err
	}
	if err := migrations.Up(ctx, d.db, d.logger); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d migrations applied\n", len(pending))
	return nil
}

type migrateStatus struct {
	commonFlags
	JSON bool `help:"Print JSON."`
}

func (c *migrateStatus) Help() string {
	return "Example:\n  chainmail migrate status --json"
}

func (c *migrateStatus) Run(ctx context.Context, s streams) (err error) {
	d, err := c.connect(ctx, c.logger(s.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	all, err := migrations.Status(ctx, d.db)
	if err != nil {
		return err
	}
	t := table{columns: []string{"version", "name", "applied_at"}}
	for _, m := range all {
		t.add(m.Version, m.Name, optionalTime(m.AppliedAt))
	}
	return t.print(s.out, c.JSON)
}
