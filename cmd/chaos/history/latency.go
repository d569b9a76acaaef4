package history

import (
	"slices"
	"time"

	"chainmail/domain"
)

// Delivery is a message's way to one device.
type Delivery struct {
	Sent time.Duration // when the sender first sent it, since the run began
	Took time.Duration // until the device had it
}

// Deliveries returns the ways of all messages to all devices of others, in the order in which they were sent. A message that
// came more than once counts when it first came.
func Deliveries(l *Log, h *History) []Delivery {
	sent := make(map[command]time.Duration)
	for _, d := range h.Devices {
		for _, conn := range d.Connections {
			for i := range conn.Entries {
				e := &conn.Entries[i]
				key := command{d.User, e.ClientID}
				if at, known := sent[key]; e.Kind == Sent && (!known || e.At < at) {
					sent[key] = e.At
				}
			}
		}
	}
	var all []Delivery
	for _, d := range h.Devices {
		seen := make(map[domain.ID]bool)
		for _, conn := range d.Connections {
			for i := range conn.Entries {
				e := &conn.Entries[i]
				if e.Kind != Received || e.Type != "chat_message" || e.User == d.User || seen[e.Message] {
					continue
				}
				seen[e.Message] = true
				if m := l.messages[e.Message]; m != nil {
					if at, known := sent[command{m.user, m.clientID}]; known {
						all = append(all, Delivery{Sent: at, Took: e.At - at})
					}
				}
			}
		}
	}
	slices.SortFunc(all, func(a, b Delivery) int { return int(a.Sent - b.Sent) })
	return all
}

// Percentile returns how long the given part of the deliveries of messages sent from a time on until another took at most, and how many there
// were.
func Percentile(all []Delivery, part float64, from, to time.Duration) (took time.Duration, n int) {
	var some []time.Duration
	for _, d := range all {
		if d.Sent >= from && d.Sent < to {
			some = append(some, d.Took)
		}
	}
	if len(some) == 0 {
		return 0, 0
	}
	slices.Sort(some)
	return some[min(int(part*float64(len(some))), len(some)-1)], len(some)
}
