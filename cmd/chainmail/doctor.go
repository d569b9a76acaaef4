package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

type doctorCommand struct {
	commonFlags
	redisFlags
	JSON bool `help:"Print JSON."`
}

func (c *doctorCommand) Help() string {
	return "Exit status 1 says that something is wrong; the last column says what to do.\n\nExample:\n  chainmail doctor --json"
}

// check is one thing that the doctor looked at.
type check struct {
	Name   string `json:"check"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Advice string `json:"advice,omitempty"` // what to do, where it is not OK
}

// diagnosis is all of them.
type diagnosis struct {
	DatabaseURL string   `json:"database_url"`
	LogID       string   `json:"log_id,omitempty"`
	Position    int64    `json:"position"`
	LogKey      string   `json:"log_key,omitempty"`  // the log's current verifier key
	LogKeys     []string `json:"log_keys,omitempty"` // all of them, the newest first
	OK          bool     `json:"ok"`
	Checks      []check  `json:"checks"`
}

func (d *diagnosis) add(name string, problem error, detail, advice string) {
	c := check{Name: name, OK: problem == nil, Detail: detail}
	if problem != nil {
		c.Detail, c.Advice = problem.Error(), advice
	}
	d.Checks = append(d.Checks, c)
}

func (c *doctorCommand) Run(ctx context.Context, s streams) (err error) {
	logger := c.logger(s.err)
	database, err := c.connect(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.close()) }()
	d := &diagnosis{DatabaseURL: database.masked()}
	if err := c.examine(ctx, database, d); err != nil {
		return err
	}
	d.OK = true
	for _, check := range d.Checks {
		d.OK = d.OK && check.OK
	}
	if c.JSON {
		err = printJSON(s.out, d)
	} else {
		err = d.print(s.out)
	}
	if err == nil && !d.OK {
		err = errSilent
	}
	return err
}

func (c *doctorCommand) examine(ctx context.Context, database *database, d *diagnosis) error {
	checkSettings(ctx, database.db, d)
	checkWrites(ctx, database.db, d)
	checkClock(ctx, database.db, d)
	if !checkSchema(ctx, database.db, d) {
		return nil // the rest needs the schema
	}
	log, err := database.openLog(ctx, c.logger(io.Discard))
	if err != nil {
		return err
	}
	defer log.Close()
	d.Position = int64(log.Head())
	created, err := firstEvent(ctx, log)
	if err != nil {
		d.add("log", err, "", "run 'chainmail replay' and restore the log from a backup")
	}
	if created != nil {
		d.LogID = created.LogID.String()
	}
	c.checkKept(ctx, log, d)
	haveKey := c.checkLogKey(ctx, log, d)
	if created != nil {
		checkSeals(ctx, log, haveKey, d)
	}
	_, err = c.tokenKeys(&c.databaseFlags, false, c.logger(io.Discard))
	d.add("token key", err, "found", "set --jwt-secret or --jwt-jwks-url as for 'serve', or start 'serve' once")
	checkPartitions(ctx, database.db, log.Head(), d)
	checkProjections(ctx, database.db, log.Head(), d)
	checkTables(ctx, database.db, d)
	c.checkFanout(ctx, database, d)
	return nil
}

func (d *diagnosis) print(w io.Writer) error {
	fmt.Fprintf(w, "database  %s\n", d.DatabaseURL)
	if d.LogID != "" {
		fmt.Fprintf(w, "log       %s at position %d\n", d.LogID, d.Position)
	}
	for _, k := range d.LogKeys {
		fmt.Fprintf(w, "log key   %s\n", k)
	}
	fmt.Fprintln(w)
	t := table{columns: []string{"check", "result", "detail", "what to do"}}
	for _, c := range d.Checks {
		result := "ok"
		if !c.OK {
			result = "PROBLEM"
		}
		t.add(c.Name, result, c.Detail, c.Advice)
	}
	return t.print(w, false)
}

// maxClockSkew is by how much the database's clock, which dates events, may differ from the
// server's, which judges tokens.
const maxClockSkew = 2 * time.Second
