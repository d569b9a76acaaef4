package eventstore

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/lib/pq"
)

// away marks what a database that is away or shutting down makes of a read as ErrUnavailable, so
// that callers can tell it from a fault.
func away(err error) error {
	var server *pq.Error
	var network *net.OpError
	switch {
	case errors.As(err, &server):
		switch server.Code.Class() {
		case "08", "53", "57": // connection, resources, operator
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		if server.Code == readOnly {
			return fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
	case errors.As(err, &network), errors.Is(err, driver.ErrBadConn), errors.Is(err, sql.ErrConnDone),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
