package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Keeper holds the guard in force and replaces it when its policy file, or a list that the policy names, has changed. A file that is broken changes nothing.
type Keeper struct {
	path       string
	classifier *Classifier
	install    func(ctx context.Context, g *Guard, policy []byte) error
	current    atomic.Pointer[Guard]

	mu      sync.Mutex // held while a policy is read
	stamp   []stamp    // guarded by mu: the files as they were when last read
	last    loaded     // guarded by mu: the last good one that was read
	waiting bool       // guarded by mu: last is to be in force and could not be installed
}

// loaded is a guard as its files had it, and the policy's bytes.
type loaded struct {
	guard  *Guard // nil: none yet
	policy []byte
}

// stamp is what tells that a file has changed, without reading it.
type stamp struct {
	size     int64
	modified time.Time
	missing  bool
}

// NewKeeper reads the policy at path, or the shipped one when path is "". install is called with each new guard before it is in force, the first one too; its error keeps it out.
func NewKeeper(ctx context.Context, path string, classifier *Classifier, install func(ctx context.Context, g *Guard, policy []byte) error) (*Keeper, error) {
	k := &Keeper{path: path, classifier: classifier, install: install}
	if path != "" {
		if _, err := k.Reload(ctx); err != nil {
			return nil, err
		}
		return k, nil
	}
	policy, err := ParsePolicy(shipped)
	if err != nil {
		return nil, fmt.Errorf("shipped guard policy: %w", err)
	}
	g, err := New(policy, classifier)
	if err != nil {
		return nil, fmt.Errorf("shipped guard policy: %w", err)
	}
	k.last = loaded{g, Shipped()}
	if _, err := k.put(ctx); err != nil {
		return nil, err
	}
	return k, nil
}

// Guard returns the guard in force. It never waits.
func (k *Keeper) Guard() *Guard {
	return k.current.Load()
}

// Reload reads the file and its lists now, and says whether what judges is another from here on. After an error the old guard stays in force.
func (k *Keeper) Reload(ctx context.Context) (changed bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reload(ctx)
}

func (k *Keeper) reload(ctx context.Context) (bool, error) {
	if k.path == "" {
		return false, nil
	}
	// The stamps are older than what is read, so that a change in between is seen the next time. The lists of a new policy are not among them: the
	// next look differs, reads once more, and changes nothing.
	k.stamp, k.waiting = k.look(), false
	g, data, err := Load(k.path, k.classifier)
	if err != nil {
		return false, err
	}
	k.last = loaded{g, data}
	return k.put(ctx)
}

// put brings the last guard that was read into force.
func (k *Keeper) put(ctx context.Context) (bool, error) {
	g := k.last.guard
	if old := k.current.Load(); old != nil && old.sameAs(g) {
		return false, nil
	}
	err := k.install(ctx, g, k.last.policy)
	k.waiting = err != nil
	if err != nil {
		return false, fmt.Errorf("install guard policy: %w", err)
	}
	k.current.Store(g)
	return true, nil
}

// sameAs says whether both judge alike.
func (g *Guard) sameAs(other *Guard) bool {
	a, b := g.Describe(), other.Describe()
	return a.Policy == b.Policy && a.Classifier == b.Classifier && slices.Equal(a.Lists, b.Lists)
}

// look returns the stamps of the policy file and of the lists of the last good one.
func (k *Keeper) look() []stamp {
	stamps := []stamp{stampOf(k.path)}
	if g := k.last.guard; g != nil {
		for _, l := range g.policy.lists {
			stamps = append(stamps, stampOf(filepath.Join(filepath.Dir(k.path), l.file)))
		}
	}
	return stamps
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{missing: true}
	}
	return stamp{size: info.Size(), modified: info.ModTime()}
}

// Run looks every interval whether a file has changed and reloads then, until ctx ends. Each reload that changed something or went wrong is told to report. A file
// that stays broken is told of once; the install of a good one that failed is tried again each time, without reading the files again.
func (k *Keeper) Run(ctx context.Context, interval time.Duration, report func(g *Guard, err error)) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if changed, err := k.check(ctx); err != nil && !errors.Is(err, context.Canceled) || changed {
			report(k.Guard(), err)
		}
	}
}

// check reloads when a stamp is another, and else tries again to install what could not be.
func (k *Keeper) check(ctx context.Context) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.path == "":
		return false, nil
	case !slices.Equal(k.stamp, k.look()):
		return k.reload(ctx)
	case k.waiting:
		return k.put(ctx)
	}
	return false, nil
}
