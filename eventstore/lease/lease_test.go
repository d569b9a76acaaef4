package lease_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"chainmail/eventstore/lease"
	"chainmail/migrations/pgtest"
)

// patience is as long as a test waits for what has to come, on a machine that is busy.
const patience = 2 * time.Minute

// The terms of leases: one that no test waits for, so that no holder loses his because the machine is busy, and one that some wait for.
const (
	long  = 10 * patience
	short = 10 * time.Second
)

func TestMain(m *testing.M) {
	if play() {
		return
	}
	goleak.VerifyTestMain(pgtest.Runner{M: m})
}

// server is one that wants the lease.
type server struct {
	*lease.Lease
	began chan int64 // the epoch, when it gets the lease
	over  chan int64 // the epoch, when its work has ended
	quit  chan struct{}
	stop  func()
}

// start runs a server until it is stopped, or the test ends.
func start(t *testing.T, db *sql.DB, holder string, term time.Duration) *server {
	t.Helper()
	s := &server{
		Lease: lease.NewFor(db, "work", holder, term), began: make(chan int64, 10), over: make(chan int64, 10), quit: make(chan struct{}, 1),
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		s.Run(ctx, func(ctx context.Context, epoch int64) {
			s.began <- epoch
			select {
			case <-ctx.Done():
			case <-s.quit:
			}
			s.over <- epoch
		})
	})
	s.stop = sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(s.stop)
	return s
}

func await(t *testing.T, c <-chan int64) int64 {
	t.Helper()
	select {
	case epoch := <-c:
		return epoch
	case <-time.After(patience):
		t.Fatal("waited in vain")
		return 0
	}
}

func (s *server) holds(t *testing.T, want int64) {
	t.Helper()
	if epoch, held := s.Held(); held != (want > 0) || epoch != want {
		t.Errorf("held: got %d, %t, want epoch %d (0 for not)", epoch, held, want)
	}
}

// A lease that is given back is another's at once: nobody waits for its end.
func TestReleaseHandsOver(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	a := start(t, db, "a", long)
	if epoch := await(t, a.began); epoch != 1 {
		t.Errorf("epoch: got %d, want 1", epoch)
	}
	a.holds(t, 1)
	b := start(t, db, "b", long)
	b.holds(t, 0)
	state, err := lease.Read(t.Context(), db, "work")
	if want := (lease.State{Holder: "a", Epoch: 1, Live: true}); err != nil || state != want {
		t.Errorf("state: got %+v, %v, want %+v", state, err, want)
	}
	a.stop()
	a.holds(t, 0)
	if state, err = lease.Read(t.Context(), db, "work"); err != nil || state.Live && state.Holder == "a" {
		t.Errorf("state: got %+v, %v, want one that has ended, or is b's already", state, err)
	}
	if epoch := await(t, b.began); epoch != 2 {
		t.Errorf("epoch: got %d, want 2", epoch)
	}
	b.holds(t, 2)
}

// Who gives a lease up by itself lets others try first.
func TestWorkThatEndsGivesUp(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	a := start(t, db, "a", long)
	await(t, a.began)
	b := start(t, db, "b", long)
	for want := int64(2); ; want++ {
		a.quit <- struct{}{}
		select {
		case epoch := <-b.began:
			if epoch != want {
				t.Errorf("epoch: got %d, want %d", epoch, want)
			}
			a.holds(t, 0)
			return
		case <-a.began: // the machine is busy, and b did not try in all that time
		case <-time.After(patience):
			t.Fatal("waited in vain")
		}
	}
}

// A holder whose renewals are held up no longer believes in its lease, and its work is told, before another has it.
func TestBlockedRenewal(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	a := start(t, db, "a", short)
	await(t, a.began)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(t.Context(), `SELECT FROM leases FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	b := start(t, db, "b", short)
	if epoch := await(t, a.over); epoch != 1 {
		t.Errorf("what ended: got epoch %d, want 1", epoch)
	}
	a.holds(t, 0)
	b.holds(t, 0)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	select {
	case epoch := <-a.began:
		a.holds(t, epoch)
	case epoch := <-b.began:
		if epoch < 2 {
			t.Errorf("epoch: got %d, want more than 1", epoch)
		}
		b.holds(t, epoch)
	case <-time.After(patience):
		t.Fatal("nobody got the lease")
	}
}

// Many servers that come and go: never do two hold the lease, and each holder has a higher epoch than the one before.
func TestNeverTwo(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t).SQL
	var mu sync.Mutex
	var last int64
	holding := ""
	var wg sync.WaitGroup
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	turns := 0
	for i := range 4 {
		wg.Go(func() {
			holder := fmt.Sprint(i)
			l := lease.NewFor(db, "work", holder, long)
			l.Run(ctx, func(_ context.Context, epoch int64) {
				mu.Lock()
				if holding != "" || epoch <= last {
					t.Errorf("%s has the lease in epoch %d while %q has it, after epoch %d", holder, epoch, holding, last)
				}
				holding, last = holder, epoch
				mu.Unlock()
				if got, held := l.Held(); !held || got != epoch {
					t.Errorf("%s: got %d, %t, want epoch %d", holder, got, held, epoch)
				}
				mu.Lock()
				defer mu.Unlock()
				if holding = ""; turns == 5 {
					cancel()
				}
				turns++
			})
		})
	}
	wg.Wait()
	if turns < 6 {
		t.Errorf("turns: got %d, want 6", turns)
	}
}
