package ws

import (
	"slices"
	"time"

	"chainmail/domain"
	"chainmail/transport/frame"
	"chainmail/transport/presence"
)

// tellPresence tells those who may know that a user has come or gone.
func (s *Server) tellPresence(user domain.ID, online bool, lastSeen time.Time) {
	s.signal(s.peers(user), &frame.Presence{UserID: user, Online: online, LastSeen: lastSeen})
}

// peers lists those who may know whether the user is online.
func (s *Server) peers(user domain.ID) (peers []domain.ID) {
	s.config.View.Read(func(state *domain.State) { peers = presence.AppendPeers(nil, state, user) })
	return peers
}

func (s *Server) online(user domain.ID) bool {
	online, _ := s.config.Presence.Online(user)
	return online
}

// greet tells a newcomer who of his peers is online.
func (c *conn) greet() {
	for _, peer := range c.server.peers(c.user) {
		if c.server.online(peer) {
			c.out.answer(&frame.Presence{UserID: peer, Online: true})
		}
	}
}

// Meet tells those who have come into a conversation, and those who take part, who of the others is online, as
// far as they may know.
func (s *Server) Meet(conversation domain.ID, newcomers []domain.ID) {
	for _, user := range newcomers {
		if !s.online(user) {
			continue
		}
		var company []domain.ID
		s.config.View.Read(func(state *domain.State) {
			company = presence.AppendCompany(nil, state, conversation, user)
		})
		s.signal(company, &frame.Presence{UserID: user, Online: true})
		for _, other := range company {
			if !slices.Contains(newcomers, other) && s.online(other) { // newcomers speak for themselves
				s.signal([]domain.ID{user}, &frame.Presence{UserID: other, Online: true})
			}
		}
	}
}

// Acquaint tells two users of each other, once a block between them has ended: what they saw before it may have changed unheard.
func (s *Server) Acquaint(one, other domain.ID) {
	if !slices.Contains(s.peers(one), other) { // the other blocks him too, or they share no conversation
		return
	}
	for _, pair := range [][2]domain.ID{{one, other}, {other, one}} {
		user, to := pair[0], pair[1]
		f := frame.Presence{UserID: user}
		online, lastSeen := s.config.Presence.Online(user)
		if f.Online = online; lastSeen != nil {
			f.LastSeen = *lastSeen
		}
		s.signal([]domain.ID{to}, &f)
	}
}
