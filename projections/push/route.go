package push

import (
	"bytes"
	"slices"

	"chainmail/domain"
	"chainmail/projections/view"
)

// router makes the frames of events, for those among the rightful recipients who want them. It
// is used by one goroutine.
type router struct {
	view   *view.View
	live   Sink                              // gets the frames of all who are connected; nil while one user catches up
	gather func(domain.Event, receipt) error // gets the receipts that the sender hears of in counts

	only    domain.ID // the one user who is catching up
	emit    EmitFunc  // gets his frames
	watched Watched   // what he hears of besides

	users  []domain.ID // scratch
	listed []domain.ID // scratch
	buf    []byte      // scratch
}

// route makes the frames of one event. Types that nobody hears of make none.
func (r *router) route(e domain.Event, data domain.Data) error {
	switch d := data.(type) {
	case *domain.MessageSent:
		return r.message(e, d)
	case *domain.MessageDelivered, *domain.MessageRead:
		c, _ := receiptIn(d)
		return r.receipt(e, c)
	case *domain.ContentErased:
		if d.ConversationID == nil {
			return nil // a message that was blocked: nobody has it
		}
		users := r.present(*d.ConversationID, e.Position)
		if len(users) == 0 {
			return nil
		}
		r.buf = appendErased(r.buf[:0], e, d)
		return r.push(users, e.Position, domain.ID{})
	case *domain.ConversationStarted, *domain.ParticipantAdded, *domain.ParticipantLeft:
		c, _ := changeIn(r.view, d)
		return r.change(e, c)
	case *domain.NotificationCreated:
		if !r.wants(d.UserID) {
			return nil
		}
		r.buf = appendNotification(r.buf[:0], e, d)
		return r.push(append(r.users[:0], d.UserID), e.Position, domain.ID{})
	case *domain.NotificationRead:
		if !r.wants(d.UserID) {
			return nil
		}
		r.buf = appendNotificationRead(r.buf[:0], e, d)
		return r.push(append(r.users[:0], d.UserID), e.Position, domain.ID{})
	case *domain.TaskStatusChanged:
		return r.task(e, d)
	case *domain.AnnouncementMade:
		return r.announce(e, d)
	}
	return nil
}

func (r *router) message(e domain.Event, m *domain.MessageSent) error {
	users := r.present(m.ConversationID, e.Position)
	if own := slices.Index(users, m.SenderID); own >= 0 {
		r.buf = appendMessage(r.buf[:0], e, m, true)
		if err := r.push(users[own:own+1], e.Position, m.MessageID); err != nil {
			return err
		}
		users = slices.Delete(users, own, own+1)
	}
	if len(users) == 0 {
		return nil
	}
	r.buf = appendMessage(r.buf[:0], e, m, false)
	return r.push(users, e.Position, m.MessageID)
}

func (r *router) receipt(e domain.Event, c receipt) error {
	sender, reader := r.wants(c.sender), c.read && r.wants(c.user)
	if sender && r.large(c, e.Position) {
		if err := r.gather(e, c); err != nil {
			return err
		}
		sender = false
	}
	users := r.users[:0]
	if sender {
		users = append(users, c.sender)
	}
	if reader {
		users = append(users, c.user)
	}
	r.users = users
	if len(users) == 0 {
		return nil
	}
	var origin domain.ID
	if c.read {
		origin = domain.ID(domain.ReadKey(c.message, c.user))
	}
	r.buf = appendReceipt(r.buf[:0], e, c)
	return r.push(users, e.Position, origin)
}

// change tells of who takes part. Who leaves is told too.
func (r *router) change(e domain.Event, c change) error {
	users := r.present(c.conversation, e.Position)
	if len(users) == 0 {
		return nil
	}
	r.listed = c.appendParticipants(r.listed[:0], r.view, e.Position)
	c.participants = r.listed
	r.buf = appendChange(r.buf[:0], e, c)
	return r.push(users, e.Position, domain.ID{})
}

// task tells of a task's status, those whom it concerns and those who watch it or its project.
func (r *router) task(e domain.Event, d *domain.TaskStatusChanged) error {
	users := r.users[:0]
	for _, user := range [...]domain.ID{d.FreelancerID, d.AuthorID} {
		if r.wants(user) && !slices.Contains(users, user) {
			users = append(users, user)
		}
	}
	r.users = users
	watched := r.live == nil && r.watches(d, e.Position) || r.live != nil && r.live.Watched(d.TaskID, d.ProjectID)
	if len(users) == 0 && !watched {
		return nil
	}
	r.buf = appendTaskStatus(r.buf[:0], e, d)
	if r.live != nil {
		r.live.PushTask(users, d.TaskID, d.ProjectID, e.Position, bytes.Clone(r.buf))
		return nil
	}
	return r.push(users, e.Position, domain.ID{})
}

// announce tells everybody. Who was not registered yet cannot have heard it.
func (r *router) announce(e domain.Event, d *domain.AnnouncementMade) error {
	if r.live == nil {
		there := false
		r.view.Read(func(s *domain.State) {
			u := s.User(r.only)
			there = u != nil && u.Since < e.Position
		})
		if !there {
			return nil
		}
	}
	r.buf = appendAnnouncement(r.buf[:0], e, d)
	if r.live != nil {
		r.live.Broadcast(e.Position, bytes.Clone(r.buf))
		return nil
	}
	return r.push(nil, e.Position, domain.ID{})
}

// push hands on what is in buf, in a slice of its own since whoever gets it keeps it.
func (r *router) push(users []domain.ID, at domain.Position, origin domain.ID) error {
	frame := bytes.Clone(r.buf)
	if r.live != nil {
		r.live.Push(users, at, origin, frame)
		return nil
	}
	return r.emit(at, origin, frame)
}

// present lists those who were in the conversation at the position and want a frame. The list is
// good until the next call.
func (r *router) present(conversation domain.ID, at domain.Position) []domain.ID {
	users := r.users[:0]
	r.view.Read(func(s *domain.State) {
		conv := s.Conversation(conversation)
		switch {
		case conv == nil:
		case r.live != nil:
			users = conv.AppendPresent(users, at)
		case conv.Saw(r.only, at):
			users = append(users, r.only)
		}
	})
	if r.live != nil {
		users = slices.DeleteFunc(users, func(id domain.ID) bool { return !r.live.Connected(id) })
	}
	r.users = users
	return users
}

func (r *router) wants(user domain.ID) bool {
	if r.live != nil {
		return r.live.Connected(user)
	}
	return user == r.only
}
