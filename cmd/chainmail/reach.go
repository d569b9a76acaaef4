package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/lib/pq"

	"chainmail/eventstore"
)

// reachTimeout is how long a command waits for a database that does not answer.
const reachTimeout = 30 * time.Second

// insufficientPrivilege is PostgreSQL's code for what a role may not do.
const insufficientPrivilege = "42501"

// withAdvice says what to do about an error of the database's, where its own words don't.
func withAdvice(err error) error {
	if lacksRight(err) {
		return fmt.Errorf("%w: the database's role lacks a right; %s", err, rightsAdvice)
	}
	return err
}

// rightsAdvice is what to do where lacksRight.
const rightsAdvice = "give the address of one that has it, or grant it by deploy/grants.sql (docs/operations.md, \"Roles\")"

// lacksRight reports whether the database refused what its role may not do.
func lacksRight(err error) bool {
	var refused *pq.Error
	return errors.As(err, &refused) && refused.Code == insufficientPrivilege
}

// open opens a pool and waits until its database answers.
func open(ctx context.Context, dsn string, pool func(string) (*sql.DB, error)) (*sql.DB, error) {
	db, err := pool(dsn)
	if err != nil {
		// The error quotes the address, password and all.
		return nil, errors.New("the database address cannot be read: give one like postgres://user:password@host/database")
	}
	if err := await(ctx, db); err != nil {
		if ctx.Err() == nil {
			does := "does not answer"
			if hopeless(err) {
				does = "refuses"
			}
			err = fmt.Errorf("the database at %s %s: %w", eventstore.Masked(dsn), does, err)
		}
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// hopeless reports whether a database was reached and refuses what no waiting mends: a wrong password, a role or a database that
// there is not. Of several hosts all have to.
func hopeless(err error) bool {
	if each, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(each.Unwrap(), func(err error) bool { return !hopeless(err) })
	}
	if refused, ok := err.(*pq.Error); ok {
		// PostgreSQL, appendix A: invalid authorization, no such database, no right to connect to it.
		return refused.Code.Class() == "28" || refused.Code == "3D000" || refused.Code == insufficientPrivilege
	}
	if err == pq.ErrSSLNotSupported {
		return true // the address demands TLS
	}
	inner := errors.Unwrap(err)
	return inner != nil && hopeless(inner)
}

// await waits until the database answers, for reachTimeout at most, or until it is hopeless.
func await(ctx context.Context, db *sql.DB) error {
	deadline := time.Now().Add(reachTimeout)
	for {
		attempt, cancel := context.WithDeadline(ctx, deadline)
		err := db.PingContext(attempt)
		cancel()
		if err == nil || hopeless(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return err
		}
	}
}
