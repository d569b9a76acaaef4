package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"chainmail/domain"
	"chainmail/eventstore/logkey"
)

type logKeyCommand struct {
	Show   logKeyShow   `cmd:"" help:"Print the log's verifier keys, the newest first."`
	Rotate logKeyRotate `cmd:"" help:"Make a new key, announce it in the log, and print its verifier key."`
}

func (logKeyCommand) Help() string {
	return "The key signs the log's checkpoints; whoever verifies has a verifier key.\n\nExample:\n  chainmail log-key show"
}

type logKeyShow struct {
	commonFlags
	JSON bool `help:"Print JSON, with where each key was announced, which is current and which secrets are here."`
}

func (c *logKeyShow) Help() string { return "Example:\n  chainmail log-key show --json" }

func (c *logKeyShow) Run(ctx context.Context, s streams) (err error) {
	keys, err := announcedKeys(ctx, &c.commonFlags, c.logger(s.err))
	if err != nil {
		return err
	}
	file, err := c.path(&c.databaseFlags)
	if err != nil {
		return err
	}
	t := table{columns: []string{"key", "position", "current", "here"}}
	for i, k := range keys {
		if !c.JSON {
			fmt.Fprintln(s.out, k.Verifier)
		}
		t.add(k.Verifier, k.Position, i == 0, file.has(k.Verifier))
	}
	if !c.JSON {
		return nil
	}
	return t.print(s.out, true)
}

// announcedKeys reads the log's keys, the newest first. An empty log has none, which is a finding.
func announcedKeys(ctx context.Context, flags *commonFlags, logger *slog.Logger) (_ []logkey.Announced, err error) {
	d, err := flags.connect(ctx, logger)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.migrate(ctx); err != nil {
		return nil, err
	}
	log, err := d.openLog(ctx, logger)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	keys, err := logkey.ReadAnnounced(ctx, log)
	if err == nil && len(keys) == 0 {
		err = finding{errors.New("the log is empty: its key is made with it, by 'chainmail serve'")}
	}
	return keys, err
}

// has reports whether the secret of a verifier key is in the file or beside it.
func (f keyFile) has(verifier string) bool {
	for _, file := range []keyFile{f, f.next(), f.retired(verifier)} {
		if key, err := file.read(); err == nil && key.Verifier == verifier {
			return true
		}
	}
	return false
}

type logKeyRotate struct {
	commonFlags
}

func (c *logKeyRotate) Help() string {
	return "It may run while servers do: those that share the key's file take the new key from it by themselves. Give it to the others.\n" +
		"The old key is kept beside the new one, with its hash behind the name.\n\nExample:\n  chainmail log-key rotate"
}

func (c *logKeyRotate) Run(ctx context.Context, s streams) (err error) {
	logger := c.logger(s.err)
	if _, err := announcedKeys(ctx, &c.commonFlags, logger); err != nil {
		return err
	}
	open, err := openSession(ctx, &c.commonFlags, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, open.close()) }()
	file, err := c.path(&c.databaseFlags)
	if err != nil {
		return err
	}
	unlock, err := file.lock()
	switch {
	case errors.Is(err, errLocked):
		return finding{err}
	case errors.Is(err, fs.ErrNotExist):
		return finding{fmt.Errorf("there is no key at %s: %s", file, lostKeyAdvice)}
	case err != nil:
		return err
	}
	defer unlock()
	r := rotation{open, file}
	verifier, err := r.run(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, verifier)
	return nil
}

// rotation changes the log's key. Its steps are such that it may be cut short after each: the new key is written before it
// is announced, and becomes the current file only after.
type rotation struct {
	*session
	file keyFile
}

const lostKeyAdvice = "only the log's current key can announce another: set --log-key-file to it (if it is lost, see docs/operations.md)"

// run returns the new verifier key. One that was announced by a rotation that was cut short is not replaced
// again: then only the files are set right.
func (r rotation) run(ctx context.Context) (string, error) {
	if err := r.view.Refresh(ctx); err != nil {
		return "", err
	}
	if current := r.current(); r.announced(current) {
		return current, r.adopt(current)
	}
	old, err := r.file.current(r.current())
	if err != nil {
		return "", finding{fmt.Errorf("%w: %s", err, lostKeyAdvice)}
	}
	next, err := r.file.makeNext(old.Origin())
	if err != nil {
		return "", fmt.Errorf("make a key: %w", err)
	}
	if err := r.announce(ctx, old, next); err != nil {
		return "", err
	}
	return next.Verifier, r.adopt(next.Verifier)
}

// current is the log's verifier key.
func (r rotation) current() (verifier string) {
	r.view.Read(func(state *domain.State) { verifier = state.SealingKey(r.created.PublicKey) })
	return verifier
}

// announced reports whether the next key has become the log's, and its file has not.
func (r rotation) announced(current string) bool {
	next, err := r.file.next().read()
	return err == nil && next.Verifier == current
}

func (r rotation) adopt(verifier string) error {
	if err := r.file.replace(verifier); err != nil {
		return fmt.Errorf("the new key is announced and lies at %s; move it to %s: %w", r.file.next(), r.file, err)
	}
	return nil
}

// announce appends the event by which the new key takes over.
func (r rotation) announce(ctx context.Context, old, next *logkey.Key) error {
	event, err := logkey.Announce(old, next)
	if err != nil {
		return err
	}
	var d domain.Decision
	r.view.Read(func(state *domain.State) { d = state.RotateLogKey(byOperator, event) })
	results, err := r.log.Append(ctx, d)
	if err != nil {
		return fmt.Errorf("announce the new key, which is kept at %s; run 'chainmail log-key rotate' again: %w", r.file.next(), err)
	}
	if !results[0].Conflict {
		return nil
	}
	if err := r.view.Refresh(ctx); err != nil {
		return err
	}
	if r.announced(r.current()) {
		return nil // by an earlier rotation, whose answer was lost
	}
	if err := os.Remove(string(r.file.next())); err != nil {
		return err
	}
	return finding{fmt.Errorf("another key was announced meanwhile: %s", r.current())}
}
