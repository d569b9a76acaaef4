package llm

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/sony/gobreaker"
)

// Of a probe the breaker hears even when it had too little time: else nothing would ever be asked again.
func TestAProbeIsAlwaysReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBreaker()
		for range breakerRun {
			done, err := b.allow()
			if err != nil {
				t.Fatal(err)
			}
			done(&Error{Failure: Timeout}, true)
		}
		for range 3 {
			if _, err := b.allow(); err == nil || b.two.State() != gobreaker.StateOpen {
				t.Fatalf("asked while it is %v", b.two.State())
			}
			time.Sleep(breakerRest + time.Millisecond)
			done, err := b.allow()
			if err != nil {
				t.Fatalf("no probe: %v", err)
			}
			done(&Error{Failure: Timeout}, false)
		}
	})
}
