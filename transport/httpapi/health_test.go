package httpapi

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A database that has stopped answering makes the server unready in time, and leaves one question open, not one a
// probe.
func TestHealthThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		answers := make(chan struct{})
		p := newProber(func(context.Context) Health {
			asked.Add(1)
			<-answers
			return Health{}
		})
		for range 3 {
			began := time.Now()
			if h := p.health(t.Context()); h.Unready == "" {
				t.Error("ready without an answer")
			}
			if took := time.Since(began); took != healthPatience {
				t.Errorf("took %s, want %s", took, healthPatience)
			}
		}
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
		close(answers)
		synctest.Wait()
		if h := p.health(t.Context()); h.Unready != "" {
			t.Errorf("with an answer: %s", h.Unready)
		}
	})
}
