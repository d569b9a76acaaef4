package load

import (
	"context"
	"database/sql"
	"net/http"
	"time"
)

// meter reads what the server and its database have used so far.
type meter struct {
	ask        func(context.Context) (usage, error) // what the server has used; nil where it can't be told
	database   *sql.DB                              // nil where it can't be reached
	postmaster int                                  // 0 where it can't be told
	note       func(format string, args ...any)
}

// usage is what a process has used.
type usage struct {
	cpu      time.Duration
	resident int64 // bytes
}

// reading is what all had used at a time. What couldn't be told is nil.
type reading struct {
	at               time.Time
	server, postgres *time.Duration
	self             time.Duration
	wal, writes      *int64
	catchUp          *float64 // how long the projections needed before it
}

// newMeter finds out what can be told, and notes what can't.
func newMeter(ctx context.Context, c Config, client *http.Client, note func(string, ...any)) *meter {
	m := &meter{database: c.Database, note: note}
	pid, err := listener(c.URL)
	if err == nil {
		m.ask = func(context.Context) (usage, error) { return processUsage(pid) }
	} else {
		m.ask = func(ctx context.Context) (usage, error) { return scrape(ctx, client, c.MetricsURL) }
	}
	if _, failure := m.ask(ctx); failure != nil {
		note("the server's processor time and memory can't be told: %v; %v", err, failure)
		m.ask = nil
	}
	if m.database == nil {
		note("the database can't be reached from here: PostgreSQL's processor time, WAL and transactions can't be told")
		return m
	}
	if m.postmaster, err = postmaster(ctx, m.database); err != nil {
		note("PostgreSQL's processor time can't be told: %v", err)
	}
	return m
}

// server is what the server has used, nil where it can't be told.
func (m *meter) server(ctx context.Context) *usage {
	if m.ask == nil {
		return nil
	}
	u, err := m.ask(ctx)
	if err != nil {
		m.note("the server's processor time and memory can't be told: %v", err)
		return nil
	}
	return &u
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
		Generator: *perThousand(&r.self, &after.self),
		Share:     self.Seconds() / after.at.Sub(r.at).Seconds(),
		WALBytes:  perMessage(r.wal, after.wal),
		Writes:    perMessage(r.writes, after.writes),
		CatchUp:   after.catchUp,
	}
}
