package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"chainmail/eventstore"
	"chainmail/projections/checkpoint"
)

type checkpointCommand struct {
	Show   checkpointShow   `cmd:"" help:"Print the kept checkpoint, the log's own, and whether the log contains the kept one."`
	Accept checkpointAccept `cmd:"" help:"Keep the log's own checkpoint instead, though the log lacks what was seen of it."`
}

func (checkpointCommand) Help() string {
	return "A server keeps the last checkpoint that it saw. A log that does not contain it is a restored backup, a failover that lost events, or worse:" +
		" the server says so, is unready and appends nothing until somebody decides which log is right.\n\nExample:\n  chainmail checkpoint show"
}

type checkpointShow struct {
	commonFlags
	JSON bool `help:"Print JSON."`
}

func (c *checkpointShow) Help() string {
	return "Exit status 1 says that the log lacks what is kept.\n\nExample:\n  chainmail checkpoint show --json"
}

func (c *checkpointShow) Run(ctx context.Context, s streams) (err error) {
	k, err := c.compare(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	if c.JSON {
		err = printJSON(s.out, k.shown())
	} else {
		k.print(s.out)
	}
	if err == nil && k.Problem != nil {
		err = errSilent
	}
	return err
}

type checkpointAccept struct {
	commonFlags
	JSON bool `help:"Print JSON."`
}

func (c *checkpointAccept) Help() string {
	return "First make sure that the right log is not to be had any more: what it lacks is lost for good once people go on with it." +
		" The kept checkpoint is set aside beside the new one, as evidence. Do it where each server keeps its own, then restart them.\n\n" +
		"Example:\n  chainmail checkpoint accept --data-dir /var/lib/chainmail"
}

func (c *checkpointAccept) Run(ctx context.Context, s streams) (err error) {
	k, err := c.compare(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	accepted := k.shown()
	if k.Problem != nil {
		if accepted.Aside, err = k.file.Accept(k.signed, time.Now()); err != nil {
			return fmt.Errorf("keep the log's checkpoint: %w", err)
		}
		accepted.Accepted = true
	}
	if c.JSON {
		return printJSON(s.out, accepted)
	}
	k.print(s.out)
	if k.Problem == nil {
		fmt.Fprintln(s.out, "nothing to accept")
		return nil
	}
	for _, name := range accepted.Aside {
		fmt.Fprintf(s.out, "set aside: %s\n", name)
	}
	fmt.Fprintln(s.out, "accepted: restart the servers that keep their checkpoint here; those that run take nothing before")
	return nil
}

// keptState is what is kept, held against a log that is open.
type keptState struct {
	*session
	checkpoint.Comparison
	file   checkpoint.File
	signed string // the log's latest checkpoint, empty while there is none
	size   int64  // its tree size
}

func (f *commonFlags) compare(ctx context.Context, s streams) (_ *keptState, err error) {
	k := new(keptState)
	if k.file, err = f.checkpointFlags.kept(&f.databaseFlags); err != nil {
		return nil, err
	}
	if k.session, err = openReading(ctx, f, f.logger(s.err)); err != nil {
		return nil, err
	}
	if k.Comparison, err = k.file.Compare(ctx, k.log); err == nil {
		k.signed, k.size, err = checkpoint.Latest(ctx, k.log)
	}
	if err != nil {
		return nil, errors.Join(err, k.close())
	}
	return k, nil
}

// shownCheckpoint is what both commands print as JSON.
type shownCheckpoint struct {
	File         string   `json:"file"`
	KeptTreeSize int64    `json:"kept_tree_size"` // 0: none is kept
	KeptOrigin   string   `json:"kept_origin,omitempty"`
	Kept         string   `json:"kept,omitempty"`
	LostPosition int64    `json:"lost_position,omitempty"` // of the latest event that is known to be gone
	LogPosition  int64    `json:"log_position"`
	LogTreeSize  int64    `json:"log_tree_size"`
	Log          string   `json:"log,omitempty"`
	Contained    bool     `json:"contained"`
	Problem      string   `json:"problem,omitempty"`
	Accepted     bool     `json:"accepted,omitempty"`
	Aside        []string `json:"aside,omitempty"`
}

func (k *keptState) shown() shownCheckpoint {
	shown := shownCheckpoint{
		File: string(k.file), KeptTreeSize: k.Kept.Size, KeptOrigin: k.Kept.Origin, Kept: k.Signed,
		LogPosition: int64(k.Head), LogTreeSize: k.size, Log: k.signed,
		Contained: k.Problem == nil,
	}
	if k.Lost != nil && !k.Back {
		shown.LostPosition = int64(k.Lost.Position)
	}
	if k.Problem != nil {
		shown.Problem = k.Problem.Error()
	}
	return shown
}

func (k *keptState) print(w io.Writer) {
	fmt.Fprintf(w, "file      %s\n", k.file)
	if k.Signed == "" {
		fmt.Fprintln(w, "kept      none: a server keeps the first one that it sees")
	} else {
		fmt.Fprintf(w, "kept      %d events of %s\n", k.Kept.Size, k.Kept.Origin)
	}
	fmt.Fprintf(w, "log       %d events, sealed up to %d\n", k.Head, k.size)
	if k.Problem == nil {
		if k.Signed != "" {
			fmt.Fprintln(w, "contained yes")
		}
		return
	}
	fmt.Fprintf(w, "contained NO: %v\n", k.Problem)
	last := k.Kept.Size
	if k.Lost != nil {
		last = max(last, int64(k.Lost.Position))
	}
	if last > int64(k.Head) {
		fmt.Fprintf(w, "lost      positions %d to %d at least\n", k.Head+1, last)
	}
}

// checkKept compares the log with the kept checkpoint.
func (c *doctorCommand) checkKept(ctx context.Context, log *eventstore.Log, d *diagnosis) {
	const advice = "nothing is appended: find out which log is right (docs/operations.md, \"When the log is not the one that was seen\")," +
		" and restore it, or run 'chainmail checkpoint accept'; then restart the servers"
	file, err := c.checkpointFlags.kept(&c.databaseFlags)
	var kept checkpoint.Comparison
	if err == nil {
		kept, err = file.Compare(ctx, log)
	}
	if err == nil {
		err = kept.Problem
	}
	detail := fmt.Sprintf("none is kept at %s yet", file)
	if kept.Signed != "" {
		detail = fmt.Sprintf("%d events, kept at %s", kept.Kept.Size, file)
	}
	d.add("checkpoint", err, detail, advice)
}
