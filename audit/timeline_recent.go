package audit

import (
	"time"

	"chainmail/domain"
)

// maxRecent is of how many messages, and of how many notifications, a Timeline knows the position and time, the latest. A
// receipt of an older one names it by its id.
const maxRecent = 1 << 16

// moment is an event's place and time.
type moment struct {
	position domain.Position
	at       time.Time
}

// recent knows where the latest of something are.
type recent struct {
	limit  int // how many
	at     map[domain.ID]moment
	order  []domain.ID // the keys of at in a ring
	oldest int         // in order, once it is full
}

func (r *recent) add(id domain.ID, m moment) {
	if r.at == nil {
		r.at = make(map[domain.ID]moment)
	}
	if len(r.order) < r.limit {
		r.order = append(r.order, id)
	} else {
		delete(r.at, r.order[r.oldest])
		r.order[r.oldest] = id
		r.oldest = (r.oldest + 1) % r.limit
	}
	r.at[id] = m
}
