package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/eventstore/sealer"
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
		_, file, err = file.find(d.LogKey)
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
	last, err := sealer.LastSeal(ctx, log)
	if err == nil {
		err = checkTree(ctx, log, last)
	}
	var waits time.Duration
	if err == nil {
		waits, err = waiting(ctx, log, domain.Position(last.Size))
	}
	if err != nil {
		d.add("seals", err, "", "run 'chainmail replay', which says where the log went wrong")
		return
	}
	detail := fmt.Sprintf("up to position %d", last.Size)
	if waits > 0 {
		detail += fmt.Sprintf("; what comes after has waited for %s (a running server seals it)", waits)
	}
	if waits > overdue && !haveKey {
		err = fmt.Errorf("nothing after position %d is sealed, for %s", last.Size, waits)
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

// checkTree compares the last seal with the tree as it is stored.
func checkTree(ctx context.Context, log *eventstore.Log, last sealer.Seal) error {
	if last.Size == 0 {
		return nil
	}
	tree, err := batches.Tree{DB: log.DB()}.Range(ctx, last.Size)
	if err != nil {
		return err
	}
	if !last.Matches(&tree) {
		return fmt.Errorf("the tree of %d events has another root than the seal says", last.Size)
	}
	return nil
}
