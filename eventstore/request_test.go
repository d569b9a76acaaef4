package eventstore

import (
	"errors"
	"fmt"
	"testing"
)

// The commands of one request may go into several batches, with several fates. That nothing was stored is said only when it
// is true of all of them.
func TestARequestWithSeveralFates(t *testing.T) {
	t.Parallel()
	away := fmt.Errorf("%w: the connection was refused", ErrUnavailable)
	lost := fmt.Errorf("%w: the connection was reset", ErrUnknown)
	for name, test := range map[string]struct {
		errs []error
		want error
	}{
		"nothing was stored":             {[]error{away, away}, ErrUnavailable},
		"first lost, then away":          {[]error{lost, away}, ErrUnknown},
		"first away, then lost":          {[]error{away, lost}, ErrUnknown},
		"a result between, and one lost": {[]error{away, nil, lost}, ErrUnknown},
	} {
		r := &request{results: make([]Result, len(test.errs)), left: len(test.errs), done: make(chan struct{})}
		for i, err := range test.errs {
			c := command{request: r, index: i}
			if err == nil {
				c.answer(Result{Head: 1})
			} else {
				c.fail(err)
			}
		}
		<-r.done
		if !errors.Is(r.err, test.want) {
			t.Errorf("%s: got %v, want %v", name, r.err, test.want)
		}
	}
}
