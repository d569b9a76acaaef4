package rebuild_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"chainmail/eventstore/eventstoretest"
	"chainmail/projections/rebuild"
)

// kills is how many rebuilds are killed.
const kills = 15

// terminateSQL ends all sessions of a rebuild, as a restart or a lost network does.
const terminateSQL = `
	SELECT count(pg_terminate_backend(pid))
	FROM pg_stat_activity
	WHERE datname = current_database() AND application_name = 'rebuild'`

// A rebuild that is killed at any moment leaves the live tables as they were, and the next one succeeds.
// Every other one loses its sessions, the others their context; half of them in the swap.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	db, _ := makeWorld(t, 1, 4000)
	l := eventstoretest.Open(t, db.DSN)
	victim := eventstoretest.Open(t, db.With("application_name", "rebuild"))
	p := messages()
	want := project(t, l, p)
	definition := catalog(t, l.DB(), p.Tables)
	start := time.Now()
	mustRun(t, victim, p)
	whole := time.Since(start) // as long as the fastest one takes: the machine may have been busy
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	finished := 0
	for i := range kills {
		after := time.Duration(random.Int64N(int64(whole)))
		ctx, cancel := context.WithCancel(t.Context())
		kill := cancel
		if i%2 == 1 {
			kill = func() { try(t, l.DB(), terminateSQL) }
		}
		var moment *time.Timer
		if i%4 < 2 {
			moment = time.AfterFunc(after, kill)
		}
		start := time.Now()
		_, err := rebuild.Run(ctx, victim, p, func(p rebuild.Progress) {
			if p.Stage == rebuild.StageSwap && moment == nil {
				moment = time.AfterFunc(after/10, kill)
			}
		})
		if err == nil {
			finished++
			whole = min(whole, time.Since(start))
		}
		if moment != nil {
			moment.Stop()
		}
		cancel()
		if got := sum(t, l, p); got != want {
			t.Fatalf("kill %d: the live tables are %+v, want %+v", i, got, want)
		}
	}
	t.Logf("%d of %d came to their end before they were killed", finished, kills)
	if finished == kills {
		t.Error("no rebuild was killed")
	}
	eventually(t, "the lock of the last is free", func() bool {
		_, err := rebuild.Run(t.Context(), l, p, nil)
		return err == nil
	})
	if got := sum(t, l, p); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := catalog(t, l.DB(), p.Tables); got != definition {
		t.Errorf("got\n%s\nwant\n%s", got, definition)
	}
	wantClean(t, l.DB())
}
