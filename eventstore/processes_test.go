package eventstore_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/migrations/pgtest"
)

// appenderDSN makes this test binary an appender on the database it names, instead of running tests.
const appenderDSN = "CHAINMAIL_TEST_APPENDER_DSN"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(appenderDSN); dsn != "" {
		if err := beAppender(dsn); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	pgtest.Main(m)
}

// beAppender appends from eight callers, printing each position that was acknowledged, until its
// standard input ends.
func beAppender(dsn string) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l, err := eventstore.Open(ctx, dsn, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	var (
		callers sync.WaitGroup
		mu      sync.Mutex
	)
	for range 8 {
		callers.Go(func() {
			for ctx.Err() == nil {
				results, err := l.Append(ctx, message(newID(), newID(), "from a process"))
				if err != nil {
					continue
				}
				mu.Lock()
				fmt.Println(int64(results[0].Events[0].Position))
				mu.Unlock()
			}
		})
	}
	err = l.Run(ctx)
	callers.Wait()
	return err
}

// process is a beAppender of its own.
type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
	acked []domain.Position // complete once done is closed
	done  chan struct{}
}

func startAppender(t *testing.T, dsn string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0]), done: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), appenderDSN+"="+dsn)
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if position, err := strconv.ParseInt(lines.Text(), 10, 64); err == nil {
				p.acked = append(p.acked, domain.Position(position))
			}
		}
	}()
	return p
}

// TestPositionsStayGapless lets several processes append while they are frozen, killed and
// started again, and while transactions roll back or dawdle with the lock. A reader that follows
// "position > last" must see every position once, in order; and what was acknowledged is there.
func TestPositionsStayGapless(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	l := eventstoretest.Open(t, db.DSN)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()

	var seen atomic.Int64 // the position that the reader has reached
	reader := make(chan struct{})
	go func() {
		defer close(reader)
		for tail := l.Tail(0); ; {
			events, err := tail.Next(ctx)
			if err != nil {
				return
			}
			for _, e := range events {
				if want := domain.Position(seen.Add(1)); e.Position != want {
					t.Errorf("the reader got position %d, want %d", e.Position, want)
					stop()
					return
				}
			}
		}
	}()

	processes := []*process{startAppender(t, db.DSN), startAppender(t, db.DSN), startAppender(t, db.DSN)}
	random := rand.New(rand.NewPCG(1, 2))
	end := time.Now().Add(4 * time.Second)
	for ctx.Err() == nil && time.Now().Before(end) && len(processes) <= 8 {
		i := random.IntN(len(processes))
		switch p := processes[i].cmd.Process; random.IntN(6) {
		case 0:
			p.Kill()
			processes = append(processes, startAppender(t, db.DSN))
		case 1, 2:
			p.Signal(syscall.SIGSTOP)
			pause(ctx, time.Duration(random.IntN(80))*time.Millisecond)
			p.Signal(syscall.SIGCONT)
		case 3:
			rollBack(ctx, t, db, "0.02")
		default:
			pause(ctx, 20*time.Millisecond)
		}
	}
	for ctx.Err() == nil && (time.Now().Before(end) || seen.Load() < 200) { // it takes longer on a busy machine
		pause(ctx, 20*time.Millisecond)
	}
	stop()
	<-reader

	head, err := l.Fresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	acked := make(map[domain.Position]bool)
	for _, p := range processes {
		p.stdin.Close()
		<-p.done
		p.cmd.Wait()
		for _, position := range p.acked {
			if acked[position] {
				t.Errorf("position %d was acknowledged twice", position)
			}
			acked[position] = true
		}
	}
	if seen.Load() < 200 || len(acked) < 100 {
		t.Fatalf("only %d events seen and %d acknowledged", seen.Load(), len(acked))
	}
	var rows, last int64
	err = db.SQL.QueryRowContext(t.Context(), `SELECT count(*), max(position) FROM events`).Scan(&rows, &last)
	if err != nil || rows != last || domain.Position(last) < head {
		t.Errorf("%d rows up to position %d (head was %d), %v", rows, last, head, err)
	}
	for position := range acked {
		if position > domain.Position(last) {
			t.Errorf("position %d was acknowledged and is not there", position)
		}
	}
}

// rollBack takes the log's lock, appends, dawdles, and takes it all back.
func rollBack(ctx context.Context, t *testing.T, db *pgtest.DB, seconds string) {
	tx, err := db.SQL.BeginTx(ctx, nil)
	if err != nil {
		return // the time is over
	}
	defer tx.Rollback()
	_, err = tx.ExecContext(ctx, `
		SELECT append_events(0, ARRAY[gen_random_uuid()], ARRAY['log'], ARRAY[1], ARRAY[NULL]::bigint[],
			ARRAY['LogCreated'], ARRAY['{}'], ARRAY['{}'], ARRAY[NULL], ARRAY[false], ARRAY[0]::bigint[],
			ARRAY[]::uuid[], ARRAY[]::integer[], ARRAY[]::boolean[], 0, ARRAY[]::text[], ARRAY[]::bigint[], ARRAY[]::integer[])`)
	if err != nil && ctx.Err() == nil {
		t.Errorf("append to roll back: %v", err)
	}
	tx.ExecContext(ctx, `SELECT pg_sleep(`+seconds+`)`)
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
