package ws

import (
	"maps"
	"slices"

	"chainmail/domain"
	"chainmail/transport/frame"
)

// maxWatched is how many tasks and projects a connection may have subscribed to.
const maxWatched = 1_000

// subscribe lets the connection watch a task or a project, or no longer watch it. The user must be allowed to see it.
func (c *conn) subscribe(f *frame.Frame) {
	defer c.spend()
	s, channel, off := c.server, f.Channel, f.Type == frame.Unsubscribe
	may := s.mayWatch(c.user, channel)
	if !may { // it may be news
		if err := s.catchUpView(); err != nil {
			c.failed(err, f.Ref, "")
			return
		}
		may = s.mayWatch(c.user, channel)
	}
	e := frame.Error{Field: "channel", Ref: f.Ref}
	switch {
	case !may:
		e.Code, e.Message = frame.Forbidden, "there is no such channel for you"
	case off:
		s.unwatch(c, channel.ID)
	case !s.watch(c, channel):
		e.Code, e.Message = frame.TooLarge, "you have subscribed to 1000 channels: unsubscribe from some first"
	}
	if e.Code != "" {
		c.out.answer(&e)
		return
	}
	c.out.answer(&frame.Subscribed{Ref: f.Ref, Channel: channel.Name, Off: off})
}

func (s *Server) mayWatch(user domain.ID, channel frame.Channel) (may bool) {
	s.config.View.Read(func(state *domain.State) {
		switch channel.Kind {
		case frame.TaskChannel:
			t := state.Task(channel.ID)
			may = t != nil && state.SeesTask(user, t)
		case frame.ProjectChannel:
			p := state.Project(channel.ID)
			may = p != nil && state.SeesTasks(user, p)
		}
	})
	return may
}

// watch lets a connection hear of a task or project from now on; false when it watches too many.
func (s *Server) watch(c *conn, channel frame.Channel) bool {
	s.interest().Watch(channel)
	added, watches := s.watchNow(c, channel.ID)
	if !added {
		s.interest().Unwatch(channel.ID)
	}
	return watches
}

// watchNow reports whether the connection watches from now on, and whether it does at all.
func (s *Server) watchNow(c *conn, id domain.ID) (added, watches bool) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, already := c.watched[id]; already {
		return false, true
	}
	if len(c.watched) == maxWatched {
		return false, false
	}
	if c.watched == nil {
		c.watched = make(map[domain.ID]domain.Position)
	}
	// Nothing is pushed while the hub is locked. The view may be ahead of the pushes: a little of what is before this
	// position may come too.
	c.watched[id] = s.config.View.Position()
	s.hub.watchers[id] = append(s.hub.watchers[id], c)
	return true, true
}

// unwatch takes a watch back, if there was one.
func (s *Server) unwatch(c *conn, id domain.ID) {
	if s.unwatchNow(c, id) {
		s.interest().Unwatch(id)
	}
}

// unwatchNow reports whether the connection watched.
func (s *Server) unwatchNow(c *conn, id domain.ID) bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	_, watches := c.watched[id]
	if watches {
		delete(c.watched, id)
		s.hub.forget(c, id)
	}
	return watches
}

// forget takes a connection from those that watch. The caller holds mu.
func (h *hub) forget(c *conn, id domain.ID) {
	left := slices.DeleteFunc(h.watchers[id], func(other *conn) bool { return other == c })
	if len(left) == 0 {
		delete(h.watchers, id)
	} else {
		h.watchers[id] = left
	}
}

// owed returns what the connection watches, each with the position after which it has not been told: that of its
// subscription, or of the last push that it got.
func (c *conn) owed(told domain.Position) map[domain.ID]domain.Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	watched := maps.Clone(c.watched)
	for id, from := range watched {
		watched[id] = max(from, told)
	}
	return watched
}

// Watched reports whether a connection watches the task or its project.
func (s *Server) Watched(task, project domain.ID) bool {
	s.hub.mu.RLock()
	defer s.hub.mu.RUnlock()
	return len(s.hub.watchers[task])+len(s.hub.watchers[project]) > 0
}

// PushTask is Push of what happens to a task. It also goes to the connections that watch the task or its project, once to each.
func (s *Server) PushTask(users []domain.ID, task, project domain.ID, position domain.Position, payload []byte) {
	h := &s.hub
	h.mu.RLock()
	for _, user := range users {
		h.push(h.users[user], position, domain.ID{}, payload)
	}
	for _, id := range [...]domain.ID{task, project} {
		for _, c := range h.watchers[id] {
			twice := slices.Contains(users, c.user) || id == project && slices.Contains(h.watchers[task], c)
			if !twice {
				h.push([]*conn{c}, position, domain.ID{}, payload)
			}
		}
	}
	h.mu.RUnlock()
	h.flushAt(position)
}

// Broadcast is Push to all connections of everybody.
func (s *Server) Broadcast(position domain.Position, payload []byte) {
	h := &s.hub
	h.mu.RLock()
	for _, conns := range h.users {
		h.push(conns, position, domain.ID{}, payload)
	}
	h.mu.RUnlock()
	h.flushAt(position)
}
