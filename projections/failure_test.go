package projections

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/lib/pq"

	"chainmail/domain"
)

func TestTransient(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  error
		want bool
	}{
		"connection gone":  {driver.ErrBadConn, true},
		"end of file":      {fmt.Errorf("read: %w", io.EOF), true},
		"refused":          {&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		"cancelled":        {context.Canceled, true},
		"admin shutdown":   {&pq.Error{Code: "57P01"}, true},
		"deadlock":         {fmt.Errorf("write: %w", &pq.Error{Code: "40P01"}), true},
		"disk full":        {&pq.Error{Code: "53100"}, true},
		"standby":          {&pq.Error{Code: "25006"}, true},
		"unique violation": {&pq.Error{Code: "23505"}, false},
		"not UTF-8":        {&pq.Error{Code: "22021"}, false},
		"unknown type":     {domain.ErrUnknownType, false},
		"of an event":      {&eventError{domain.Event{}, io.EOF}, false},
		"anything else":    {errors.New("no such thing"), false},
	}
	for name, test := range tests {
		if got := transient(test.err); got != test.want {
			t.Errorf("%s: %t, want %t", name, got, test.want)
		}
	}
}

func TestDoubled(t *testing.T) {
	t.Parallel()
	for times, want := range []time.Duration{1, 2, 4, 8, 10, 10} {
		if got := doubled(1, 10, times); got != want {
			t.Errorf("%d times: %d, want %d", times, got, want)
		}
	}
	if got := doubled(1, 10, 1<<30); got != 10 {
		t.Errorf("for ever: %d, want 10", got)
	}
}
