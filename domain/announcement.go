package domain

// MakeAnnouncement is the wish of an admin or a service that everybody learns something. ID is fresh.
type MakeAnnouncement struct {
	Actor          Actor
	ID             ID
	Title          string
	Message        string
	Salt           Salt
	IdempotencyKey string // empty for none
}

// Announce decides a MakeAnnouncement.
func (s *State) Announce(c MakeAnnouncement) (Decision, *Refusal) {
	if r := checkNotice(c.Title, c.Message); r != nil {
		return Decision{}, r
	}
	d, r := s.beginOnce(c.Actor, TypeAnnouncementMade, c.IdempotencyKey)
	if r != nil {
		return Decision{}, r
	}
	if !s.users[c.Actor.ID].Role.tells() {
		return Decision{}, refuse(Forbidden, "", "only an admin or a service makes announcements")
	}
	d.draft(AnnouncementStream, &AnnouncementMade{
		AnnouncementID: c.ID, AnnouncedBy: c.Actor.ID, IdempotencyKey: orNil(c.IdempotencyKey),
		Title: c.Title, Message: c.Message, Salt: c.Salt,
	})
	return *d, nil
}
