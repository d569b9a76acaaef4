package push

import (
	"slices"

	"chainmail/domain"
)

// largeAbove is how many participants a message may have before its sender gets counts.
const largeAbove = 50

// large reports whether the sender hears of the receipt in counts: whether more than largeAbove
// took part at the message's position. Where the view no longer knows that position, counts
// serve any conversation that was ever so large by the receipt's position.
func (r *router) large(c receipt, at domain.Position) bool {
	grown := false
	r.view.Read(func(s *domain.State) { grown = mayBeLarge(s.Conversation(c.conversation)) })
	if !grown {
		return false
	}
	ref, known := r.view.Message(c.message)
	large := false
	r.view.Read(func(s *domain.State) {
		conv := s.Conversation(c.conversation)
		if known {
			large = conv.SizeAt(ref.Position) > largeAbove
		} else {
			large = everLarge(conv, at)
		}
	})
	return large
}

// mayBeLarge is false for what can never have been large, which it knows at once.
func mayBeLarge(c *domain.Conversation) bool { return c != nil && len(c.Members()) > largeAbove }

// everLarge sweeps over the spans of membership and looks for a position up to at with more than largeAbove.
func everLarge(c *domain.Conversation, at domain.Position) bool {
	if c.SizeAt(at) > largeAbove {
		return true
	}
	type step struct {
		at domain.Position
		by int
	}
	steps := make([]step, 0, 2*len(c.Members()))
	for _, m := range c.Members() {
		if m.From > at {
			continue // nobody knew of it then
		}
		steps = append(steps, step{m.From, 1})
		if m.To > 0 {
			steps = append(steps, step{m.To + 1, -1})
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		if a.at != b.at {
			return int(a.at - b.at)
		}
		return a.by - b.by
	})
	size := 0
	for _, s := range steps {
		if size += s.by; size > largeAbove {
			return true
		}
	}
	return false
}
