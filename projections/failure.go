package projections

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"

	"chainmail/domain"
)

// failure is why a projection does not get past a position.
type failure struct {
	position domain.Position
	reason   string
}

// eventError says which event could not be applied.
type eventError struct {
	event domain.Event
	err   error
}

func (e *eventError) Error() string {
	return fmt.Sprintf("apply %s at %d: %v", e.event.Type, e.event.Position, e.err)
}

func (e *eventError) Unwrap() error { return e.err }

// panicError is what Apply panicked with.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// gapError says that the log lacks what comes after a position.
type gapError struct{ after domain.Position }

func (e *gapError) Error() string {
	return fmt.Sprintf("the log has a gap after position %d: run replay", e.after)
}

// describe turns an error into the failure that is recorded and shown. next is the first event that
// was not applied.
func describe(err error, next domain.Position) failure {
	var at *eventError
	switch {
	case errors.As(err, &at) && errors.Is(err, domain.ErrUnknownType):
		return failure{at.event.Position, fmt.Sprintf("event type %s is newer than this server: update it", at.event.Type)}
	case errors.As(err, &at):
		return failure{at.event.Position, fmt.Sprintf("%s cannot be applied: %v", at.event.Type, at.err)}
	}
	return failure{next, err.Error()}
}

// transient reports whether the database, rather than an event, is the cause: trying the same again
// may go well.
func transient(err error) bool {
	var ours *eventError
	var fromServer *pq.Error
	var network net.Error
	switch {
	case errors.As(err, &ours):
		return false
	case errors.As(err, &fromServer):
		return transientClass(fromServer)
	case errors.As(err, &network),
		errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return true
	}
	return false
}

// transientClass knows an error by its class (PostgreSQL, appendix A).
func transientClass(err *pq.Error) bool {
	const readOnlyTransaction = "25006" // the server has become a standby
	switch err.Code.Class() {
	case "08", // connection
		"28", "3D", // who may connect, to what: seen while connecting again
		"40",       // serialization failure, deadlock
		"53",       // out of a resource
		"55",       // locked
		"57", "58": // ended by an operator; the system's own errors
		return true
	}
	return err.Code == readOnlyTransaction
}
