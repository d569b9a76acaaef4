package rebuild

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"chainmail/domain"
)

// BusyError says that another rebuild of the projection is under way.
type BusyError struct {
	Projection string
	PID        int // the process of its database session, 0 if it has just ended
}

func (e *BusyError) Error() string {
	return fmt.Sprintf("another rebuild of %s is running (database process %d): wait for it to end", e.Projection, e.PID)
}

// ForeignError names what hangs on a projection's tables and would be lost by a swap.
type ForeignError struct {
	Projection string
	Objects    []string
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("the tables of %s cannot be swapped while others depend on them: %s; drop these, rebuild, and make them again",
		e.Projection, strings.Join(e.Objects, ", "))
}

// ApplyError names the event that the projection cannot apply.
type ApplyError struct {
	Projection string
	Type       domain.Type
	Position   domain.Position
	Err        error
}

func (e *ApplyError) Error() string {
	if errors.Is(e.Err, domain.ErrUnknownType) {
		return fmt.Sprintf("rebuild %s: %s at position %d is newer than this release: update it", e.Projection, e.Type, e.Position)
	}
	return fmt.Sprintf("rebuild %s: %s at position %d cannot be applied: %v", e.Projection, e.Type, e.Position, e.Err)
}

func (e *ApplyError) Unwrap() error { return e.Err }

// BehindError says that the live tables know more than the log.
type BehindError struct {
	Projection string
	Head       domain.Position // the last in the log
	Live       domain.Position // the last that was applied to the live tables
}

func (e *BehindError) Error() string {
	return fmt.Sprintf("the log ends at position %d, but %s has applied %d: the log was cut; run replay", e.Head, e.Projection, e.Live)
}

// ChangedError says that the live tables were altered while the shadow was filled.
type ChangedError struct{ Projection string }

func (e *ChangedError) Error() string {
	return fmt.Sprintf("the definition of the tables of %s changed during the rebuild: run it again", e.Projection)
}

// CommitError says that the swap's commit failed, and that it is not known whether it took effect.
type CommitError struct {
	Projection string
	Err        error
}

func (e *CommitError) Error() string {
	return fmt.Sprintf("commit the swapped tables of %s (whether it took effect is not known; a rebuild may be run again): %v", e.Projection, e.Err)
}

func (e *CommitError) Unwrap() error { return e.Err }

// InterruptedError says that the context ended before anything was changed that others see.
type InterruptedError struct {
	Projection string
	Err        error // why the context ended
}

func (e *InterruptedError) Error() string {
	return fmt.Sprintf("interrupted; the tables of %s are as they were", e.Projection)
}

func (e *InterruptedError) Unwrap() error { return e.Err }

// interrupted makes an InterruptedError of what the end of ctx makes of a statement or a session. Other errors
// say more, also when ctx has ended meanwhile.
func interrupted(ctx context.Context, projection string, err error) error {
	var (
		commit *CommitError
		server *pq.Error
	)
	switch {
	case ctx.Err() == nil, errors.As(err, &commit):
		return err
	case errors.Is(err, ctx.Err()), errors.Is(err, sql.ErrTxDone), errors.Is(err, driver.ErrBadConn),
		errors.As(err, &server) && server.Code.Name() == "query_canceled":
		return &InterruptedError{projection, ctx.Err()}
	}
	return err
}

// VersionError says that the live tables are another version's, so that comparing shows nothing.
type VersionError struct {
	Projection string
	Live, Ours int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("the tables of %s are of version %d and this release builds version %d: run chainmail rebuild %s",
		e.Projection, e.Live, e.Ours, e.Projection)
}

// StaleError says that each comparison had content on one side alone, since it was erased meanwhile.
type StaleError struct {
	Projection string
	Position   domain.Position // of the live tables
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("content was erased each time that the tables of %s were compared, the last time at position %d: try again when less is erased",
		e.Projection, e.Position)
}

// blockedError says that the swap gave way to others.
type blockedError struct{ err error }

func (e *blockedError) Error() string { return fmt.Sprintf("gave way: %v", e.err) }
func (e *blockedError) Unwrap() error { return e.err }

// givesWay reports whether a statement ended because it would have had to wait for others.
func givesWay(err error) bool {
	var p *pq.Error
	if !errors.As(err, &p) {
		return false
	}
	switch p.Code.Name() {
	case "lock_not_available", "query_canceled", "deadlock_detected":
		return true
	}
	return false
}

// fromServer reports whether the database's state, not an event, is the cause.
func fromServer(err error) bool {
	var p *pq.Error
	if !errors.As(err, &p) {
		return false
	}
	switch p.Code.Class() {
	case "08", "40", "53", "55", "57", "58":
		return true
	}
	return false
}
