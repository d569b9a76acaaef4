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
		dst = appendOthers(dst, s.Conversation(id), user)
	}
	peers := dst[start:]
	slices.SortFunc(peers, func(a, b domain.ID) int { return slices.Compare(a[:], b[:]) })
	peers = withoutBlocked(slices.Compact(peers), s, user)
	return dst[:start+len(peers)]
}

// AppendCompany appends those of the user's peers with whom he shares the conversation.
func AppendCompany(dst []domain.ID, s *domain.State, conversation, user domain.ID) []domain.ID {
	start := len(dst)
	dst = appendOthers(dst, s.Conversation(conversation), user)
	return dst[:start+len(withoutBlocked(dst[start:], s, user))]
}

// appendOthers appends the others in a conversation if it is one whose members are told of one another.
func appendOthers(dst []domain.ID, c *domain.Conversation, user domain.ID) []domain.ID {
	if c == nil || !c.Direct && c.Size() > largestGroup || !c.Has(user) {
		return dst
	}
	for _, m := range c.Members() {
		if m.To == 0 && m.User != user {
			dst = append(dst, m.User)
		}
	}
	return dst
}

func withoutBlocked(users []domain.ID, s *domain.State, user domain.ID) []domain.ID {
	return slices.DeleteFunc(users, func(other domain.ID) bool { return s.Blocked(user, other) })
}
