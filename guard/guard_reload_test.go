package guard_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"chainmail/guard"
)

// installs notes the policies that came into force, and what was reported.
type installs struct {
	mu       sync.Mutex
	policies []string
	reports  []error
	refusal  error
}

func (i *installs) install(_ context.Context, _ *guard.Guard, policy []byte) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refusal == nil {
		i.policies = append(i.policies, string(policy))
	}
	return i.refusal
}

func (i *installs) report(_ *guard.Guard, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reports = append(i.reports, err)
}

// refuse makes each install fail with err from here on.
func (i *installs) refuse(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refusal = err
}

// reported returns what was reported since the last call.
func (i *installs) reported() []error {
	i.mu.Lock()
	defer i.mu.Unlock()
	reports := i.reports
	i.reports = nil
	return reports
}

var errNoLog = errors.New("no log")

const listed = "version: 1\nthresholds: {block: 0.8, uncertain: 0.4}\nlists: [{name: bad, kind: domains, file: bad.txt}]\n" +
	"rules: [{name: listed, message: No., weight: 0.9, links: {lists: [bad]}}]\n"

// A changed file comes into force, a broken one does not, and an unchanged one is not installed again.
func TestReload(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, path, head+aRule)
	var done installs
	k, err := guard.NewKeeper(t.Context(), path, nil, done.install)
	if err != nil {
		t.Fatal(err)
	}
	first := k.Guard()
	if changed, err := k.Reload(t.Context()); changed || err != nil {
		t.Error("unchanged:", changed, err)
	}
	write(t, path, head+"  - {name: a}\n")
	if changed, err := k.Reload(t.Context()); changed || err == nil || !strings.Contains(err.Error(), "policy.yaml: line 4: ") {
		t.Error("broken:", changed, err)
	}
	if k.Guard() != first {
		t.Error("a broken file took the old policy away")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Reload(t.Context()); !errors.Is(err, os.ErrNotExist) || k.Guard() != first {
		t.Error("removed:", err)
	}
	next := head + aRule + "# once more\n"
	write(t, path, next)
	done.refuse(errNoLog)
	if changed, err := k.Reload(t.Context()); changed || !errors.Is(err, errNoLog) || k.Guard() != first {
		t.Error("refused:", changed, err)
	}
	done.refuse(nil)
	if changed, err := k.Reload(t.Context()); !changed || err != nil || k.Guard() == first {
		t.Error("changed:", changed, err)
	}
	if want := []string{head + aRule, next}; !slices.Equal(done.policies, want) {
		t.Errorf("installed %q, want %q", done.policies, want)
	}
}

// A policy that is broken at the start is an error: there is no old one.
func TestNewKeeperRefusesABrokenPolicy(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "policy.yaml")
	write(t, path, "version: 9\n")
	var done installs
	if _, err := guard.NewKeeper(t.Context(), path, nil, done.install); err == nil || len(done.policies) != 0 {
		t.Error(err, done.policies)
	}
}

// Without a file the shipped policy is in force for good.
func TestKeeperOfTheShippedPolicy(t *testing.T) {
	t.Parallel()
	var done installs
	k, err := guard.NewKeeper(t.Context(), "", nil, done.install)
	if err != nil || !slices.Equal(done.policies, []string{string(guard.Shipped())}) {
		t.Fatal(err)
	}
	if changed, err := k.Reload(t.Context()); changed || err != nil {
		t.Error(changed, err)
	}
}

// running runs a keeper that looks every second, until the test's bubble ends. look waits for three looks and returns what they reported.
func running(t *testing.T, path string) (k *guard.Keeper, done *installs, look func() []error) {
	t.Helper()
	done = new(installs)
	k, err := guard.NewKeeper(t.Context(), path, nil, done.install)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- k.Run(t.Context(), time.Second, done.report) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return k, done, func() []error {
		time.Sleep(3 * time.Second)
		synctest.Wait()
		return done.reported()
	}
}

// Run sees a changed policy and a changed list, and tells of a broken file once, not at every look.
func TestRun(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, list := filepath.Join(folder, "policy.yaml"), filepath.Join(folder, "bad.txt")
	write(t, path, listed)
	write(t, list, "evil.example\n")
	synctest.Test(t, func(t *testing.T) {
		k, done, look := running(t, path)
		if reports := look(); len(reports) != 0 {
			t.Error("nothing has changed:", reports)
		}
		write(t, list, "evil.example\nworse.example\n")
		if reports := look(); len(reports) != 1 || reports[0] != nil || !k.Guard().Judge("https://worse.example/").Blocked {
			t.Error("the list has changed:", reports)
		}
		write(t, path, listed+"rulez: []\n")
		if reports := look(); len(reports) != 1 || reports[0] == nil || !k.Guard().Judge("https://worse.example/").Blocked {
			t.Error("the policy is broken:", reports)
		}
		done.refuse(errNoLog)
		write(t, path, listed+"# repaired\n")
		if reports := look(); len(reports) < 2 || !errors.Is(reports[1], errNoLog) {
			t.Error("an install that failed is not tried again:", reports)
		}
		done.refuse(nil)
		if reports := look(); len(reports) != 1 || reports[0] != nil || len(done.policies) != 3 {
			t.Error("the policy is repaired:", reports)
		}
	})
}

// A policy that could not be installed is not read again, with all its lists, each time that it is tried again: only the install is.
func TestRunTriesOnlyTheInstallAgain(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, list := filepath.Join(folder, "policy.yaml"), filepath.Join(folder, "bad.txt")
	write(t, path, head+aRule)
	write(t, list, "first.example\n")
	synctest.Test(t, func(t *testing.T) {
		k, done, look := running(t, path)
		done.refuse(errNoLog)
		write(t, path, listed)
		if reports := look(); len(reports) != 3 || !errors.Is(reports[2], errNoLog) {
			t.Error("not tried at each look:", reports)
		}
		// A change that only reading shows: the file's size and time are as before.
		before, err := os.Stat(list)
		if err != nil {
			t.Fatal(err)
		}
		write(t, list, "other.example\n")
		if err := os.Chtimes(list, time.Time{}, before.ModTime()); err != nil {
			t.Fatal(err)
		}
		if reports := look(); len(reports) != 3 {
			t.Error("not tried at each look:", reports)
		}
		done.refuse(nil)
		if reports := look(); len(reports) != 1 || reports[0] != nil {
			t.Error("tried again:", reports)
		}
		if !k.Guard().Judge("https://first.example/").Blocked || k.Guard().Judge("https://other.example/").Blocked {
			t.Error("the list was read again")
		}
	})
}

// The files are looked at as ever while a policy waits to be installed: what comes next is read, and what is broken is told of once and ends the waiting.
func TestRunLooksWhileAnInstallFails(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path, list := filepath.Join(folder, "policy.yaml"), filepath.Join(folder, "bad.txt")
	write(t, path, listed)
	write(t, list, "first.example\n")
	synctest.Test(t, func(t *testing.T) {
		k, done, look := running(t, path)
		done.refuse(errNoLog)
		write(t, list, "third.example\nfourth.example\n")
		look()
		write(t, list, "fifth.example\n")
		look()
		done.refuse(nil)
		look()
		if !k.Guard().Judge("https://fifth.example/").Blocked {
			t.Error("a change while the install failed was missed")
		}
		done.refuse(errNoLog)
		write(t, path, head+aRule)
		look()
		write(t, path, listed+"rulez: []\n")
		if reports := look(); len(reports) != 1 || errors.Is(reports[0], errNoLog) {
			t.Error("broken while it waits:", reports)
		}
	})
}
