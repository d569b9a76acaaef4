package sealer_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/logkey"
	"chainmail/eventstore/sealer"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
)

// sealerDSN and sealerKey make this test binary a server that appends and seals, instead of running tests.
const (
	sealerDSN = "CHAINMAIL_TEST_SEALER_DSN"
	sealerKey = "CHAINMAIL_TEST_SEALER_KEY"
)

func playSealer() bool {
	dsn := os.Getenv(sealerDSN)
	if dsn == "" {
		return false
	}
	if err := beSealer(dsn, os.Getenv(sealerKey)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

// beSealer appends and seals until its standard input ends.
func beSealer(dsn, secret string) error {
	key, err := logkey.Parse(secret)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	quiet := slog.New(slog.DiscardHandler)
	log, err := eventstore.Open(ctx, dsn, quiet)
	if err != nil {
		return err
	}
	v, err := view.Load(ctx, log, quiet)
	if err != nil {
		return err
	}
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	go func() {
		for tail := log.Tail(v.Position()); ctx.Err() == nil; {
			if events, err := tail.Next(ctx); err == nil {
				v.Apply(events)
			}
		}
	}()
	go func() {
		for ctx.Err() == nil {
			_, _ = log.Append(ctx, happening(), happening(), happening())
		}
	}()
	settings := quick
	settings.Patience = time.Millisecond // so that they race
	ended := make(chan error, 1)
	go func() {
		ended <- sealer.New(log, v, folded{log}, key.Verifier, newRing(key).find, settings, quiet).Run(ctx)
	}()
	err = log.Run(ctx)
	<-ended
	return err
}

type process struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

func startSealer(t *testing.T, dsn, secret string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), sealerDSN+"="+dsn, sealerKey+"="+secret)
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestServersThatDieAndFreeze lets several processes seal one log while they are killed, frozen and started again. Whatever
// they were in the midst of, the log's seals follow one another without gap or overlap, with the right roots.
func TestServersThatDieAndFreeze(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	secret, key, err := logkey.Generate(origin)
	if err != nil {
		t.Fatal(err)
	}
	const most = 14 // processes, killed ones included
	processes := []*process{startSealer(t, db.DSN, secret), startSealer(t, db.DSN, secret), startSealer(t, db.DSN, secret)}
	t.Cleanup(func() {
		for _, p := range processes {
			_ = p.cmd.Process.Kill() // it may have ended
			_ = p.cmd.Wait()
		}
	})
	s := newServer(t, db.DSN)
	random := rand.New(rand.NewPCG(1, 2))
	for sealed := domain.Position(100); len(processes) < most; sealed += 40 {
		s.awaitSeals(sealed)
		switch p := processes[random.IntN(len(processes))].cmd.Process; random.IntN(3) {
		case 0:
			_ = p.Signal(syscall.SIGSTOP) // it may have ended, here and below
			s.awaitSeals(sealed + 40)     // the others go on
			_ = p.Signal(syscall.SIGCONT)
		default:
			_ = p.Kill()
			processes = append(processes, startSealer(t, db.DSN, secret))
		}
	}
	for _, p := range processes {
		p.stdin.Close()
		_ = p.cmd.Wait() // some were killed
	}
	if got := s.check(key.Verifier); got < 20 {
		t.Errorf("only %d seals", got)
	}
}
