package httpapi

import (
	"context"
	"database/sql"
	"log/slog"
	"net/netip"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/mod/sumdb/tlog"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/merkle"
	"chainmail/transport/auth"
	"chainmail/transport/command"
	"chainmail/transport/limit"
	"chainmail/transport/login"
	"chainmail/transport/presence"
	"chainmail/transport/tracing"
)

// Config is what the API works with. Fields without a word on nil are needed.
type Config struct {
	Log       *eventstore.Log
	LogID     domain.ID
	View      command.View
	Commands  *command.Service
	Keys      *auth.Keys
	Projected Projections
	Tables    Tables
	Pushes    Pushes
	// Retell makes the frame of an event of a conversation as it is pushed to a user who may see it; with one receipt each,
	// however many take part. It returns nil for an event that makes none. The view includes the event.
	Retell   func(e domain.Event, user domain.ID) (frame []byte, err error)
	Tree     Tree
	Presence *presence.Tracker
	Sessions Sessions       // nil: sessions are not looked at
	Login    *login.Service // nil: tokens come from an outside issuer
	Limits   Limits
	// PublicURL is the server's origin as browsers see it; nil: that of the request.
	PublicURL *url.URL
	// TrustedProxies are those whose word for a client's address counts.
	TrustedProxies []netip.Prefix
	// Health says how the server is doing. It is asked for each GET /readyz, by one at a time.
	Health func(context.Context) Health
	// Origins are those of pages that may read answers (CORS), such as https://example.org; "*" is any, nil none.
	Origins []string
	Logger  *slog.Logger
	// AsyncAPI returns the description of the sockets, which is served at /asyncapi.json. It is called at most once.
	AsyncAPI func() []byte
	// Metrics takes the API's metrics.
	Metrics prometheus.Registerer
	// Gatherer is served at /metrics; nil serves nothing there.
	Gatherer prometheus.Gatherer
	// Figures are what GET /api/stats shows admins a part of, wherever /metrics is.
	Figures prometheus.Gatherer
	// Traces makes the spans of requests; nil: none.
	Traces *tracing.Tracer
	// Now is the clock.
	Now func() time.Time
}

// Projections are those whose tables are read here.
type Projections struct{ Messages, Notifications, Tasks Projected }

// Projected tells how far a projection is.
type Projected interface {
	// Position is one that the tables are known to include.
	Position() domain.Position
	// Wait returns nil once they include the position, an error at once when they cannot get there.
	Wait(ctx context.Context, position domain.Position) error
}

// Tables answers what this package should not have to know of the state tables.
type Tables interface {
	// SearchUsers finds active users by a part of their name, at least three characters, best first.
	SearchUsers(ctx context.Context, tx *sql.Tx, text string, limit int) ([]domain.ID, error)
	// Unread counts the others' messages to a user since he joined, not erased, not read, but not all of a backlog.
	// Conversations in which he takes no part now are left out.
	Unread(ctx context.Context, tx *sql.Tx, user domain.ID, conversations []domain.ID) (map[domain.ID]int, error)
}

// Pushes finds what a user has missed.
type Pushes interface {
	// CatchUp emits what a connected client of the user would have been pushed at after < position <= upTo, in order
	// of position and at the pace of emit, whose error ends the call and is returned.
	CatchUp(ctx context.Context, user domain.ID, after, upTo domain.Position,
		emit func(position domain.Position, origin domain.ID, frame []byte) error) error
}

// Tree is the log's Merkle tree. Sizes are at most that of the latest sealed tree.
type Tree interface {
	// Latest returns the newest sealed tree: its size, 0 while there is none, and the signed checkpoint.
	Latest(ctx context.Context) (size int64, checkpoint string, err error)
	// Tile returns the hashes of a tile that lies within the tree.
	Tile(ctx context.Context, tile tlog.Tile) ([]byte, error)
	// Inclusion proves that the leaf at an index is in the tree of a size (RFC 6962 §2.1.1).
	Inclusion(ctx context.Context, index, size int64) ([]merkle.Hash, error)
	// Consistency proves that the tree of size from, 1 or more, begins that of size to (RFC 6962 §2.1.2).
	Consistency(ctx context.Context, from, to int64) ([]merkle.Hash, error)
}

// Sessions knows which sessions have ended.
type Sessions interface {
	// Ended returns those of the given sessions that have ended or never were.
	Ended(ctx context.Context, sessions []domain.ID) ([]domain.ID, error)
}

// Limits are those of the sockets, so that a user has no more by using both. nil is no limit.
type Limits struct {
	Messages *limit.Limiter // sends
	Receipts *limit.Limiter // messages that are read, receiptsAtOnce of them weighing one, and notifications
	Notices  *limit.Limiter // what admins and services tell others: notifications, announcements
	Changes  *limit.Limiter // everything else that writes

	// These count by the client's address, and not by user.
	Nonces        *limit.Limiter
	Logins        *limit.Limiter // refreshes too
	Registrations *limit.Limiter
}

// Health is how the server is doing.
type Health struct {
	// Unready says why this server cannot append or push; empty while it can.
	Unready string
	// Degraded are the projections that stand still.
	Degraded []Degraded
}

// Degraded is a projection that stands still, and why.
type Degraded struct {
	Projection string `json:"projection" doc:"its name" example:"messages"`
	Reason     string `json:"reason" doc:"what it met" example:"event 17 cannot be read"`
}
