package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"chainmail/eventstore"
	"chainmail/projections/batches"
)

// ErrEmpty says that a log has no event, though a checkpoint of one was kept: there is nothing to serve, and a new log must not begin
// in its place by itself.
var ErrEmpty = errors.New("the log is empty, and a checkpoint was kept")

// interval is how often a keeper looks for a newer checkpoint: a seal comes each ten seconds, or each 1,024 events.
const interval = time.Second

// Keeper keeps the last checkpoint that this server saw. Its methods may be called from anywhere, Run once.
type Keeper struct {
	log    *eventstore.Log
	file   File
	logger *slog.Logger
	size   atomic.Int64 // of the kept checkpoint; 0 while there is none on disk

	// Owned by Run.
	trouble string // why nothing newer is kept, as it was last told; empty when it is
}

// Open compares the log, which does not run yet, with what is kept, and cuts it short where it lacks any of that. It has the log
// ask again whenever it has connected anew. For an empty log it returns ErrEmpty if anything is kept. An error says that nothing is
// known, so that the log must not run.
func Open(ctx context.Context, log *eventstore.Log, file File, logger *slog.Logger) (*Keeper, error) {
	k := &Keeper{log: log, file: file, logger: logger}
	c, err := file.Compare(ctx, log)
	switch {
	case err != nil:
		return nil, fmt.Errorf("compare the log with the kept checkpoint: %w", err)
	case c.Problem != nil && c.Head == 0:
		return nil, fmt.Errorf("%w at %s: %w", ErrEmpty, file, c.Problem)
	case c.Problem != nil:
		_ = log.CutShort(c.Problem) // it is the log's to tell
	case c.Back:
		logger.Info("what the log had lost is there again", "file", string(file))
		if err := file.forgetLost(); err != nil {
			return nil, err
		}
	}
	k.size.Store(c.Kept.Size)
	log.Vouch(k.Check)
	return k, nil
}

// Size is the tree size of the checkpoint on disk; 0 while there is none.
func (k *Keeper) Size() int64 { return k.size.Load() }

// Check compares the log with what is kept, and cuts it short where it lacks any of that: eventstore.ErrCutShort. Other errors say
// that nothing is known.
func (k *Keeper) Check(ctx context.Context) error {
	c, err := k.file.Compare(ctx, k.log)
	if err != nil {
		return err
	}
	if c.Problem != nil {
		return k.log.CutShort(c.Problem)
	}
	return nil
}

// Run keeps newer checkpoints as the log gets them, until ctx ends. A log that is cut short is left alone, once what it lost
// is noted.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		err := k.step(ctx)
		if ctx.Err() != nil {
			return nil
		}
		k.report(err)
		select {
		case <-ctx.Done():
			return nil
		case <-k.log.Doubted():
			if err := k.noteLoss(k.log.Doubt()); err != nil {
				k.logger.Error("what the log has lost cannot be noted: the next start will not know", "error", err)
			}
			<-ctx.Done()
			return nil
		case <-tick.C:
		}
	}
}

// noteLoss writes down what this process alone knows to be lost.
func (k *Keeper) noteLoss(doubt error) error {
	var lost *eventstore.Lost
	if !errors.As(doubt, &lost) {
		return nil // the kept checkpoint itself tells
	}
	if there, err := k.file.readLost(); err != nil || there != nil {
		return err
	}
	unlock, err := k.file.lock()
	if err != nil {
		return err
	}
	defer unlock()
	return k.file.writeLost(lost, time.Now())
}

// step keeps the log's latest checkpoint if it is newer than the kept one.
func (k *Keeper) step(ctx context.Context) error {
	batch, found, err := batches.Tree{DB: k.log.DB()}.Latest(ctx)
	if err != nil || !found || batch.TreeSize <= k.size.Load() {
		return err
	}
	kept, err := k.file.Compare(ctx, k.log)
	switch {
	case err != nil:
		return err
	case kept.Problem != nil:
		return k.log.CutShort(kept.Problem)
	case kept.Kept.Size >= batch.TreeSize: // another server that shares the file was faster
		k.size.Store(kept.Kept.Size)
		return nil
	}
	if err := verify(ctx, k.log, batch); err != nil {
		return err
	}
	done, err := k.file.keep(batch.Checkpoint, kept.Signed)
	if err != nil {
		return fmt.Errorf("%w: %w", errFile, err)
	}
	if !done {
		return nil // another server was faster: the next look finds its checkpoint
	}
	k.size.Store(batch.TreeSize)
	return nil
}

// errFile says that a checkpoint could not be written.
var errFile = errors.New("write the checkpoint")

// report tells once why no newer checkpoint is kept. Of a database that is away, and of a log that is cut short, others tell.
func (k *Keeper) report(err error) {
	switch {
	case err == nil:
		k.trouble = ""
	case !errors.Is(err, errFile) && !errors.Is(err, errContradicts):
		k.logger.Debug("cannot look for a newer checkpoint", "error", err)
	case k.trouble != err.Error():
		k.trouble = err.Error()
		k.logger.Warn("the log's latest checkpoint is not kept; this server goes on without", "error", err)
	}
}
