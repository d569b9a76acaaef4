package main

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/projections/batches"
)

// checkLogKey reports whether the log's current key is here.
func (c *doctorCommand) checkLogKey(ctx context.Context, log *eventstore.Log, d *diagnosis) (have bool) {
	keys, err := logkey.ReadAnnounced(ctx, log)
	if err != nil {
		d.add("log key", err, "", "run 'chainmail replay'")
		return false
	}
	if len(keys) == 0 {
		d.add("log key", nil, "the log is empty; its key is made with it", "")
		return false
	}
	d.LogKey = keys[0].Verifier
	for _, k := range keys {
		d.LogKeys = append(d.LogKeys, k.Verifier)
	}
	file, err := c.path(&c.databaseFlags)
	if err == nil {
		_, err = file.current(d.LogKey)
	}
	if err != nil {
		d.add("log key", err, "", "set --log-key-file to the log's current key; without it messages are served and never sealed"+
			" (if it is lost, see docs/operations.md)")
		return false
	}
	d.add("log key", file.exposed(), string(file), fmt.Sprintf("run 'chmod 600 %s', and 'chainmail log-key rotate' if others had access", file))
	return true
}

// overdue is how long an event may wait for its seal before something is wrong: longer than any
// sensible --batch-interval.
const overdue = 10 * time.Minute

// waitingSQL finds the first event after a position that is no seal. Between two batches there are seldom
// more than a few seals, so few rows are passed over.
const waitingSQL = `
	SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float8
	FROM events
	WHERE position > $1 AND type <> 'MerkleBatchSealed'
	ORDER BY position
	LIMIT 1`

// checkSeals says how far the log is sealed. That something waits is wrong only where nobody can seal it.
func checkSeals(ctx context.Context, log *eventstore.Log, haveKey bool, d *diagnosis) {
	last, err := lastSeal(ctx, log)
	if err == nil {
		err = checkTree(ctx, log, last)
	}
	var waits time.Duration
	if err == nil {
		waits, err = waiting(ctx, log, last.LastPosition)
	}
	if err != nil {
		d.add("seals", err, "", "run 'chainmail replay', which says where the log went wrong")
		return
	}
	detail := fmt.Sprintf("up to position %d", last.LastPosition)
	if waits > 0 {
		detail += fmt.Sprintf("; what comes after has waited for %s (a running server seals it)", waits)
	}
	if waits > overdue && !haveKey {
		err = fmt.Errorf("nothing after position %d is sealed, for %s", last.LastPosition, waits)
	}
	d.add("seals", err, detail, "start a server that has the log's current key")
}

// waiting returns for how long the first event after a position that is no seal has waited, a second at least; 0 if there is none.
func waiting(ctx context.Context, log *eventstore.Log, sealed domain.Position) (time.Duration, error) {
	var age float64
	err := log.DB().QueryRowContext(ctx, waitingSQL, int64(sealed)).Scan(&age)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look for what is not sealed: %w", err)
	}
	return max(time.Duration(age*float64(time.Second)).Round(time.Second), time.Second), nil
}

// lastSeal returns the last seal, one of nothing if there is none.
func lastSeal(ctx context.Context, log *eventstore.Log) (*domain.MerkleBatchSealed, error) {
	e, err := log.Last(ctx, domain.SealStream)
	if err != nil || e == nil {
		return new(domain.MerkleBatchSealed), err
	}
	data, err := domain.Decode(*e)
	if err != nil {
		return nil, err
	}
	seal, ok := data.(*domain.MerkleBatchSealed)
	if !ok {
		return nil, fmt.Errorf("a %s at position %d in the stream of seals", e.Type, e.Position)
	}
	return seal, nil
}

// checkTree compares the last seal with the tree as it is stored.
func checkTree(ctx context.Context, log *eventstore.Log, last *domain.MerkleBatchSealed) error {
	if last.TreeSize == 0 {
		return nil
	}
	tree, err := batches.Tree{DB: log.DB()}.Range(ctx, last.TreeSize)
	if err != nil {
		return err
	}
	if root := tree.Root(); hex.EncodeToString(root[:]) != last.RootHash {
		return fmt.Errorf("the tree of %d events has another root than the seal says", last.TreeSize)
	}
	return nil
}
