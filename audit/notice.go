package audit

import "chainmail/domain"

// notice is the notification or announcement whose facts are looked at, in order of position. The zero value is that of
// no id.
type notice struct {
	id        domain.ID
	user      domain.ID       // who was told
	told      domain.Position // of the notification; 0 until it was created
	read      domain.Position // 0 until it was read
	announced domain.Position // of the announcement; 0 until it was made
}

func (n *notice) add(f *fact, all *findings) {
	if f.message != n.id {
		*n = notice{id: f.message}
	}
	switch f.kind {
	case factNotified:
		if n.told > 0 {
			all.add(f.position, KindRule, "a notification %s was created before, at %d", f.message, n.told)
			return
		}
		n.user, n.told = f.user, f.position
	case factNoticed:
		n.notice(f, all)
	case factAnnounced:
		if n.announced > 0 {
			all.add(f.position, KindRule, "an announcement %s was made before, at %d", f.message, n.announced)
			return
		}
		n.announced = f.position
	}
}

// notice looks at a NotificationRead.
func (n *notice) notice(f *fact, all *findings) {
	switch {
	case n.told == 0:
		all.add(f.position, KindRule, "notification %s is read, which was not created before", f.message)
	case f.user != n.user:
		all.add(f.position, KindRule, "notification %s is read by %s, to whom it was not sent", f.message, f.user)
	case n.read > 0:
		all.add(f.position, KindRule, "notification %s was read before, at %d", f.message, n.read)
	default:
		n.read = f.position
	}
}
