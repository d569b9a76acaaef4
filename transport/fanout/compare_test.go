package fanout_test

import (
	"fmt"
	"slices"

	"chainmail/domain"
)

// same checks that every connection of the nodes got what the plain node's did in that time.
func (w *world) same(nodes ...*node) (frames int) {
	w.t.Helper()
	head := w.log.Head()
	w.plain.await(head)
	whole := make(map[domain.ID]*connection)
	for _, c := range w.plain.ends() {
		whole[c.user] = c
	}
	for i, n := range nodes {
		for _, c := range n.ends() {
			got, want := w.between(c, c), w.between(whole[c.user], c)
			if !slices.Equal(got, want) {
				w.t.Errorf("node %d, user %s, after %d up to %d: got %d frames %v, want %d %v",
					i, c.user, c.from, c.until, len(got), places(c, c.from, c.until), len(want), places(whole[c.user], c.from, c.until))
			}
			frames += len(got)
		}
	}
	return frames
}

// between returns what came on a connection in the time of another.
func (w *world) between(c, time *connection) (frames []string) {
	for i, at := range c.at {
		switch {
		case at <= time.from || at > time.until:
		case w.erased[at]:
			frames = append(frames, fmt.Sprintf("the message at %d", at))
		default:
			frames = append(frames, c.got[i])
		}
	}
	return frames
}

func places(c *connection, from, until domain.Position) (list []domain.Position) {
	for _, at := range c.at {
		if at > from && at <= until {
			list = append(list, at)
		}
	}
	return list
}
