package eventstore

import "chainmail/domain"

// maxVersions bounds how many streams' versions are remembered; beyond it all are forgotten.
const maxVersions = 1 << 16

// versions remembers the versions of streams that this process wrote to lately, so that the
// append need not look them up. They hold at one position of the log; when another process has
// appended since, they are forgotten. append_events uses them only if it finds the log there.
type versions struct {
	at     domain.Position
	latest map[domain.StreamID]domain.Version
}

// validAt forgets what does not hold at the position.
func (v *versions) validAt(position domain.Position) {
	if v.latest == nil || v.at != position || len(v.latest) > maxVersions {
		v.at = position
		v.latest = make(map[domain.StreamID]domain.Version)
	}
}

func (v *versions) of(stream domain.StreamID) (domain.Version, bool) {
	version, ok := v.latest[stream]
	return version, ok
}

// note takes in events that were appended right after the position that v holds at.
func (v *versions) note(events []domain.Event, head domain.Position) {
	for _, e := range events {
		v.latest[e.Stream] = e.Version
	}
	v.at = head
}
