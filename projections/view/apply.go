package view

import (
	"log/slog"

	"chainmail/domain"
)

// Apply takes in the next events of the log, every one and in order; those at or before the
// view's position are taken as applied. It is called by one goroutine. When it returns, readers
// see the events and those who waited for them go on.
func (v *View) Apply(events []domain.Event) {
	if len(events) > 0 {
		v.ApplyThrough(events, events[len(events)-1].Position)
	}
}

// ApplyThrough is Apply of some of the events up to a position: every one that decides, and of the others those that matter to
// whoever is here. After events were left out, LastActivity knows no better than that anything may have moved up to the position.
func (v *View) ApplyThrough(events []domain.Event, through domain.Position) {
	v.mu.Lock()
	whole := through <= v.state.Position+domain.Position(len(events))
	if !whole {
		v.loaded = through
		clear(v.activity)
	}
	for _, e := range events {
		if e.Position <= v.state.Position {
			continue
		}
		v.decide(e)
		if about, ok := e.Stream.About(); ok && whole {
			v.activity[about] = e.Position
		}
		if e.Type == domain.TypeMessageSent {
			v.remember(e)
		}
	}
	v.state.Position = max(v.state.Position, through)
	v.mu.Unlock()
	v.reached()
}

// decide folds the event into the state. The caller holds mu.
func (v *View) decide(e domain.Event) {
	if !e.Type.Deciding() {
		v.state.Position = max(v.state.Position, e.Position)
		return
	}
	if data, err := domain.Decode(e); err == nil {
		e = e.WithData(data)
		if started, ok := data.(*domain.ConversationStarted); ok && started.Title != "" {
			v.titles[started.ConversationID] = started.Title
		}
	}
	if err := v.state.Apply(e); err != nil {
		v.reject(e, err)
	}
}

// remember keeps what later decisions need of a message. The caller holds mu.
func (v *View) remember(e domain.Event) {
	data, err := domain.Decode(e)
	m, ok := data.(*domain.MessageSent)
	if err != nil || !ok {
		v.reject(e, err)
		return
	}
	v.recent.add(domain.MessageRef{
		ID: m.MessageID, ConversationID: m.ConversationID, SenderID: m.SenderID, Position: e.Position,
	})
}

func (v *View) reject(e domain.Event, err error) {
	v.unfit.Add(1)
	v.logger.Error("an event does not fit the view and is left out",
		slog.Int64("position", int64(e.Position)), slog.String("type", string(e.Type)), slog.Any("error", err))
}
