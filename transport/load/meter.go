package load

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// meter reads what the servers, their database and their Redis have used so far.
type meter struct {
	servers    []ask                 // nil where it can't be told of one of them
	database   *sql.DB               // nil where it can't be reached
	postmaster int                   // 0 where it can't be told
	redis      redis.UniversalClient // nil where there is none
	note       func(format string, args ...any)
}

// ask returns what one server has used.
type ask func(context.Context) (usage, error)

// usage is what a process has used.
type usage struct {
	cpu      time.Duration
	resident int64 // bytes
}

// reading is what all had used at a time. What couldn't be told is nil.
type reading struct {
	at               time.Time
	server, postgres *time.Duration // server is all servers together
	redis            *time.Duration
	self             time.Duration
	wal, writes      *int64
	catchUp          *float64 // how long the projections needed before it
}

// newMeter finds out what can be told, and notes what can't.
func newMeter(ctx context.Context, c Config, client *http.Client, note func(string, ...any)) *meter {
	m := &meter{servers: servers(ctx, c, client, note), database: c.Database, redis: c.Redis, note: note}
	if m.database == nil {
		note("the database can't be reached from here: PostgreSQL's processor time, WAL and transactions can't be told")
		return m
	}
	var err error
	if m.postmaster, err = postmaster(ctx, m.database); err != nil {
		note("PostgreSQL's processor time can't be told: %v", err)
	}
	return m
}

// servers finds a way to ask each server, by its process or by its metrics; none where there is one that can't be asked.
func servers(ctx context.Context, c Config, client *http.Client, note func(string, ...any)) (all []ask) {
	seen := make(map[int]bool) // processes: one with several addresses counts once
	for i, server := range c.URLs {
		metrics := strings.TrimSuffix(server, "/") + "/metrics"
		if len(c.MetricsURLs) > 0 {
			metrics = c.MetricsURLs[i]
		}
		one := func(ctx context.Context) (usage, error) { return scrape(ctx, client, metrics) }
		pid, err := listener(server)
		if err == nil {
			if seen[pid] {
				continue
			}
			seen[pid] = true
			one = func(context.Context) (usage, error) { return processUsage(pid) }
		}
		if _, failure := one(ctx); failure != nil {
			note("the server's processor time and memory can't be told: %v; %v", err, failure)
			return nil
		}
		all = append(all, one)
	}
	return all
}

// server is what all servers have used, nil where it can't be told.
func (m *meter) server(ctx context.Context) *usage {
	if len(m.servers) == 0 {
		return nil
	}
	var all usage
	for _, one := range m.servers {
		u, err := one(ctx)
		if err != nil {
			m.note("the server's processor time and memory can't be told: %v", err)
			return nil
		}
		all.cpu += u.cpu
		all.resident += u.resident
	}
	return &all
}

func (m *meter) read(ctx context.Context) reading {
	r := reading{at: time.Now(), self: ownCPU()}
	if u := m.server(ctx); u != nil {
		r.server = &u.cpu
	}
	if m.postmaster != 0 {
		if cpu, err := treeCPU(m.postmaster); err == nil {
			r.postgres = &cpu
		} else {
			m.note("PostgreSQL's processor time can't be told: %v", err)
		}
	}
	if m.redis != nil {
		if cpu, err := redisCPU(ctx, m.redis); err == nil {
			r.redis = &cpu
		} else {
			m.note("Redis's processor time can't be told: %v", err)
		}
	}
	if m.database != nil {
		wal, writes, err := written(ctx, m.database)
		if err == nil {
			r.wal, r.writes = &wal, &writes
		} else {
			m.note("WAL and transactions can't be told: %v", err)
		}
	}
	return r
}

// cost is what was used between two readings for a number of units and messages.
func (r reading) cost(after reading, units, messages int64) Cost {
	if units == 0 || messages == 0 {
		return Cost{}
	}
	perThousand := func(a, b *time.Duration) *float64 {
		if a == nil || b == nil {
			return nil
		}
		v := (*b - *a).Seconds() * 1000 / float64(units)
		return &v
	}
	perMessage := func(a, b *int64) *float64 {
		if a == nil || b == nil {
			return nil
		}
		v := float64(*b-*a) / float64(messages)
		return &v
	}
	self := after.self - r.self
	return Cost{
		Server:    perThousand(r.server, after.server),
		Postgres:  perThousand(r.postgres, after.postgres),
		Redis:     perThousand(r.redis, after.redis),
		Generator: *perThousand(&r.self, &after.self),
		Share:     self.Seconds() / after.at.Sub(r.at).Seconds(),
		WALBytes:  perMessage(r.wal, after.wal),
		Writes:    perMessage(r.writes, after.writes),
		CatchUp:   after.catchUp,
	}
}
