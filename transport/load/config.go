package load

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// The scenarios, in the order in which they run: a server's memory is told best before it had
// other work, and latency before the machine writes back what the closed loops left.
const (
	Idle     = "idle"
	Latency  = "latency"
	Sends    = "sends"
	Receipts = "receipts"
	Fanout   = "fanout"
)

// Scenarios lists all scenarios in the order in which they run.
func Scenarios() []string { return []string{Idle, Latency, Sends, Receipts, Fanout} }

// Config says what to load and how. All numbers are more than 0.
type Config struct {
	URLs        []string              // the servers of one log, http or https; one or more
	MetricsURLs []string              // the metrics of each; /metrics of URLs where empty
	Accounts    []Account             // at least as many as Needs says
	Database    *sql.DB               // the servers' database; nil where it can't be reached
	Redis       redis.UniversalClient // the servers' Redis; nil where there is none
	Scenarios   []string              // what to run; the order doesn't matter

	Pairs       int           // idle excepted, between how many pairs messages go
	Window      int           // messages in flight a sender, in closed loops
	Size        int           // bytes of a message's content
	Duration    time.Duration // how long each scenario sends
	Rate        int           // messages a second of Latency
	Members     int           // of the group of Fanout, the sender included
	FanoutRate  int           // messages a second of Fanout
	Connections int           // of Idle
	Settle      time.Duration // how long Idle waits before it looks at the memory

	// Progress hears how far things are, from the goroutine of Run, about ten times a second. May be nil.
	Progress func(Progress)
}

// Progress is how far a scenario is.
type Progress struct {
	Scenario, Stage string
	Fraction        float64 // of the stage, 0 to 1
}

// Needs returns how many accounts the chosen scenarios use.
func (c Config) Needs() int {
	need := map[string]int{
		Idle: c.Connections, Sends: 2 * c.Pairs, Receipts: 2 * c.Pairs, Latency: 2 * c.Pairs, Fanout: c.Members,
	}
	most := 0
	for _, name := range c.Scenarios {
		most = max(most, need[name])
	}
	return most
}

// Check says what is wrong with a configuration.
func (c Config) Check() error {
	if len(c.URLs) == 0 {
		return errors.New("no server was given")
	}
	for _, server := range c.URLs {
		u, err := url.Parse(server)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("%q is not the http or https URL of a server", server)
		}
	}
	if n := len(c.MetricsURLs); n > 0 && n != len(c.URLs) {
		return fmt.Errorf("%d addresses of metrics for %d servers", n, len(c.URLs))
	}
	for _, name := range c.Scenarios {
		if !slices.Contains(Scenarios(), name) {
			return fmt.Errorf("there is no scenario %q: choose from %v", name, Scenarios())
		}
	}
	if len(c.Scenarios) == 0 {
		return errors.New("no scenario was chosen")
	}
	least := min(c.Pairs, c.Window, c.Rate, c.FanoutRate, c.Connections)
	if least < 1 || c.Duration <= 0 || c.Settle <= 0 {
		return errors.New("pairs, window, rates, connections and durations must be more than 0")
	}
	if c.Size < minSize || c.Size > maxSize {
		return fmt.Errorf("a message of %d bytes: it takes %d to %d", c.Size, minSize, maxSize)
	}
	if c.Members < 3 || c.Members > maxMembers {
		return fmt.Errorf("a group of %d: it takes 3 to %d", c.Members, maxMembers)
	}
	return nil
}

// What the server allows.
const (
	maxSize    = 10_240
	maxMembers = 1_000
)
