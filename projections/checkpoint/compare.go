package checkpoint

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/merkle"
	"chainmail/projections/batches"
)

// Comparison is what is kept, held against a log.
type Comparison struct {
	Signed string            // the kept note, empty if there is none
	Kept   merkle.Checkpoint // as far as it can be read
	Lost   *eventstore.Lost  // what a server noticed to be gone; nil if nothing
	Back   bool              // it is where it was
	Head   domain.Position   // of the log
	// Problem says what the log lacks, nil if it contains all that is kept.
	Problem error
}

// Compare holds what is kept against a log. An error says that it could not be found out.
func (f File) Compare(ctx context.Context, log *eventstore.Log) (c Comparison, err error) {
	if c.Signed, err = f.Read(); err != nil {
		return c, fmt.Errorf("read the kept checkpoint: %w", err)
	}
	if c.Head, err = log.Fresh(ctx); err != nil {
		return c, err
	}
	if c.Signed != "" {
		if c.Kept, err = merkle.ReadCheckpoint(c.Signed); err != nil {
			c.Problem = fmt.Errorf("what is kept at %s cannot be read: %w", f, err)
			return c, nil
		}
		if c.Problem, err = missing(ctx, log, c.Signed, c.Kept, c.Head); err != nil {
			return c, err
		}
	}
	if c.Lost, err = f.readLost(); err != nil {
		return c, fmt.Errorf("read what was lost: %w", err)
	}
	if c.Lost == nil {
		return c, nil
	}
	if c.Back, err = isBack(ctx, log, c.Lost); err == nil && !c.Back && c.Problem == nil {
		c.Problem = c.Lost
	}
	return c, err
}

// isBack reports whether the event that was lost is where it was. Where only its position was known, nobody can tell.
func isBack(ctx context.Context, log *eventstore.Log, lost *eventstore.Lost) (bool, error) {
	events, err := log.At(ctx, lost.Position)
	return len(events) == 1 && events[0].ID == lost.ID, err
}

// missing returns what keeps a log with a head from containing a checkpoint, nil if it does.
func missing(
	ctx context.Context, log *eventstore.Log, signed string, c merkle.Checkpoint, head domain.Position,
) (problem, err error) {
	verifiers, err := keysOf(ctx, log)
	if err != nil {
		return nil, err
	}
	switch {
	case len(verifiers) == 0:
		return fmt.Errorf("the log is empty, and had %d events", c.Size), nil
	case verifiers[0].Name() != c.Origin:
		return fmt.Errorf("this is another log, %s; the one that was seen is %s", verifiers[0].Name(), c.Origin), nil
	case c.Size > int64(head):
		return fmt.Errorf("the log has %d events, and had %d at least", head, c.Size), nil
	}
	if _, err := merkle.OpenCheckpoint(signed, verifiers...); err != nil {
		return fmt.Errorf("the checkpoint of %d events was not signed by a key that the log knows: %w", c.Size, err), nil
	}
	same, err := begins(ctx, log, c)
	if err != nil {
		return nil, err
	}
	if !same {
		return fmt.Errorf("the log's first %d events are not those that were seen: their tree has another root", c.Size), nil
	}
	return nil, nil
}

// begins reports whether a log begins with the tree of a checkpoint, which is not larger. The stored tree shows that it does; what
// else that says may be its own fault, and then the events' leaf hashes decide.
func begins(ctx context.Context, log *eventstore.Log, c merkle.Checkpoint) (bool, error) {
	stored := batches.Tree{DB: log.DB()}
	tree, err := stored.Range(ctx, c.Size)
	if err == nil && tree.Root() == c.Root {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if tree, err = stored.Recompute(ctx, c.Size); err != nil {
		return false, err
	}
	return tree.Root() == c.Root, nil
}

// keysOf returns the keys that the log says are its own, the newest first; none of an empty log.
func keysOf(ctx context.Context, log *eventstore.Log) ([]note.Verifier, error) {
	announced, err := logkey.ReadAnnounced(ctx, log)
	if err != nil {
		return nil, err
	}
	var verifiers []note.Verifier
	for _, key := range announced {
		v, err := note.NewVerifier(key.Verifier)
		if err != nil {
			return nil, fmt.Errorf("the log's key at position %d: %w", key.Position, err)
		}
		verifiers = append(verifiers, v)
	}
	return verifiers, nil
}

// Latest returns the log's newest checkpoint that the projection of seals has met, verified: signed by a key of
// the log, with the root that the events lead to. It is empty while there is none.
func Latest(ctx context.Context, log *eventstore.Log) (signed string, size int64, err error) {
	batch, found, err := batches.Tree{DB: log.DB()}.Latest(ctx)
	if err == nil && found {
		err = verify(ctx, log, batch)
	}
	return batch.Checkpoint, batch.TreeSize, err
}

// errContradicts says that a seal's checkpoint is not what its log's events and keys lead to.
var errContradicts = errors.New("it contradicts the log: run 'chainmail replay'")

// verify returns why a seal's checkpoint is not to be kept: errContradicts, or that it could not be found out.
func verify(ctx context.Context, log *eventstore.Log, batch batches.Batch) error {
	verifiers, err := keysOf(ctx, log)
	if err != nil {
		return err
	}
	c, err := merkle.OpenCheckpoint(batch.Checkpoint, verifiers...)
	if err != nil {
		return fmt.Errorf("the checkpoint of %d events: %w: %w", batch.TreeSize, errContradicts, err)
	}
	same := false
	if c.Size == batch.TreeSize && c.Root == batch.Root {
		if same, err = begins(ctx, log, c); err != nil {
			return err
		}
	}
	if !same {
		return fmt.Errorf("the checkpoint of %d events: %w", batch.TreeSize, errContradicts)
	}
	return nil
}
