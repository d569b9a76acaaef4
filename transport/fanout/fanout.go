package fanout

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/eventstore/lease"
	"chainmail/transport/cluster/seal"
	"chainmail/transport/frame"
)

// View is the state that tells who is in which conversation.
type View interface {
	Read(func(*domain.State))
	Position() domain.Position
}

// Config is what a Fanout needs.
type Config struct {
	URL    string  // as Connect takes it
	Prefix string  // of the channels' names, so that installations can share a Redis
	DB     *sql.DB // has the lease
	Key    []byte  // as seal.ReadKey returns it
	Log    *eventstore.Log
	View   View
	Holder string    // this server's name among others
	Server domain.ID // this start's own
	Logger *slog.Logger
	// Followed is told of what the pusher gets, from Redis or from the log; nil: nobody is.
	Followed func(eventstore.Followed)
}

// Fanout is one server's part in the fan-out.
type Fanout struct {
	client    redis.UniversalClient
	interest  *interest
	source    *Source
	publisher *publisher
	lanes     []*lane
	bus       *Bus
}

// New returns a fan-out that is not running yet. What it returns from the log begins right after the view's position. Redis need
// not be there.
func New(c Config) (*Fanout, error) {
	client, cluster, err := Connect(c.URL)
	if err != nil {
		return nil, err
	}
	n := names{prefix: c.Prefix, lanes: 1}
	if cluster {
		n.lanes = clusterLanes
	}
	f := &Fanout{client: client}
	f.interest = newInterest(n, func(user domain.ID) []domain.ID { return groupsOf(c.View, user) })
	in := newInbox(n.lanes)
	f.source = &Source{
		log: c.Log, inbox: in, interest: f.interest, refresh: f.refresh, logger: c.Logger, position: c.View.Position(),
		told: c.Followed,
	}
	f.publisher = &publisher{
		log: c.Log, client: client, names: n, lease: lease.New(c.DB, LeaseName, c.Holder), seals: seal.New(c.Key), logger: c.Logger,
	}
	f.bus = newBus(client, n, c.View, c.Server, seal.New(c.Key))
	for number := range n.lanes {
		f.lanes = append(f.lanes, &lane{
			number: number, client: client, names: n, interest: f.interest, inbox: in, words: f.bus.take,
			seals: seal.New(c.Key), anew: make(chan struct{}, 1),
		})
	}
	return f, nil
}

// groupsOf lists the groups that a user is in.
func groupsOf(v View, user domain.ID) (groups []domain.ID) {
	v.Read(func(s *domain.State) {
		for _, id := range s.ConversationsOf(user) {
			if c := s.Conversation(id); c != nil && !c.Direct && c.Has(user) {
				groups = append(groups, id)
			}
		}
	})
	return groups
}

// Run publishes when it is this server's turn, and receives, until ctx ends. Whatever Redis does, it returns within some seconds.
func (f *Fanout) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { f.publisher.run(ctx); return nil })
	for _, l := range f.lanes {
		g.Go(func() error { l.run(ctx); return nil })
	}
	g.Go(func() error {
		tick := time.NewTicker(linger / 10)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case now := <-tick.C:
				f.interest.sweep(now)
			}
		}
	})
	return g.Wait()
}

// Close closes the connections. Run must have ended, or never have begun.
func (f *Fanout) Close() error { return f.client.Close() }

// Source is what the pusher reads.
func (f *Fanout) Source() *Source { return f.source }

// Bus carries words through Redis.
func (f *Fanout) Bus() *Bus { return f.bus }

func (f *Fanout) refresh() {
	for _, l := range f.lanes {
		l.refresh()
	}
}

// Arrive says that a connection of the user is about to be made known. It is called before he counts as connected, with no
// lock held, here and below.
func (f *Fanout) Arrive(user domain.ID) { f.interest.arrive(user) }

// Leave takes an Arrive back, after he no longer counts as connected by it.
func (f *Fanout) Leave(user domain.ID) { f.interest.leave(user, time.Now()) }

// Watch says that a connection is about to watch a task or project.
func (f *Fanout) Watch(c frame.Channel) { f.interest.watch(c) }

// Unwatch takes a Watch of that task or project back.
func (f *Fanout) Unwatch(id domain.ID) { f.interest.unwatch(id) }

// Follows reports whether pushes come through Redis. It may be called from anywhere.
func (f *Fanout) Follows() bool { return f.source.follows.Load() }

// Status is how the fan-out does.
type Status struct {
	Publishing bool  // this server has the lease
	Follows    bool  // pushes come through Redis
	Published  int64 // batches that this server has published
	Failed     int64 // batches that it could not publish
	Batches    int64 // batches that came through Redis complete
	Events     int64 // events of these
	Read       int64 // events that were read from the log instead
	Gaps       int64 // times that something was missing, late or not there yet
	Wanted     int   // channels that are wanted here
	Dropped    int64 // words that were not sent, or not taken in, since too many were waiting
}

// Status may be called from anywhere.
func (f *Fanout) Status() Status {
	_, held := f.publisher.lease.Held()
	f.interest.mu.Lock()
	wanted := len(f.interest.wanted)
	f.interest.mu.Unlock()
	stats := &f.source.stats
	return Status{
		Publishing: held, Follows: f.Follows(), Published: f.publisher.batches.Load(), Failed: f.publisher.failed.Load(),
		Batches: stats.batches.Load(), Events: stats.published.Load(), Read: stats.read.Load(), Gaps: stats.gaps.Load(),
		Wanted: wanted, Dropped: f.bus.dropped.Load(),
	}
}
