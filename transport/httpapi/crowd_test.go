package httpapi_test

import (
	"context"
	"net/http"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"chainmail/transport/httpapi"
)

// slowTree answers for its tiles when it is told to.
type slowTree struct {
	httpapi.Tree
	asked  chan struct{}
	answer chan struct{}
}

func (s slowTree) Tile(ctx context.Context, tile tlog.Tile) ([]byte, error) {
	s.asked <- struct{}{}
	select {
	case <-s.answer:
	case <-ctx.Done():
	}
	return s.Tree.Tile(ctx, tile)
}

// Strangers take turns at the log, and those who wait too long are sent away; who is logged in notices nothing.
func TestStrangersTakeTurns(t *testing.T) {
	t.Parallel()
	slow := slowTree{asked: make(chan struct{}, 4), answer: make(chan struct{})}
	l := newSealedLog(t, func(c *httpapi.Config) {
		slow.Tree = c.Tree
		c.Tree = slow
	})
	l.seal()
	ann := l.person("Ann")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if r := l.get("/tile/0/000.p/1"); r.status != http.StatusOK {
				t.Errorf("a tile: %s", r.what)
			}
		})
	}
	for range 4 {
		<-slow.asked
	}
	l.get("/tile/0/000.p/1").problem(http.StatusServiceUnavailable, "unavailable", "").retry()
	l.get("/checkpoint").problem(http.StatusServiceUnavailable, "unavailable", "").retry()
	if r := l.call(ann.token, http.MethodGet, "/api/users/"+ann.id.String(), nil); r.status != http.StatusOK {
		t.Errorf("somebody who is logged in: %s", r.what)
	}
	close(slow.answer)
	wg.Wait()
	if r := l.get("/checkpoint"); r.status != http.StatusOK {
		t.Errorf("once they are done: %s", r.what)
	}
}
