package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"chainmail/audit"
	"chainmail/domain"
)

type replayCommand struct {
	commonFlags
	From         *int64 `placeholder:"P" help:"Show events from this position on."`
	To           *int64 `placeholder:"P" help:"Show events up to this position."`
	Until        string `placeholder:"TIME" help:"Show events up to this moment, as 2026-11-22T10:15:00Z."`
	Conversation string `placeholder:"UUID" help:"Show the events of a conversation."`
	Message      string `placeholder:"UUID" help:"Show the events of a message. As text they end with its seal."`
	User         string `placeholder:"UUID" help:"Show the events that name a user or that he caused."`
	Format       string `enum:"text,json" default:"text" help:"One of ${enum}."`
	State        bool   `help:"Print the state tables as of --to and --until."`
	Checkpoint   string `placeholder:"FILE" help:"A checkpoint that was kept elsewhere: the log must still begin with it."`
	Export       string `placeholder:"FILE" help:"Write every event to a new file; one that ends in .gz is compressed. Nothing is shown."`
	File         string `placeholder:"FILE" help:"Read what --export wrote instead of a database."`
	LogKey       string `placeholder:"KEY" help:"A verifier key of the log that you trust, or a file with such keys, as /api/log-key gives them. Required with --file."`
}

func (c *replayCommand) Help() string {
	return "The whole log is always read and verified; the flags choose what is shown of it. Times are UTC." +
		" Exit status 1 says that something is wrong with the log.\n\n" +
		"Examples:\n  chainmail replay --message 01890a5d-ac96-774b-bcce-b302099a8057\n" +
		"  chainmail replay --until 2026-11-22T10:15:00Z --state --format json\n" +
		"  chainmail replay --export log.jsonl.gz\n" +
		"  chainmail replay --file log.jsonl.gz --log-key trusted.keys"
}

func (c *replayCommand) Run(ctx context.Context, s streams) (err error) {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	options, err := c.options()
	if err != nil {
		return err
	}
	bar := newProgress(s.err)
	r := &replay{command: c, filter: filter, streams: s, progress: bar, reading: tenths{bar: bar}}
	if c.Export != "" {
		if r.export, err = createExport(c.Export, time.Now()); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.export.discard()) }()
	}
	if r.source, err = c.open(ctx, s); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.source.Close()) }()
	return r.run(ctx, options)
}

// filter reads the flags that choose what is shown, and refuses those that contradict one another.
func (c *replayCommand) filter() (f audit.Filter, err error) {
	for _, p := range []struct {
		name  string
		given *int64
		into  *domain.Position
	}{{"--from", c.From, &f.From}, {"--to", c.To, &f.To}} {
		if p.given == nil {
			continue
		}
		if *p.given < 1 {
			return f, fmt.Errorf("%s is %d: positions begin at 1", p.name, *p.given)
		}
		*p.into = domain.Position(*p.given)
	}
	if f.To > 0 && f.From > f.To {
		return f, fmt.Errorf("--from is %d and --to is %d: nothing lies between", f.From, f.To)
	}
	if c.Until != "" {
		if f.Until, err = time.Parse(time.RFC3339Nano, c.Until); err != nil {
			return f, fmt.Errorf("--until is %q: give a time with its zone, as 2026-11-22T10:15:00Z", c.Until)
		}
	}
	for _, id := range []struct {
		name, given string
		into        *domain.ID
	}{
		{"--conversation", c.Conversation, &f.Conversation},
		{"--message", c.Message, &f.Message},
		{"--user", c.User, &f.User},
	} {
		if id.given == "" {
			continue
		}
		if *id.into, err = domain.ParseID(id.given); err != nil {
			return f, fmt.Errorf("%s: %w", id.name, err)
		}
	}
	switch {
	case c.Export != "" && c.File != "":
		return f, errors.New("--export writes what a database has, and --file reads no database: copy the file instead")
	case c.Export != "" && f != (audit.Filter{}):
		return f, errors.New("--export writes the whole log: leave out --from, --to, --until, --conversation, --message and --user")
	case c.File != "" && c.LogKey == "":
		return f, errors.New("--file needs --log-key, a key that you trust: the file's own word for it is worth nothing")
	}
	return f, nil
}

// options reads what is held against the log.
func (c *replayCommand) options() (o audit.Options, err error) {
	if c.LogKey != "" {
		if o.TrustedKeys, err = trustedKeys(c.LogKey); err != nil {
			return o, fmt.Errorf("--log-key: %w", err)
		}
	}
	if c.Checkpoint != "" {
		signed, err := os.ReadFile(c.Checkpoint)
		if err != nil {
			return o, fmt.Errorf("--checkpoint: %w", err)
		}
		o.Checkpoints = map[string]string{c.Checkpoint: string(signed)}
	}
	return o, nil
}
