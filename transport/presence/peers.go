package presence

import (
	"slices"

	"chainmail/domain"
)

// largestGroup is how many may be in a group whose members are told of one another.
const largestGroup = 50

// AppendPeers appends those who may know whether the user is online, each once: who shares a direct
// conversation or a group of at most 50 with him now, unless one of the two blocks the other. It
// is symmetric: who is among a user's peers has the user among his.
func AppendPeers(dst []domain.ID, s *domain.State, user domain.ID) []domain.ID {
	start := len(dst)
	for _, id := range s.ConversationsOf(user) {
		c := s.Conversation(id)
		if !c.Direct && c.Size() > largestGroup || !c.Has(user) {
			continue
		}
		for _, m := range c.Members() {
			if m.To == 0 && m.User != user {
				dst = append(dst, m.User)
			}
		}
	}
	peers := dst[start:]
	slices.SortFunc(peers, func(a, b domain.ID) int { return slices.Compare(a[:], b[:]) })
	peers = slices.Compact(peers)
	peers = slices.DeleteFunc(peers, func(peer domain.ID) bool { return s.Blocked(user, peer) })
	return dst[:start+len(peers)]
}
