package localpg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// hold keeps a lock until the test ends.
func hold(t *testing.T, path string) *os.File {
	t.Helper()
	lock, err := lockFile(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() })
	return lock
}

// Those who close at the same time do not take each other for users: each waits until the keeper has ended.
func TestWhoLooksIsNoUser(t *testing.T) {
	t.Parallel()
	l := layout{root: t.TempDir()}
	hold(t, l.path("keeper.lock"))
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			u := use{layout: l}
			for range 1_000 {
				if others, kept, err := u.inUse(); others || !kept || err != nil {
					t.Errorf("got %t, %t, %v, want a keeper that nobody uses", others, kept, err)
					return
				}
			}
		})
	}
	group.Wait()
}

// Who comes while another is about to start a keeper is not told what a keeper before could not do.
func TestFailureOfAKeeperThatIsGone(t *testing.T) {
	t.Parallel()
	l := layout{root: t.TempDir()}
	writeFile(t, l.path("failed"), "the disk is full", 0o600)
	look, err := l.lookAlone() // the other has begun
	if err != nil {
		t.Fatal(err)
	}
	hold(t, l.path("keeper.lock"))
	u := use{layout: l}
	defer u.release()
	if failed, err := u.ensureKeeper(); failed != nil || err != nil {
		t.Errorf("before the other's keeper runs: got %v, %v, want nothing", failed, err)
	}
	look.Close()
	if failed, err := u.ensureKeeper(); failed == nil || failed.Error() != "the disk is full" || err != nil {
		t.Errorf("of the keeper that runs: got %v, %v, want what it says", failed, err)
	}
}

// A slot that one gives up while another takes it is the other's: what he puts there stays, and to neither it is an error.
func TestSlotsChangeHands(t *testing.T) {
	t.Parallel()
	base, uid := t.TempDir(), os.Geteuid()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				dir, lock, err := takeSlot(base, uid)
				if err != nil {
					t.Error(err)
					return
				}
				for i := range 3 {
					if err := os.Mkdir(filepath.Join(dir, strconv.Itoa(i)), 0o700); err != nil {
						t.Errorf("in a slot of ours: %v", err)
					}
				}
				if err := clearSlot(dir); err != nil {
					t.Errorf("give it up: %v", err)
				}
				lock.Close()
			}
		})
	}
	group.Wait()
}

// A program that was copied while others are being started can be run at once.
func TestCopiedProgramsCanBeRun(t *testing.T) {
	t.Parallel()
	from, base := t.TempDir(), t.TempDir()
	writeFile(t, filepath.Join(from, "program"), "#!/bin/sh\n", 0o755)
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					_ = exec.Command("true").Run()
				}
			}
		})
	}
	for i := range 50 {
		to := filepath.Join(base, strconv.Itoa(i))
		if err := copyTree(to, from); err != nil {
			t.Error(err)
		} else if err := exec.Command(filepath.Join(to, "program")).Run(); err != nil {
			t.Error(err)
		}
	}
	close(done)
	group.Wait()
}
