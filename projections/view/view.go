// Package view keeps in memory what decisions and the routing of pushes rest on: the state folded
// from the log's deciding events, the latest messages, and where each conversation and everybody's notifications last moved.
//
// A view is true as of its [View.Position] and says so; it may be ahead of the state tables. It is
// filled once from the log's deciding events ([Load]) and then either kept true by one writer
// that follows the log ([View.Apply]) or brought up to date when asked ([View.Refresh]); never both.
// An event that does not fit is logged, counted and left out: a view never stops.
package view

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"chainmail/domain"
)

// recentMessages is how many of the latest messages a view remembers: about 13 MB when full.
const recentMessages = 1 << 17

// View is the memory. Its methods may be called at once from anywhere; see Apply and Refresh for who may write.
type View struct {
	log    Log
	logger *slog.Logger
	unfit  atomic.Int64

	mu       sync.RWMutex
	state    *domain.State                 // guarded by mu
	recent   recent                        // guarded by mu
	titles   map[domain.ID]string          // guarded by mu; conversations that have one
	activity map[domain.ID]domain.Position // guarded by mu; what has moved since loaded, by what its streams are about
	loaded   domain.Position               // guarded by mu; up to here only deciding events were read

	position atomic.Int64 // of state; stored after the state has it
	waiting  waiting
}

func newView(log Log, logger *slog.Logger) *View {
	return &View{
		log:      log,
		logger:   logger,
		state:    domain.NewState(),
		recent:   newRecent(recentMessages),
		titles:   make(map[domain.ID]string),
		activity: make(map[domain.ID]domain.Position),
	}
}

// Read calls f with the state, which f neither changes nor keeps. Writers wait meanwhile, so f is
// short; it calls no method of the view.
func (v *View) Read(f func(*domain.State)) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	f(v.state)
}

// Position is the last position that the view includes.
func (v *View) Position() domain.Position { return domain.Position(v.position.Load()) }

// Message returns a message if it is among the latest that were applied. A message that is not
// found may well exist: the state tables know.
func (v *View) Message(id domain.ID) (domain.MessageRef, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.recent.get(id)
}

// Title returns a conversation's title, empty for none.
func (v *View) Title(conversation domain.ID) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.titles[conversation]
}

// LastActivity tells where something last moved: the position of the last event in the streams of a conversation and
// its receipts, of a user's notifications, or, for the zero ID, of the announcements. When the view hasn't
// seen it move, known is false, and the position is the one that the last event is at or before.
func (v *View) LastActivity(about domain.ID) (at domain.Position, known bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if at, known = v.activity[about]; known {
		return at, true
	}
	return v.loaded, false
}

// Unfit counts the events that did not fit, or could not be read, since the view was made.
func (v *View) Unfit() int64 { return v.unfit.Load() }
