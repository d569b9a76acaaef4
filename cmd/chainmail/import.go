package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chainmail/audit"
	"chainmail/domain"
	"chainmail/eventstore/restore"
	"chainmail/migrations"
)

type importCommand struct {
	commonFlags
	File   string `arg:"" help:"What replay --export wrote."`
	LogKey string `placeholder:"KEY" help:"A verifier key of the log that you trust, or a file with such keys, as /api/log-key gives them. Required."`
}

func (c *importCommand) Help() string {
	return "The file is verified as replay does it. Where anything is wrong with it, nothing is stored." +
		" A server on the database then goes on with the log; to seal it needs the log's own key file.\n\n" +
		"Example:\n  chainmail import log.jsonl.gz --log-key trusted.keys --database-url postgres://chainmail@db/chainmail"
}

func (c *importCommand) Run(ctx context.Context, s streams) (err error) {
	if c.LogKey == "" {
		return errors.New("import needs --log-key, a key that you trust: the file's own word for it is worth nothing")
	}
	keys, err := trustedKeys(c.LogKey)
	if err != nil {
		return fmt.Errorf("--log-key: %w", err)
	}
	file, err := audit.OpenFile(c.File)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	logger := c.logger(s.err)
	d, err := c.connect(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := demandNoEvents(ctx, d.db); err != nil {
		return err
	}
	if err := migrations.Up(ctx, d.db, d.logger); err != nil {
		return err
	}
	bar := newProgress(s.err)
	i := &importing{source: fileSource{file}, progress: bar, reading: tenths{bar: bar}, began: time.Now()}
	defer i.progress.end()
	head, err := i.run(ctx, d.db, audit.Options{TrustedKeys: keys}, s)
	if err != nil {
		return err
	}
	stored := time.Since(i.began)
	if err := i.project(ctx, d.own(), head, logger); err != nil {
		return fmt.Errorf("the log is stored, and what its projections lack the next server builds: %w", err)
	}
	i.progress.end()
	fmt.Fprintf(s.out, "%s events imported in %s (%s/s), projections built in %s\nno finding: the log verifies\n",
		audit.Count(i.events), stored.Round(10*time.Millisecond), audit.Count(perSecond(i.events, stored)),
		(time.Since(i.began) - stored).Round(10*time.Millisecond))
	return nil
}

// demandNoEvents refuses a database whose log has begun, before anything is done to it.
func demandNoEvents(ctx context.Context, db *sql.DB) error {
	var migrated, filled bool
	err := db.QueryRowContext(ctx, `SELECT to_regclass('events') IS NOT NULL`).Scan(&migrated)
	if err == nil && migrated {
		err = db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM events)`).Scan(&filled)
	}
	switch {
	case err != nil:
		return fmt.Errorf("look for events: %w", err)
	case filled:
		return refuseFilled()
	}
	return nil
}

func refuseFilled() error {
	return finding{fmt.Errorf("%w: an import needs an empty one, and nothing was stored", restore.ErrNotEmpty)}
}

// importing is one run of the import.
type importing struct {
	source   logSource
	progress *progress
	reading  tenths
	began    time.Time
	events   int64
	restore  *restore.Restore
	refused  error // why events are no longer stored; nil while they are
}

// run verifies and stores in one pass, and returns the last position. Nothing stays of a log with findings.
func (i *importing) run(ctx context.Context, db *sql.DB, options audit.Options, s streams) (head domain.Position, err error) {
	if i.restore, err = restore.Begin(ctx, db); err != nil {
		if errors.Is(err, restore.ErrNotEmpty) {
			return 0, refuseFilled()
		}
		return 0, err
	}
	defer func() { err = errors.Join(err, i.restore.Rollback()) }()
	i.progress.show("verifying and storing", 0)
	summary, err := verify(ctx, i.source, options, func(events []domain.Event) error {
		head = events[len(events)-1].Position
		return i.store(ctx, events)
	})
	i.progress.end()
	if err != nil {
		return 0, err
	}
	if len(summary.Findings) > 0 {
		printFindings(s.out, summary.Findings)
		fmt.Fprintln(s.out, "nothing was stored")
		return 0, errSilent
	}
	if i.refused != nil {
		return 0, finding{fmt.Errorf("nothing was stored: %w", i.refused)}
	}
	i.progress.show("committing", 1)
	return head, i.restore.Commit()
}

// store adds events. What the database rejects is no reason to end: the audit goes on, to say what is wrong.
func (i *importing) store(ctx context.Context, events []domain.Event) error {
	i.events += int64(len(events))
	if i.refused == nil {
		if err := i.restore.Add(ctx, events); errors.Is(err, restore.ErrRejected) {
			i.refused = err
		} else if err != nil {
			return err
		}
	}
	rate := fmt.Sprintf(", %s/s", audit.Count(perSecond(i.events, time.Since(i.began))))
	i.reading.show("verifying and storing", rate, i.source.done(0))
	return nil
}
