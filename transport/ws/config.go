package ws

import (
	"context"
	"log/slog"
	"time"

	"chainmail/domain"
	"chainmail/eventstore"
	"chainmail/transport/auth"
	"chainmail/transport/cluster"
	"chainmail/transport/command"
	"chainmail/transport/frame"
	"chainmail/transport/presence"
)

// View is the state that routing rests on, kept true by the log.
type View interface {
	Read(func(*domain.State))
	Position() domain.Position
	// Wait returns when the view includes the position, or with the context's error.
	Wait(ctx context.Context, position domain.Position) error
}

// Pushes finds what a connection has missed. Frames come in order of position, at the pace of
// emit, whose error ends the call; the origin is as in [Server.Push].
type Pushes interface {
	// CatchUpWatching emits what a connected client of the user would have been pushed at after < position <= upTo, and
	// what happened to the tasks and projects that are watched, each after a position of its own.
	CatchUpWatching(ctx context.Context, user domain.ID, watched map[domain.ID]domain.Position, after, upTo domain.Position,
		emit func(position domain.Position, origin domain.ID, frame []byte) error) error
	// Undelivered emits the messages to the user up to a position that he has not acknowledged.
	Undelivered(ctx context.Context, user domain.ID, upTo domain.Position,
		emit func(position domain.Position, origin domain.ID, frame []byte) error) error
}

// Sessions knows which sessions have ended. It is asked at each connection, and every two seconds
// for all connections.
type Sessions interface {
	// Ended returns those of the given sessions that have ended or never were.
	Ended(ctx context.Context, sessions []domain.ID) ([]domain.ID, error)
}

// Interest hears what connections are about to need, and what they no longer do, so that pushes can be made of that alone. It may
// wait for a push that is going out: no lock is held when it is called.
type Interest interface {
	// Arrive comes before the user counts as connected, Leave after; once a connection each.
	Arrive(user domain.ID)
	Leave(user domain.ID)
	// Watch comes before a connection watches a task or project, Unwatch after; once a connection and channel each.
	Watch(channel frame.Channel)
	Unwatch(id domain.ID)
}

// Config is what a server needs. Fields without a word on nil are required.
type Config struct {
	Log      *eventstore.Log
	LogID    domain.ID
	View     View
	Commands *command.Service
	Keys     *auth.Keys
	Presence *presence.Tracker
	Sessions Sessions      // nil: sessions are not looked at
	Others   *cluster.Node // nil: there are no other servers. The server becomes a part of it, and shares Presence
	Interest Interest      // nil: nobody wants to know
	Logger   *slog.Logger

	// AllowedOrigins are those of pages that may connect, as scheme://host[:port], or "*". Empty: the
	// host that the request came to. Programs, which send no Origin, always may.
	AllowedOrigins []string
	// RateLimit is how many messages a user may send in 60 seconds; 0: any number, of receipts and typing too.
	RateLimit int

	// CaughtUp is told how long a connection took to get what it had missed, or a sync; nil: nobody is. Connections call it
	// concurrently.
	CaughtUp func(took time.Duration)

	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Ticks, once a quarter of a second, lets the server look at what time has brought; nil: a ticker.
	Ticks <-chan time.Time
}

// tick is how often what is due within seconds is looked at; every connection is once a second.
const (
	tick          = 250 * time.Millisecond
	ticksPerSweep = 4
)
