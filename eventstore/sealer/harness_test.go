package sealer_test

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/eventstoretest"
	"chainmail/eventstore/logkey"
	"chainmail/eventstore/sealer"
	"chainmail/merkle"
	"chainmail/migrations/pgtest"
	"chainmail/projections/view"
)

func TestMain(m *testing.M) {
	if playSealer() {
		return
	}
	goleak.VerifyTestMain(pgtest.Runner{M: m})
}

// quick are settings with which a test needs no patience.
var quick = sealer.Settings{
	BatchSize: 10, Interval: 5 * time.Millisecond, Patience: 20 * time.Millisecond,
	KeyRetry: 5 * time.Millisecond, FirstRetry: time.Millisecond, LastRetry: 20 * time.Millisecond,
}

// bySize are settings with which only full batches are sealed.
var bySize = sealer.Settings{BatchSize: 10, Interval: time.Hour, Patience: time.Millisecond, FirstRetry: time.Millisecond}

// patience is how long a test waits for what has to come, on a machine that is busy.
const patience = 3 * time.Minute

const origin = "chainmail/test"

func newID() domain.ID { return domain.ID(uuid.Must(uuid.NewV7())) }

func newKey(t testing.TB) *logkey.Key {
	t.Helper()
	_, key, err := logkey.Generate(origin)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// ring is a place for keys, as the files of a server are.
type ring struct {
	asked chan struct{} // gets a value for each question that has no answer, if somebody takes it
	mu    sync.Mutex
	keys  map[string]*logkey.Key // guarded by mu; by verifier key
}

func newRing(keys ...*logkey.Key) *ring {
	r := &ring{keys: make(map[string]*logkey.Key), asked: make(chan struct{})}
	for _, k := range keys {
		r.add(k)
	}
	return r
}

func (r *ring) add(k *logkey.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys[k.Verifier] = k
}

func (r *ring) find(verifier string) (*logkey.Key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.keys[verifier]; k != nil {
		return k, nil
	}
	select {
	case r.asked <- struct{}{}:
	default:
	}
	return nil, errors.New("there is no such key")
}

// folded is a tree that is folded anew each time.
type folded struct{ log *eventstore.Log }

func (f folded) Range(ctx context.Context, size int64) (merkle.Range, error) {
	var tree merkle.Range
	for tree.Size() < size {
		events, err := f.log.Read(ctx, domain.Position(tree.Size()), int(min(size-tree.Size(), 1000)))
		if err != nil || len(events) == 0 {
			return merkle.Range{}, errors.Join(err, errors.New("the log is shorter"))
		}
		for _, e := range events {
			tree.Append(e.LeafHash)
		}
	}
	return tree, nil
}

// server is one of the servers that share a log.
type server struct {
	t    testing.TB
	log  *eventstore.Log
	view *view.View
}

// newServer opens the log and keeps a view true, until the test ends.
func newServer(t testing.TB, dsn string) *server {
	t.Helper()
	s := &server{t: t, log: eventstoretest.Open(t, dsn)}
	var err error
	if s.view, err = view.Load(t.Context(), s.log, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	background(t, func(ctx context.Context) {
		for tail := s.log.Tail(s.view.Position()); ctx.Err() == nil; {
			if events, err := tail.Next(ctx); err == nil {
				s.view.Apply(events)
			}
		}
	})
	return s
}

// background runs f until the test ends or the returned function is called.
func background(t testing.TB, f func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); f(ctx) }()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

// seal runs a sealer until the test ends or stop is called.
func (s *server) seal(settings sealer.Settings, first string, keys *ring, logger *slog.Logger) (_ *sealer.Sealer, stop func()) {
	s.t.Helper()
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	made := sealer.New(s.log, s.view, folded{s.log}, first, keys.find, settings, logger)
	return made, background(s.t, func(ctx context.Context) {
		if err := made.Run(ctx); err != nil {
			s.t.Errorf("Run: %v", err)
		}
	})
}

// append appends n events of no matter what, and returns the last one's position.
func (s *server) append(n int) domain.Position {
	s.t.Helper()
	decisions := make([]domain.Decision, n)
	for i := range decisions {
		decisions[i] = happening()
	}
	results := eventstoretest.Append(s.t, s.log, decisions...)
	return results[n-1].Events[0].Position
}

func happening() domain.Decision {
	message := newID()
	return domain.Decision{
		Actor: domain.Actor{ID: newID(), Auth: domain.AuthToken},
		Drafts: []domain.Draft{{Stream: domain.ReceiptStream(message), Data: &domain.MessageDelivered{
			MessageID: message, ConversationID: message, SenderID: newID(), UserID: newID(),
		}}},
	}
}

// rotate announces a new key.
func (s *server) rotate(old, next *logkey.Key) {
	s.t.Helper()
	announced, err := logkey.Announce(old, next)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.view.Wait(s.t.Context(), s.log.Head()); err != nil {
		s.t.Fatal(err)
	}
	var d domain.Decision
	s.view.Read(func(state *domain.State) { d = state.RotateLogKey(domain.Actor{Auth: domain.AuthCLI}, announced) })
	results, err := s.log.Append(s.t.Context(), d)
	if err != nil || len(results[0].Events) != 1 {
		s.t.Fatalf("rotate: %+v, %v", results, err)
	}
}

// awaitSeals waits until a seal covers the position, and returns all up to then.
func (s *server) awaitSeals(position domain.Position) []*domain.MerkleBatchSealed {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var seals []*domain.MerkleBatchSealed
	for tail := s.log.Tail(0); ; {
		events, err := tail.Next(ctx)
		if err != nil {
			s.t.Fatalf("no seal covers position %d: %v", position, err)
		}
		for _, e := range events {
			d, err := domain.Decode(e)
			if err != nil {
				s.t.Fatal(err)
			}
			if sealed, ok := d.(*domain.MerkleBatchSealed); ok {
				if seals = append(seals, sealed); sealed.LastPosition >= position {
					return seals
				}
			}
		}
	}
}

// check fails unless every seal of the log is right: each batch follows the one before and has something in it besides
// seals, the root is that of the events' bytes, and the log's key of that moment has signed it.
func (s *server) check(first string) (seals int) {
	s.t.Helper()
	var (
		tree  merkle.Range
		roots = []merkle.Hash{merkle.EmptyRoot()} // by size
		real  = []int{0}                          // how many events up to a position are no seals
		last  domain.Position
		key   = first
	)
	for events := s.page(0); len(events) > 0; events = s.page(events[len(events)-1].Position) {
		for _, e := range events {
			data, err := domain.Decode(e)
			if err != nil {
				s.t.Fatal(err)
			}
			switch d := data.(type) {
			case *domain.LogKeyRotated:
				key = d.PublicKey
			case *domain.MerkleBatchSealed:
				seals++
				if d.FirstPosition != last+1 || d.LastPosition >= e.Position {
					s.t.Errorf("the seal at %d covers %d to %d, the one before ends with %d", e.Position, d.FirstPosition, d.LastPosition, last)
					return seals
				}
				if real[d.LastPosition] == real[last] {
					s.t.Errorf("the seal at %d covers nothing but seals", e.Position)
				}
				last = d.LastPosition
				s.checkRoot(d, roots[last], key)
			}
			count := real[len(real)-1]
			if e.Type != domain.TypeMerkleBatchSealed {
				count++
			}
			tree.Append(merkle.LeafHash(eventstore.Leaf(e)))
			roots, real = append(roots, tree.Root()), append(real, count)
		}
	}
	return seals
}

func (s *server) checkRoot(d *domain.MerkleBatchSealed, root merkle.Hash, key string) {
	s.t.Helper()
	if got, want := d.RootHash, hex.EncodeToString(root[:]); got != want {
		s.t.Errorf("the seal of %d events has root %s, want %s", d.TreeSize, got, want)
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		s.t.Fatal(err)
	}
	c, err := merkle.OpenCheckpoint(d.Checkpoint, verifier)
	if want := (merkle.Checkpoint{Origin: origin, Size: d.TreeSize, Root: root}); err != nil || c != want {
		s.t.Errorf("checkpoint %+v, %v, want %+v", c, err, want)
	}
}

func (s *server) page(after domain.Position) []domain.Event {
	s.t.Helper()
	events, err := s.log.Read(s.t.Context(), after, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	return events
}

// told keeps what was logged, by level.
type told struct {
	mu    sync.Mutex
	lines map[slog.Level][]string // guarded by mu
	more  chan struct{}           // capacity 1; gets a value when something was logged
}

func newTold() *told {
	return &told{lines: make(map[slog.Level][]string), more: make(chan struct{}, 1)}
}

func (l *told) Enabled(context.Context, slog.Level) bool { return true }
func (l *told) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *told) WithGroup(string) slog.Handler            { return l }

func (l *told) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[r.Level] = append(l.lines[r.Level], r.Message)
	select {
	case l.more <- struct{}{}:
	default:
	}
	return nil
}

func (l *told) at(level slog.Level) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines[level])
}

// await waits until something of the level was logged.
func (l *told) await(t testing.TB, level slog.Level) {
	t.Helper()
	for deadline := time.After(patience); len(l.at(level)) == 0; {
		select {
		case <-l.more:
		case <-deadline:
			t.Fatalf("nothing was logged as %s", level)
		}
	}
}
