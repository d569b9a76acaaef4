package crowd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"chainmail/cmd/chaos/fleet"
	"chainmail/domain"
)

// Config says how many there are and what they do.
type Config struct {
	Devices int           // clients that behave; every fourth user has two
	Groups  int           // conversations of GroupSize
	Size    int           // participants of a group
	Pause   time.Duration // between two messages of a device, on average
	Fickle  bool          // whether people join, leave, block and erase, and devices forget where they were
	Rogues  bool          // whether there are clients that misbehave
	Seed    uint64
	// Where names the server that a new connection goes to, host:port; empty for none right now.
	Where func(r *rand.Rand) string
}

// Crowd is all clients. It is made, prepared, run and settled in this order.
type Crowd struct {
	config   Config
	began    time.Time
	accounts []fleet.Account
	devices  []*device
	groups   []group
	movers   []fleet.Account // who are added and removed, and block one another; they are the last users
	work     sync.WaitGroup
	stop     context.CancelFunc
	unknown  map[domain.ID]bool

	quiet   atomic.Bool  // nobody begins anything new
	acked   atomic.Int64 // messages that were acknowledged
	broken  atomic.Int64 // connections that ended without the client's doing
	refused atomic.Int64 // sends that were refused for now
	strange sync.Map     // what the HTTP API answered that it never may
}

// group is a conversation of several.
type group struct {
	id      domain.ID
	starter fleet.Account
	members []domain.ID
}

// Names returns the names of the accounts that a crowd of this size needs.
func (c Config) Names() []string {
	names := make([]string, c.users()+rogues)
	for i := range names {
		names[i] = fmt.Sprintf("Person %04d", i)
	}
	return names
}

// users is how many people there are for so many devices: every fourth has two.
func (c Config) users() int { return max(c.Devices*4/5, 4) }

// New makes a crowd of accounts, as many as there are names.
func New(config Config, accounts []fleet.Account, began time.Time) *Crowd {
	c := &Crowd{config: config, began: began, accounts: accounts, unknown: make(map[domain.ID]bool)}
	users := config.users()
	for n := range config.Devices {
		c.devices = append(c.devices, newDevice(c, n, accounts[n%users]))
	}
	if config.Fickle {
		c.movers = accounts[users-3 : users]
	}
	for _, a := range accounts[users:] {
		c.unknown[a.ID] = true
	}
	return c
}

// now is the time since the run began, on one clock for all.
func (c *Crowd) now() time.Duration { return time.Since(c.began) }

// Prepare makes the groups, and has each device know whom it writes to.
func (c *Crowd) Prepare(ctx context.Context) error {
	random := rand.New(rand.NewPCG(c.config.Seed, 1))
	people := c.accounts[:c.config.users()-len(c.movers)]
	for range c.config.Groups {
		order := random.Perm(len(people))[:min(c.config.Size, len(people))]
		g := group{starter: people[order[0]]}
		var others []domain.ID
		for _, n := range order[1:] {
			others = append(others, people[n].ID)
		}
		if c.config.Rogues && len(c.groups) == 0 {
			others = append(others, c.accounts[len(c.accounts)-rogues].ID) // who never reads gets something to read
		}
		g.members = append(others, g.starter.ID)
		var err error
		if g.id, err = c.startGroup(ctx, random, g.starter, others); err != nil {
			return err
		}
		c.groups = append(c.groups, g)
	}
	for _, d := range c.devices {
		d.prepare(random, people)
	}
	return nil
}

// Run has everybody connect and go on, until Settle.
func (c *Crowd) Run(ctx context.Context) {
	ctx, c.stop = context.WithCancel(ctx)
	for _, d := range c.devices {
		c.work.Go(func() { d.run(ctx) })
	}
	if c.config.Fickle {
		c.work.Go(func() { c.move(ctx) })
	}
	if c.config.Rogues {
		c.misbehave(ctx)
	}
}

// Acked is how many messages were acknowledged so far, Broken how many connections broke.
func (c *Crowd) Acked() int64 { return c.acked.Load() }

// Broken is how many connections ended without the client's doing.
func (c *Crowd) Broken() int64 { return c.broken.Load() }

// Refused is how many sends were refused for now, as unavailable or over a limit.
func (c *Crowd) Refused() int64 { return c.refused.Load() }

// Forget has everybody forget what came after a position, which was lost, and come back. No server may run meanwhile.
func (c *Crowd) Forget(kept domain.Position) {
	for _, d := range c.devices {
		d.forget(kept)
		d.rouse()
	}
}

// Connected is how many devices are connected and have caught up.
func (c *Crowd) Connected() (n int) {
	for _, d := range c.devices {
		if d.caughtUp() {
			n++
		}
	}
	return n
}

// Devices is how many clients behave.
func (c *Crowd) Devices() int { return len(c.devices) }

// Strange lists what the HTTP API answered that it never may.
func (c *Crowd) Strange() (all []string) {
	c.strange.Range(func(key, _ any) bool { all = append(all, key.(string)); return true })
	return all
}
